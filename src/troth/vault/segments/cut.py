"""A stream of records cut into pieces, each of which fits into one segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from troth.vault.segments.schema import sizes

LARGEST_SEGMENT: Final = 64 << 20
"""Bytes of a segment, at most; a single record may need more, and then has one to itself."""
MOST_ROWS: Final = 131_072
"""Records of a segment, at most."""
LARGEST_GROUP: Final = 4 << 20
"""Bytes of a row group, at most: what a writer seals and a reader opens at a time, unless one record is larger."""


def cut(
    batches: Iterable[pa.RecordBatch], largest: int = LARGEST_SEGMENT, most: int = MOST_ROWS
) -> Iterator[list[pa.RecordBatch]]:
    """The same records in the same order, in pieces that fit into a segment however they are sealed.

    A piece is a list of row groups. One piece is held in memory at a time.
    """
    held: list[pa.RecordBatch] = []
    size = rows = 0
    for group, bytes_of_group in _groups(batches, min(largest, LARGEST_GROUP), most):
        if held and (size + bytes_of_group > largest or rows + group.num_rows > most):
            yield held
            held, size, rows = [], 0, 0
        held.append(group)
        size += bytes_of_group
        rows += group.num_rows
    if held:
        yield held


def _groups(
    batches: Iterable[pa.RecordBatch], largest: int, most: int
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Slices of the batches, each at most so large unless it is a single record, and their sizes."""
    for batch in batches:
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes(batch))])
        start = 0
        while start < batch.num_rows:
            fits = int(np.searchsorted(ends, ends[start] + largest, side="right")) - 1
            stop = min(max(fits, start + 1), start + most)
            yield batch.slice(start, stop - start), int(ends[stop] - ends[start])
            start = stop
