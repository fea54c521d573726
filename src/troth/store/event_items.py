"""Events of a history as items of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from troth.history.event import Event, event_bytes
from troth.proof.entry import commit
from troth.store.interface import Item, Salts

_ID = b"id\x00"
_WITHOUT_ID = b"event\x00"
_RECORD = b"record\x00"

_KINDS = {
    "choice.made": "choice",
    "terms.acknowledged": "choice",
    "conversation.deleted": "deletion",
    "record.deleted": "deletion",
    "account.closed": "deletion",
    "hold.placed": "hold",
    "hold.released": "hold",
}


def event_items(events: Sequence[Event], salts: Salts) -> list[Item]:
    """An item for each event, in the same order.

    The payload is the canonical JSON of ``{"event": …}`` with the event as the public format writes it. An event
    with an id is known again by the id, one without by its content; what is said of a record by the record.
    """
    return [_item(event, salt) for event, salt in zip(events, salts(len(events)), strict=True)]


def _item(event: Event, salt: bytes) -> Item:
    content = event_bytes(event)
    payload = b'{"event":%b}' % content
    known_by = _WITHOUT_ID + payload if event.id is None else _ID + event.id.encode()
    also, bare = (None, None) if event.event != "record.said" else _said(event, content)
    return Item(
        hashlib.sha256(known_by).digest(),
        _KINDS.get(event.event, "event"),
        payload,
        salt,
        commit(salt, payload),
        event.account,
        event.conversation,
        also,
        bare,
    )


def _said(event: Event, content: bytes) -> tuple[bytes, bytes]:
    """Of which record something is said, and the digest of it without the event's own id."""
    if event.id is not None:
        content = event_bytes(msgspec.structs.replace(event, id=None))
    return said_of(event.record or ""), hashlib.sha256(content).digest()


def bare_of(payload: bytes) -> bytes:
    """The ``bare`` of an event that says what a record is, from its payload."""
    event = msgspec.json.decode(payload)["event"]
    event.pop("id", None)
    return hashlib.sha256(_ENCODER.encode(event)).digest()


_ENCODER = msgspec.json.Encoder(order="deterministic")


def said_of(record: str) -> bytes:
    """What all events have as ``also`` that say what a record is."""
    return hashlib.sha256(_RECORD + record.encode()).digest()
