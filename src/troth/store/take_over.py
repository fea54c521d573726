"""Everything of a plain store into an empty sealed one: what the ledger is made of stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import msgspec

from troth.errors import Place, StoreError
from troth.history.event import read_event
from troth.store.engine import Engine, Row
from troth.store.event_items import event_items
from troth.store.interface import EVENT_KINDS, Item
from troth.store.sealed_rows import SealedRows
from troth.store.sealers import Sealers
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

Rows = Callable[[str], Iterator[list[Row]]]
"""The rows of a query over the plain store, in batches; every call sees the same state of it."""

_BODY = "i.key, i.kind, i.payload, i.salt, i.commitment, i.account, i.conversation"
_LOGGED = f"SELECT e.idx, e.at, {_BODY} FROM entry e JOIN item i ON i.seq = e.seq ORDER BY e.idx"
_PENDING = f"SELECT NULL, NULL, {_BODY} FROM pending p JOIN item i ON i.seq = p.seq ORDER BY p.seq"
_TALKS = "SELECT number, name, account, salt, commitment FROM conversation ORDER BY number"
_AS_THEY_ARE = {
    "batch": "first, size, key",
    "lineage": "child, parent",
    "release": "manifest, folder, number",
    "head": "one, size, root, checkpoint, at",
}
_SAID = b'"record.said"'


@dataclass(frozen=True, slots=True)
class Sealed:
    """How much was sealed: events and acts, and conversations."""

    items: int
    conversations: int


def take_over(rows: Rows, target: Engine, keyring: Keyring, handles: Handles) -> Sealed:
    """Seal every row of a plain store into an empty one, with slots for all that is spoken of.

    Indexes, times, commitments and what is pending stay as they are. Raises `StoreError` where the plain store is not
    what it should be; then the target is to be thrown away.
    """
    form = SealedRows(Sealers(keyring, handles))
    items = 0
    for sql in (_LOGGED, _PENDING):
        for some in rows(sql):
            with target.writing():
                _take_items(some, items, target, form)
            items += len(some)
    talks = 0
    for some in rows(_TALKS):
        with target.writing():
            _take_talks(some, talks, target, form)
        talks += len(some)
    for table, columns in _AS_THEY_ARE.items():
        places = ", ".join("?" * len(columns.split(", ")))
        for some in rows(f"SELECT {columns} FROM {table}"):
            with target.writing():
                for row in some:
                    target.change(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)
    return Sealed(items, talks)


def _take_items(rows: Sequence[Row], first: int, target: Engine, form: SealedRows) -> None:
    given = [_item(row) for row in rows]
    if target.accept(form.items(given)) != len(rows):
        raise _damaged("two of its rows have one key")
    fresh = target.rows("SELECT seq FROM pending ORDER BY seq LIMIT ?", (len(rows),))
    seqs = [seq for (seq,) in fresh]
    numbered = zip(rows, seqs, strict=True)
    for at, group in groupby(numbered, key=lambda pair: pair[0][1]):
        if at is None:
            return
        together = list(group)
        if together[0][0][0] != first or not target.place([seq for _, seq in together], first, at):
            raise _damaged(f"its ledger has no row of index {first}")
        first += len(together)


def _item(row: Row) -> Item:
    _, _, key, kind, payload, salt, commitment, account, conversation = row
    item = Item(key, kind, payload, salt, commitment, _text(account), _text(conversation))
    if kind not in EVENT_KINDS or _SAID not in payload:
        return item
    event = read_event(msgspec.json.decode(payload)["event"], Place("the store"))
    (made,) = event_items([event], lambda _: [salt])
    return replace(item, also=made.also, bare=made.bare)


def _take_talks(rows: Sequence[Row], first: int, target: Engine, form: SealedRows) -> None:
    if [row[0] for row in rows] != list(range(first, first + len(rows))):
        raise _damaged(f"conversations are missing after number {first}")
    taken = [(name.decode(), _text(account)) for _, name, account, _, _ in rows]
    made = form.rows(first, taken, [row[3] for row in rows])
    target.add_conversations([(*one, row[4]) for one, row in zip(made, rows, strict=True)])


def _text(name: bytes | None) -> str | None:
    return None if name is None else name.decode()


def _damaged(what: str) -> StoreError:
    return StoreError(
        f"the store cannot be sealed: {what}", remedy="nothing was changed; restore it from a backup first"
    )
