"""Which slot each record belongs to, and which records are not to be stored: those of a key that is destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from troth.vault.sealing import Sealer
from troth.vault.segments.index import Index, Known

if TYPE_CHECKING:
    from troth.vault.handles import Handles
    from troth.vault.keys.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Marked:
    """Records with the marks under which the index knows them."""

    batch: pa.RecordBatch
    marks: Sequence[bytes]

    def only(self, wanted: Sequence[bool]) -> Marked:
        """Some of them, in the same order."""
        if all(wanted):
            return self
        marks = [mark for mark, is_wanted in zip(self.marks, wanted, strict=True) if is_wanted]
        return Marked(self.batch.filter(pa.array(wanted, pa.bool_())), marks)


@dataclass(frozen=True, slots=True)
class Part:
    """Records that may be stored, with the slots of their conversations."""

    batch: pa.RecordBatch
    marks: Sequence[bytes]
    slots: Sequence[int]


@dataclass(frozen=True, slots=True)
class Placed:
    """The records of a piece that may be stored, and what is needed to seal them."""

    parts: tuple[Part, ...]
    sealers: Mapping[int, Sealer]
    known: dict[bytes, Known]
    """Those that are stored already, by their marks."""
    gone: int
    """Records that may not be stored: what was erased does not come back with an old log."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What says where a record belongs."""

    index: Index
    handles: Handles
    keyring: Keyring

    def place(self, marked: Sequence[Marked]) -> Placed:
        """Find the slots of records, and make them for conversations that have none."""
        known = self.index.find({mark for one in marked for mark in one.marks})
        dead = self._dead({told.slot for told in known.values()})
        erased = {mark for mark, told in known.items() if told.slot in dead}
        living = [one.only([mark not in erased for mark in one.marks]) for one in marked]
        slots = self.handles.slots("conversation", _by_account(living), make=True)
        distinct = sorted({slot for slot in slots.values() if slot is not None})
        keys = dict(zip(distinct, self.keyring.keys(distinct), strict=True))
        sealers = {slot: Sealer(key) for slot, key in keys.items() if key is not None}
        parts = tuple(part for one in living for part in _parts(one, slots, sealers))
        count = sum(one.batch.num_rows for one in marked)
        return Placed(parts, sealers, known, count - sum(part.batch.num_rows for part in parts))

    def _dead(self, slots: set[int]) -> set[int]:
        """Those of some slots whose key is destroyed."""
        wanted = sorted(slots)
        keys = self.keyring.keys(wanted)
        return {slot for slot, key in zip(wanted, keys, strict=True) if key is None}


def _by_account(marked: Sequence[Marked]) -> list[str]:
    """The conversations of some records, those of one account side by side, so that they share few pages."""
    accounts: dict[str, str] = {}
    for one in marked:
        names = one.batch.column("conversation").to_pylist()
        for name, account in zip(names, one.batch.column("account").to_pylist(), strict=True):
            if name not in accounts or (account is not None and not accounts[name]):
                accounts[name] = account or ""
    return sorted(accounts, key=accounts.__getitem__)


def _parts(marked: Marked, slots: Mapping[str, int | None], sealers: Mapping[int, Sealer]) -> Iterator[Part]:
    """The records whose conversation has a living slot."""
    own = [slots[name] for name in marked.batch.column("conversation").to_pylist()]
    kept = marked.only([slot in sealers for slot in own])
    if kept.batch.num_rows:
        yield Part(kept.batch, kept.marks, [slot for slot in own if slot is not None and slot in sealers])
