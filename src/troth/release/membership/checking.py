"""Checks a whole ``membership.bin``: every order, offset and hash in it is computed again from its labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from troth.proof.membership import HASH_BYTES
from troth.release.membership.layout import LARGEST_BUCKET, LARGEST_PART, MembershipFile
from troth.release.membership.levels import Numbers, Rows, upper_levels
from troth.release.membership.parts import (
    Spread,
    bucket_counts,
    bucket_hashes,
    buckets_of,
    first_disorder,
    one_by_one,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part to check: which labels, and how many of them the offsets give to each bucket."""

    path: Path
    number: int
    start: int
    counts: Numbers


def check_file(path: Path, each: Spread = one_by_one) -> bytes:
    """The root of the labels in the file, computed from them alone. Compare it with the one in the signed manifest.

    One part of the labels is in memory at a time; ``each`` spreads parts over processes. Raises
    `VerificationError` naming the first thing in the file that does not follow from its labels, and
    `ReleaseError` where it cannot be read.
    """
    with MembershipFile(path) as file:
        layout, counts = file.layout, _counts(file)
        hashes = np.zeros((layout.buckets, HASH_BYTES), np.uint8)
        for part, computed in enumerate(each(_check_part, _parts(path, file, counts))):
            buckets = buckets_of(layout, part)
            hashes[buckets.start : buckets.stop] = computed
        for depth, level in reversed(list(enumerate(upper_levels(hashes, counts)))):
            _check_level(file, depth, level)
    return level.tobytes()


def _counts(file: MembershipFile) -> Numbers:
    """How many labels each bucket has, by the offsets."""
    layout, offsets = file.layout, file.offsets()
    if offsets[0] != 0 or offsets[-1] != layout.count or np.any(offsets[1:] < offsets[:-1]):
        raise file.damaged("its offsets do not run from zero to the number of labels")
    counts = (offsets[1:] - offsets[:-1]).astype(np.int64)
    parts = counts.reshape(1 << layout.part_bits, -1).sum(axis=1)
    if counts.max() > LARGEST_BUCKET or parts.max() > LARGEST_PART:
        raise file.damaged("a bucket holds more labels than commitments fill")
    return counts


def _parts(path: Path, file: MembershipFile, counts: Numbers) -> Iterator[_Part]:
    start = 0
    for number in range(1 << file.layout.part_bits):
        buckets = buckets_of(file.layout, number)
        each = counts[buckets.start : buckets.stop]
        yield _Part(path, number, start, each)
        start += int(each.sum())


def _check_part(part: _Part) -> Rows:
    """The hash of each bucket of a part whose labels are in order and in their buckets."""
    with MembershipFile(part.path) as file:
        labels = file.labels(part.start, part.start + int(part.counts.sum()))
        row = first_disorder(labels)
        if row is not None:
            raise file.damaged(f"label {part.start + row:,} is not greater than the one before")
        wrong = np.flatnonzero(bucket_counts(file.layout, part.number, labels) != part.counts)
        if len(wrong):
            bucket = buckets_of(file.layout, part.number)[int(wrong[0])]
            raise file.damaged(f"the offsets give bucket {bucket:,} other labels than their bits do")
        return bucket_hashes(file.layout, labels, part.counts)


def _check_level(file: MembershipFile, depth: int, level: Rows) -> None:
    stored = file.level(depth, 0, len(level))
    wrong = np.flatnonzero((stored != level).any(axis=1))
    if len(wrong):
        raise file.damaged(
            f"the hash of subtree {int(wrong[0]):,} at depth {depth} is not that of its labels"
        )
