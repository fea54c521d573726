"""Records of a conversation that stay when others of it go: sealed anew under another slot, before its own is destroyed.

The new segments are durable, and nobody reads them, until the old slot is destroyed; then they are switched to in one
transaction of the index. So at no time is a record read twice, and what stays is never only under a key that goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from troth.errors import VaultError
from troth.vault.sealing import Sealer
from troth.vault.segments.cut import cut
from troth.vault.segments.files import SegmentFiles, Written, segment_name
from troth.vault.segments.index import Index, Moving
from troth.vault.segments.writer import Sealing, write_segment

Marks = Callable[[pa.RecordBatch], list[bytes]]
"""The marks of records, under which the index knows them."""


@dataclass(frozen=True, slots=True)
class Move:
    """The slot of a conversation before and after."""

    old: int
    new: int


@dataclass(slots=True)
class Staging:
    """Seals records anew and stages them. Only who lets nobody else write may use it."""

    index: Index
    files: SegmentFiles
    marks: Marks
    sealers: Mapping[int, Sealer]
    """Of the new slots."""
    moves: Mapping[str, Move]
    """By conversation."""
    _rows: list[Moving] = field(default_factory=list)
    _segments: list[tuple[int, str, Written, Mapping[int, int]]] = field(default_factory=list)

    def stage(self, records: Iterator[pa.RecordBatch], staying: Collection[str]) -> None:
        """Stage those of some records that stay; all of it is durable when this returns, or nothing is staged.

        Raises `VaultError` where not every record that stays is there, and what reading the records raises.
        """
        wanted = pa.array(sorted(staying), pa.string())
        kept = (batch.filter(pc.is_in(batch.column("record"), wanted)) for batch in records)
        for piece in cut(batch for batch in kept if batch.num_rows):
            self._segment(piece)
        if len({row.mark for row in self._rows}) != len(staying):
            raise VaultError(
                f"{len(staying)} records are to stay, and {len(self._rows)} of them are stored",
                remedy="nothing was destroyed; do it again, and it is decided again",
            )
        self.index.stage(self._segments, self._rows)

    def _segment(self, piece: Sequence[pa.RecordBatch]) -> None:
        sealing = Sealing(self.sealers, {})
        rows = (
            sealing.seal(batch, self.marks(batch), [self.moves[name].new for name in _names(batch)])
            for batch in piece
        )
        number = self.index.reserve()
        written = self.files.write(number, lambda path: write_segment(path, rows))
        old = {move.new: move.old for move in self.moves.values()}
        self._rows += [Moving(row.mark, old[row.slot], row.slot, row.fingerprint) for row in sealing.rows]
        counts = Counter(row.slot for row in sealing.rows)
        self._segments.append((number, segment_name(number), written, counts))


def _names(batch: pa.RecordBatch) -> list[str]:
    found: list[str] = batch.column("conversation").to_pylist()
    return found
