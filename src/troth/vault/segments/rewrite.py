"""Living rows of segments, copied as they are into a new one. Nothing is opened, and nothing is sealed anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.errors import Place, VerificationError
from troth.vault.segments.cut import LARGEST_GROUP
from troth.vault.segments.files import SegmentFiles, digest_of
from troth.vault.segments.index import Segment
from troth.vault.segments.reader import UNREADABLE, words_of
from troth.vault.segments.schema import SEGMENT_SCHEMA

_REMEDY = (
    "put the segment back from a backup: segments are never changed. The others are compacted all the same"
)


@dataclass(slots=True)
class Copying:
    """What is copied of some segments, one after the other."""

    files: SegmentFiles
    counts: Counter[int] = field(default_factory=Counter)
    """How many rows of each slot were copied."""
    segment: Segment | None = None
    """The one that is read."""

    def rows(
        self, segment: Segment, places: Mapping[int, int], dead: Collection[int]
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a segment that are not of dead slots, a row group at a time.

        ``places`` tells how many rows of each slot the index has, the dead ones too. Raises `VerificationError` where the
        file is not the one that was written, or has other rows; what was given before is then not to be used.
        """
        place, self.segment = self.files.place(segment.number), segment
        try:
            with self.files.opened(segment.number) as file:
                if digest_of(file) != segment.digest:
                    raise _refused(place, "it is not the file that was written")
                yield from self._rows(file, place, places, dead)
        except UNREADABLE as problem:
            raise _refused(place, f"it cannot be read: {words_of(problem)}") from problem

    def _rows(
        self, raw: pa.NativeFile, place: str, places: Mapping[int, int], dead: Collection[int]
    ) -> Iterator[pa.RecordBatch]:
        gone = pa.array(sorted(dead), pa.int64())
        counts: Counter[int] = Counter()
        with pq.ParquetFile(raw, page_checksum_verification=True) as file:
            if not file.schema_arrow.equals(SEGMENT_SCHEMA):
                raise _refused(place, "it has not the columns of a segment")
            for group in range(file.num_row_groups):
                for batch in file.read_row_group(group).to_batches():
                    _count(counts, batch)
                    kept = batch.filter(pc.invert(pc.is_in(batch.column("slot"), gone)))
                    if kept.num_rows:
                        yield kept
        if counts != Counter(places):
            raise _refused(place, "its rows are not those that the index has")
        self.counts.update({slot: rows for slot, rows in counts.items() if slot not in dead})


def grouped(batches: Iterator[pa.RecordBatch], largest: int = LARGEST_GROUP) -> Iterator[pa.RecordBatch]:
    """The same rows in the same order, in row groups of about so many bytes: many small ones would be slow to read."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if held and size + batch.nbytes > largest:
            yield pa.concat_batches(held)
            held, size = [], 0
        held.append(batch)
        size += batch.nbytes
    if held:
        yield pa.concat_batches(held)


def _count(counts: Counter[int], batch: pa.RecordBatch) -> None:
    for told in pc.value_counts(batch.column("slot")).to_pylist():
        counts[told["values"]] += told["counts"]


def _refused(place: str, what: str) -> VerificationError:
    return VerificationError(what, place=Place(place), remedy=_REMEDY)
