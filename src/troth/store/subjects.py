"""Whom or what an event is about: under the key of that subject it is sealed."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from troth.errors import StoreError
from troth.store.interface import Item


class Subject(NamedTuple):
    """A kind of `troth.vault.handles.KINDS`, and a name."""

    kind: str
    name: str


class _Event(msgspec.Struct, frozen=True):
    organisation: str | None = None
    hold: str | None = None
    record: str | None = None


class _Payload(msgspec.Struct, frozen=True):
    event: _Event = msgspec.field(default_factory=_Event)


_DECODER = msgspec.json.Decoder(_Payload)


def subject_of(item: Item) -> Subject:
    """The conversation of an event, or else its account, organisation, hold or record: the first that it names.

    A hold names several conversations and accounts in its lists; it is about itself. Raises `StoreError` for an
    event that is about nothing, which the history does not know.
    """
    if item.conversation is not None:
        return Subject("conversation", item.conversation)
    if item.account is not None:
        return Subject("account", item.account)
    return other_subject(item)


def owner_of(item: Item) -> Subject | None:
    """Who or what stands in the account's place of a row; None for an event of a conversation without an account."""
    if item.account is not None:
        return Subject("account", item.account)
    return None if item.conversation is not None else other_subject(item)


def other_subject(item: Item) -> Subject:
    """The organisation, hold or record of an event that names neither a conversation nor an account."""
    told = _DECODER.decode(item.payload).event
    for kind, name in (("organisation", told.organisation), ("hold", told.hold), ("record", told.record)):
        if name is not None:
            return Subject(kind, name)
    raise StoreError(
        f"an event of the kind {item.kind!r} names nothing that it is about",
        remedy="name its conversation, account, organisation, hold or record",
    )
