"""Records opened from segments, in bulk; what cannot be opened any more is left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.errors import VerificationError
from troth.types.record import DECIDING_COLUMNS
from troth.vault.sealing import Sealer
from troth.vault.segments.files import digest_of, segment_path
from troth.vault.segments.index import Segment
from troth.vault.segments.schema import (
    NOTHING,
    SEGMENT_SCHEMA,
    Content,
    contexts,
    opened_rows,
    read_content,
    values,
)

Keys = Callable[[Sequence[int]], Sequence[bytes | None]]
"""The keys of slots, in their order; None for one that was destroyed."""

_UNREADABLE: Final = (OSError, ValueError, pa.ArrowException)
"""What a damaged Parquet file raises; ``ValueError`` for text that is not UTF-8."""
NAMED: Final = 5
"""Damaged pieces that an error names one by one."""
LISTED: Final = 1_000
"""Damaged pieces that a reading lists. All of them are counted."""
_RESTORE: Final = "put the segment back from a backup: segments are never changed"


class Reading:
    """The records of some segments, opened while they are iterated over, once.

    Whatever is damaged is passed over, so that the rest can be had; when all else was given, `VerificationError` is
    raised, naming it. Nobody who reads to the end takes damaged records for all there are.
    """

    def __init__(
        self,
        folder: Path,
        segments: Sequence[Segment],
        keys: Keys,
        slots_of: Callable[[int], Collection[int]],
        slots: Collection[int] | None = None,
        *,
        opens: bool = True,
    ) -> None:
        """``slots_of`` tells of which slots a segment has records; ``slots`` are those that are wanted, None for all.

        Without ``opens`` only the plain columns are read: what is sealed is null, and positions are 0.
        """
        self._folder, self._segments, self._keys, self._opens = folder, segments, keys, opens
        self._slots_of = slots_of
        self._slots = None if slots is None else pa.array(sorted(slots), pa.int64())
        self._batches = self._read()
        self.opened = 0
        """Records given so far."""
        self.gone = 0
        """Records passed over whose key is destroyed."""
        self.damaged: list[str] = []
        """What could not be read, in words: the first `LISTED` pieces."""
        self.damage_count = 0

    @property
    def stored(self) -> int:
        """Records of the segments, whether they can be opened or not."""
        return sum(segment.rows for segment in self._segments)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        """A batch of ``RECORD_SCHEMA``. Raises `VerificationError` after the last one where something was damaged."""
        return next(self._batches)

    def _read(self) -> Iterator[pa.RecordBatch]:
        for segment in self._segments:
            path = segment_path(self._folder, segment.number)
            try:
                yield from self._segment(segment, path)
            except _UNREADABLE as problem:
                self._damage(f"{path}: it cannot be read: {_words(problem)}")
        if self.damage_count:
            named = "; ".join(self.damaged[:NAMED])
            more = self.damage_count - NAMED
            beyond = f"; and {more:,} more" if more > 0 else ""
            raise VerificationError(f"the vault is damaged: {named}{beyond}", remedy=_RESTORE)

    def _damage(self, what: str) -> None:
        self.damage_count += 1
        if len(self.damaged) < LISTED:
            self.damaged.append(what)

    def _segment(self, segment: Segment, path: Path) -> Iterator[pa.RecordBatch]:
        if digest_of(path) != segment.digest:
            self._damage(f"{path}: it is not the file that was written")
            if not self._opens:
                return  # only what is sealed beside them vouches for plain columns of a changed file
        own = pa.array(sorted(self._slots_of(segment.number)), pa.int64())
        with pq.ParquetFile(path, page_checksum_verification=True) as file, pq.ParquetFile(path) as damaged:
            if not file.schema_arrow.equals(SEGMENT_SCHEMA):
                self._damage(f"{path}: it has not the columns of a segment")
                return
            for group in range(file.num_row_groups):
                try:
                    yield from self._group(path, file, group, own)
                except _UNREADABLE:
                    yield from self._salvaged(path, damaged, group, own)

    def _salvaged(
        self, path: Path, file: pq.ParquetFile, group: int, own: pa.Array
    ) -> Iterator[pa.RecordBatch]:
        """A row group of which a page is damaged: what is sealed tells of each record whether it is what it was."""
        try:
            yield from self._group(path, file, group, own)
        except _UNREADABLE as problem:
            self._damage(f"{path}: row group {group} cannot be read: {_words(problem)}")

    def _group(self, path: Path, file: pq.ParquetFile, group: int, own: pa.Array) -> list[pa.RecordBatch]:
        """The records of a row group, whole: what cannot be read raises before any of them is given."""
        names = None if self._opens else [*DECIDING_COLUMNS, "slot"]
        found: list[pa.RecordBatch] = []
        for rows in file.read_row_group(group, names).to_batches():
            known = pc.is_in(rows.column("slot"), own)
            if not pc.all(known).as_py():
                self._damage(f"{path}: row group {group} has records of slots that are not of the segment")
            wanted = (
                known if self._slots is None else pc.and_(known, pc.is_in(rows.column("slot"), self._slots))
            )
            found += self._rows(path, rows.filter(wanted))
        return found

    def _rows(self, path: Path, rows: pa.RecordBatch) -> list[pa.RecordBatch]:
        if not rows.num_rows:
            return []
        wanted = sorted(pc.unique(rows.column("slot")).to_pylist())
        keys = dict(zip(wanted, self._keys(wanted), strict=True))
        living = {slot: key for slot, key in keys.items() if key is not None}
        return list(self._opened(path, rows, living) if self._opens else self._plain(rows, living))

    def _plain(self, rows: pa.RecordBatch, keys: Mapping[int, bytes]) -> Iterator[pa.RecordBatch]:
        kept = rows.filter(pc.is_in(rows.column("slot"), pa.array(list(keys), pa.int64())))
        self.gone += rows.num_rows - kept.num_rows
        self.opened += kept.num_rows
        if kept.num_rows:
            yield opened_rows(kept, [NOTHING] * kept.num_rows)

    def _opened(
        self, path: Path, rows: pa.RecordBatch, keys: Mapping[int, bytes]
    ) -> Iterator[pa.RecordBatch]:
        slots = rows.column("slot").to_pylist()
        sealers = {slot: Sealer(key) for slot, key in keys.items()}
        kept: list[int] = []
        found: list[Content] = []
        sealed = zip(slots, contexts(rows), values(rows.column("sealed")), strict=True)
        for place, (slot, context, value) in enumerate(sealed):
            if slot not in sealers:
                self.gone += 1
                continue
            try:
                found.append(read_content(sealers[slot].open(context, value)))
                kept.append(place)
            except VerificationError as problem:
                record = rows.column("record")[place].as_py()
                self._damage(f"{path}: record {record!r}: {problem.what}")
        if kept:
            self.opened += len(kept)
            whole = rows if len(kept) == rows.num_rows else rows.take(pa.array(kept))
            yield opened_rows(whole, found)


def _words(problem: Exception) -> str:
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
