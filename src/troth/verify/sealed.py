"""Step 4 for a sealed release: slots and cells; with the workspace also what is in the cells.

Without a key it is checked that each conversation has one slot and one key of its own, so that one destruction ends
all of it and nothing else. Whether that key is the conversation's, and what a cell holds, takes the workspace.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from troth.errors import VerificationError
from troth.release.manifest import Release
from troth.release.sealed_rows import Opening, key_mark, open_rows, release_key
from troth.verify.marks import as_marks, repeated
from troth.verify.released import Content
from troth.verify.report import Notes, plural, shown
from troth.verify.statement import ASK


@dataclass(frozen=True, slots=True)
class Unlocking:
    """What a workspace has of the conversations in its releases."""

    slots: Callable[[Sequence[str]], Mapping[str, int]]
    """The slots of conversations; one that it does not know, or not any more, is left out."""
    keys: Callable[[Sequence[int]], Sequence[bytes | None]] = field(repr=False)
    """The keys of slots; None where one was destroyed."""


class SealedCheck:
    """Looks at the sealed side of rows, which come in the order of the release."""

    def __init__(self, manifest: Release, unlocking: Unlocking | None, notes: Notes) -> None:
        self._digest, self._unlocking, self._notes = manifest.inputs_digest, unlocking, notes
        self._last: tuple[str, int, bytes] | None = None
        self._slots: array[int] = array("q")
        self._marks = bytearray()
        self.opened = self.closed = 0
        """Rows that were opened, and rows that were not."""

    def rows(self, rows: pa.RecordBatch, file: str) -> Opening | None:
        """Check some rows. Gives those that open; None without a workspace."""
        columns = (rows.column(name).to_pylist() for name in ("conversation", "slot", "sealed", "record"))
        for conversation, slot, cell, record in zip(*columns, strict=True):
            self._cell(conversation, slot, cell, record, file)
        if self._unlocking is None:
            self.closed += rows.num_rows
            return None
        opening = open_rows(rows, self._keys(rows, self._unlocking, file), self._digest)
        records = rows.column("record")
        for refused in opening.refused:
            record = shown(records[refused.row].as_py())
            what = f"the sealed cell of the record {record} does not open: {refused.problem.what}"
            self._notes.found(file, what, ASK, kind="a sealed cell that does not open")
        self.opened += len(opening.places)
        self.closed += rows.num_rows - len(opening.places)
        return opening

    def again(self, rows: pa.RecordBatch) -> Content:
        """Open rows that were checked before once more."""
        keys: dict[int, bytes] = {}
        if self._unlocking is not None:
            told = dict(_slots_of(rows))
            keys = self._own_keys(told, self._unlocking.slots(list(told)), self._unlocking)
        opening = open_rows(rows, keys, self._digest)
        return Content(opening.rows, opening.places)

    def finish(self) -> None:
        """Look for slots and keys that stand for two conversations, and say what was and was not opened."""
        slots = np.frombuffer(self._slots.tobytes(), np.int64)
        shared = len(slots) - len(np.unique(slots))
        if shared or len(repeated(as_marks(self._marks))):
            what = "two conversations are sealed under one slot or one key: erasing one would not end with it"
            self._notes.found("shards", what, ASK)
        if self.opened:
            self._notes.checked(
                f"{plural(self.opened, 'row')} opened, each under the key of its conversation"
            )
        if self.closed:
            why = (
                "they are sealed" if self._unlocking is None else "they are erased, or not of this workspace"
            )
            self._notes.not_checked(f"texts and media of {plural(self.closed, 'row')}: {why}")

    def _cell(self, conversation: str, slot: int, cell: bytes, record: str, file: str) -> None:
        try:
            mark = key_mark(cell)
        except VerificationError as problem:
            what = f"the sealed cell of the record {shown(record)}: {problem.what}"
            self._notes.found(file, what, ASK, kind="a sealed cell of another form")
            return
        if self._last is not None and self._last[0] == conversation:
            if self._last[1:] != (slot, mark):
                what = f"the conversation {shown(conversation)} is sealed under more than one slot or key"
                self._notes.found(file, what, ASK, kind="a conversation with two keys")
            return
        if slot < 1:
            what = (
                f"the conversation {shown(conversation)} has the slot {slot}, which no conversation can have"
            )
            self._notes.found(file, what, ASK, kind="a slot that cannot be")
        self._last = (conversation, slot, mark)
        self._slots.append(slot)
        self._marks += mark

    def _keys(self, rows: pa.RecordBatch, unlocking: Unlocking, file: str) -> dict[int, bytes]:
        """The keys of some rows. A slot that is another conversation's is a finding."""
        told = dict(_slots_of(rows))
        known = unlocking.slots(list(told))
        for conversation, slot in told.items():
            if known.get(conversation, slot) != slot:
                what = f"the conversation {shown(conversation)} is sealed under a slot that is not its own"
                self._notes.found(file, what, ASK, kind="a slot of another conversation")
        return self._own_keys(told, known, unlocking)

    def _own_keys(
        self, told: Mapping[str, int], known: Mapping[str, int], unlocking: Unlocking
    ) -> dict[int, bytes]:
        """The release's keys, by slot, of the conversations whose slot is the workspace's."""
        own = [slot for conversation, slot in told.items() if known.get(conversation) == slot]
        found = zip(own, unlocking.keys(own), strict=True)
        return {slot: release_key(key, self._digest) for slot, key in found if key is not None}


def _slots_of(rows: pa.RecordBatch) -> Iterator[tuple[str, int]]:
    columns = (rows.column(name).to_pylist() for name in ("conversation", "slot"))
    return zip(*columns, strict=True)
