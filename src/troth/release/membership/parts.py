"""One part of the tree: as many neighbouring buckets as are held in memory at once, hashed or hashed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np

from troth.proof.membership import HASH_BYTES
from troth.release.membership.layout import Layout
from troth.release.membership.levels import Numbers, Rows, first_bits, subtree_hashes

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Spread(Protocol):
    """Answers tasks in their order, in this process or in several."""

    def __call__(self, work: Callable[[Task], Answer], tasks: Iterable[Task], /) -> Iterator[Answer]:
        """The answer to each task."""


def one_by_one(work: Callable[[Task], Answer], tasks: Iterable[Task], /) -> Iterator[Answer]:
    """Everything in this process."""
    return (work(task) for task in tasks)


def first_disorder(labels: Rows) -> int | None:
    """The place of the first label that is not greater than the one before; ``None`` where all are."""
    columns = np.ascontiguousarray(labels).view(">u8").astype(np.uint64)
    doubtful = np.flatnonzero(columns[1:, 0] <= columns[:-1, 0]) + 1
    for row in doubtful.tolist():
        if columns[row].tolist() <= columns[row - 1].tolist():
            return int(row)
    return None


def buckets_of(layout: Layout, part: int) -> range:
    """The numbers of the buckets of a part."""
    each = 1 << (layout.bits - layout.part_bits)
    return range(part * each, (part + 1) * each)


def bucket_counts(layout: Layout, part: int, labels: Rows) -> Numbers:
    """How many labels fall into each bucket of a part, from its labels in ascending order."""
    buckets = buckets_of(layout, part)
    ends = np.searchsorted(first_bits(labels, layout.bits), np.arange(buckets.start, buckets.stop + 1))
    return np.diff(ends)


def bucket_hashes(layout: Layout, labels: Rows, counts: Numbers) -> Rows:
    """The hash of each bucket of a part, from its labels in ascending order and how many are in each bucket."""
    hashes = np.zeros((len(counts), HASH_BYTES), np.uint8)
    if len(labels):
        hashes[counts > 0] = subtree_hashes(labels, layout.bits)
    return hashes
