"""Records opened from segments, in bulk; what cannot be opened any more is left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.errors import VerificationError
from troth.types.record import DECIDING_COLUMNS
from troth.vault.sealing import Sealer
from troth.vault.segments.files import SegmentFiles, digest_of
from troth.vault.segments.index import Segment
from troth.vault.segments.readers import Hold
from troth.vault.segments.schema import (
    SEGMENT_SCHEMA,
    Content,
    contexts,
    opened_rows,
    plain_rows,
    read_content,
    values,
)

Keys = Callable[[Sequence[int]], Sequence[bytes | None]]
"""The keys of slots, in their order; None for one that was destroyed."""

UNREADABLE: Final = (OSError, ValueError, pa.ArrowException)
"""What a damaged Parquet file raises; ``ValueError`` for text that is not UTF-8."""
NAMED: Final = 5
"""Damaged pieces that an error names one by one."""
LISTED: Final = 1_000
"""Damaged pieces that a reading lists. All of them are counted."""
_SLOT: Final = SEGMENT_SCHEMA.get_field_index("slot")
_RESTORE: Final = "put the segment back from a backup: segments are never changed"


class Reading:
    """The records of some segments, opened while they are iterated over, once. To its end no file of theirs is removed.

    Whatever is damaged is passed over, so that the rest can be had; when all else was given, `VerificationError` is
    raised, naming it. Nobody who reads to the end takes damaged records for all there are.
    """

    def __init__(
        self,
        files: SegmentFiles,
        hold: Hold,
        segments: Sequence[Segment],
        keys: Keys,
        slots_of: Callable[[int], Collection[int]],
        rows_in: Callable[[int, Collection[int]], Mapping[int, int]],
        slots: Collection[int] | None = None,
        *,
        opens: bool = True,
    ) -> None:
        """Read with ``hold``, which was taken before the segments were listed.

        ``slots_of`` tells of which slots a segment has records, ``rows_in`` how many of some of them. ``slots`` are those
        that are wanted, None for all: of a segment only those row groups are read that have records of them.
        Without ``opens``, for all slots alone, only plain columns are read: what is sealed is null, and positions are 0.
        """
        self._files, self._hold = files, hold
        self._segments, self._keys, self._opens = segments, keys, opens
        self._slots_of, self._rows_in = slots_of, rows_in
        self._slots = None if slots is None else sorted(slots)
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

    def close(self) -> None:
        """End it here, and let go of what it holds. A second time it does nothing."""
        self._batches.close()
        self._hold.close()

    def _read(self) -> Generator[pa.RecordBatch, None, None]:
        try:
            for segment in self._segments:
                yield from self._readable(segment)
        finally:
            self._hold.close()
        if self.damage_count:
            named = "; ".join(self.damaged[:NAMED])
            more = self.damage_count - NAMED
            beyond = f"; and {more:,} more" if more > 0 else ""
            raise VerificationError(f"the vault is damaged: {named}{beyond}", remedy=_RESTORE)

    def _readable(self, segment: Segment) -> Iterator[pa.RecordBatch]:
        place = self._files.place(segment.number)
        try:
            with self._files.opened(segment.number) as file:
                if self._slots is not None:
                    yield from self._some(place, file, self._rows_in(segment.number, self._slots))
                else:
                    yield from self._segment(segment, place, file)
        except UNREADABLE as problem:
            self._damage(f"{place}: it cannot be read: {words_of(problem)}")

    def _damage(self, what: str) -> None:
        self.damage_count += 1
        if len(self.damaged) < LISTED:
            self.damaged.append(what)

    def _segment(self, segment: Segment, place: str, raw: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        if digest_of(raw) != segment.digest:
            self._damage(f"{place}: it is not the file that was written")
            if not self._opens:
                return  # only what is sealed beside them vouches for plain columns of a changed file
        own = pa.array(sorted(self._slots_of(segment.number)), pa.int64())
        with pq.ParquetFile(raw, page_checksum_verification=True) as file, pq.ParquetFile(raw) as damaged:
            if self._has_columns(place, file):
                for group in range(file.num_row_groups):
                    yield from self._group_or_what_is_left(place, file, damaged, group, own)

    def _some(self, place: str, raw: pa.NativeFile, rows: Mapping[int, int]) -> Iterator[pa.RecordBatch]:
        """The records of some slots, without reading the file whole: its digest is not compared.

        What is sealed in each row vouches for all of it, and the index for how many there are: none is left out in silence.
        """
        wanted, before = pa.array(sorted(rows), pa.int64()), (self.damage_count, self.opened + self.gone)
        with pq.ParquetFile(raw, page_checksum_verification=True) as file, pq.ParquetFile(raw) as damaged:
            if not self._has_columns(place, file):
                return
            for group in range(file.num_row_groups):
                if _may_have(file, group, wanted):
                    yield from self._group_or_what_is_left(place, file, damaged, group, wanted)
        read, told = self.opened + self.gone - before[1], sum(rows.values())
        if read != told and self.damage_count == before[0]:
            self._damage(
                f"{place}: {read} records of what was asked for, and not the {told} that the index has"
            )

    def _has_columns(self, place: str, file: pq.ParquetFile) -> bool:
        if file.schema_arrow.equals(SEGMENT_SCHEMA):
            return True
        self._damage(f"{place}: it has not the columns of a segment")
        return False

    def _group_or_what_is_left(
        self, place: str, file: pq.ParquetFile, damaged: pq.ParquetFile, group: int, own: pa.Array
    ) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._group(place, file, group, own)
        except UNREADABLE:
            yield from self._salvaged(place, damaged, group, own)

    def _salvaged(
        self, place: str, file: pq.ParquetFile, group: int, own: pa.Array
    ) -> Iterator[pa.RecordBatch]:
        """A row group of which a page is damaged: what is sealed tells of each record whether it is what it was."""
        try:
            yield from self._group(place, file, group, own)
        except UNREADABLE as problem:
            self._damage(f"{place}: row group {group} cannot be read: {words_of(problem)}")

    def _group(self, place: str, file: pq.ParquetFile, group: int, own: pa.Array) -> list[pa.RecordBatch]:
        """The records of a row group, whole: what cannot be read raises before any of them is given."""
        names = None if self._opens else [*DECIDING_COLUMNS, "slot"]
        found: list[pa.RecordBatch] = []
        for rows in file.read_row_group(group, names).to_batches():
            known = pc.is_in(rows.column("slot"), own)
            if self._slots is None and not pc.all(known).as_py():
                self._damage(f"{place}: row group {group} has records of slots that are not of the segment")
            found += self._rows(place, rows.filter(known))
        return found

    def _rows(self, place: str, rows: pa.RecordBatch) -> list[pa.RecordBatch]:
        if not rows.num_rows:
            return []
        wanted = sorted(pc.unique(rows.column("slot")).to_pylist())
        keys = dict(zip(wanted, self._keys(wanted), strict=True))
        living = {slot: key for slot, key in keys.items() if key is not None}
        return list(self._opened(place, rows, living) if self._opens else self._plain(rows, living))

    def _plain(self, rows: pa.RecordBatch, keys: Mapping[int, bytes]) -> Iterator[pa.RecordBatch]:
        kept = rows.filter(pc.is_in(rows.column("slot"), pa.array(list(keys), pa.int64())))
        self.gone += rows.num_rows - kept.num_rows
        self.opened += kept.num_rows
        if kept.num_rows:
            yield plain_rows(kept)

    def _opened(
        self, place: str, rows: pa.RecordBatch, keys: Mapping[int, bytes]
    ) -> Iterator[pa.RecordBatch]:
        slots = rows.column("slot").to_pylist()
        sealers = {slot: Sealer(key) for slot, key in keys.items()}
        kept: list[int] = []
        found: list[Content] = []
        sealed = zip(slots, contexts(rows), values(rows.column("sealed")), strict=True)
        for row, (slot, context, value) in enumerate(sealed):
            if slot not in sealers:
                self.gone += 1
                continue
            try:
                found.append(read_content(sealers[slot].open(context, value)))
                kept.append(row)
            except VerificationError as problem:
                record = rows.column("record")[row].as_py()
                self._damage(f"{place}: record {record!r}: {problem.what}")
        if kept:
            self.opened += len(kept)
            whole = rows if len(kept) == rows.num_rows else rows.take(pa.array(kept))
            yield opened_rows(whole, found)


def _may_have(file: pq.ParquetFile, group: int, slots: pa.Array) -> bool:
    """Whether a row group has records of some slots: by the least and the greatest that it tells of, then by its slots."""
    told = file.metadata.row_group(group).column(_SLOT).statistics
    if told is not None and told.has_min_max:
        within = pc.and_(pc.greater_equal(slots, told.min), pc.less_equal(slots, told.max))
        if not pc.any(within).as_py():
            return False
    return bool(pc.any(pc.is_in(file.read_row_group(group, ["slot"]).column("slot"), slots)).as_py())


def words_of(problem: Exception) -> str:
    """What an exception says, in one line."""
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
