"""Writes ``membership.bin`` from labels in any order, with one part of them in memory at a time.

The file itself is the scratch space: labels are dealt to where their part will stand, and each part is then sorted
in its place. The bytes depend on the set of labels alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from troth.errors import Place, ReleaseError
from troth.proof.membership import HASH_BYTES, LABEL_BYTES
from troth.release.membership.layout import LARGEST_BUCKET, LARGEST_PART, Layout, offset_bytes
from troth.release.membership.levels import Numbers, Rows, first_bits, upper_levels
from troth.release.membership.parts import (
    Spread,
    bucket_counts,
    bucket_hashes,
    buckets_of,
    first_disorder,
    one_by_one,
)

_AT_ONCE = 1 << 19
"""Labels dealt at a time."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One part to sort in its place and hash."""

    path: Path
    layout: Layout
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Hashed:
    """What was found of a part: the hash and the number of labels of each of its buckets."""

    number: int
    hashes: Rows
    counts: Numbers


def build(labels: Rows | Path, path: Path, each: Spread = one_by_one) -> bytes:
    """Write the membership file of a set of labels, durably; return the root.

    ``labels`` are rows of 32 bytes, or a file of nothing but labels, 32 bytes each, in any order. ``each`` spreads
    parts over processes. Raises `ReleaseError` where a label is there twice, where so many labels are alike in
    their first bits that they cannot be commitments, where ``path`` exists already, and where a file cannot be
    read or written; what was begun at ``path`` is gone then. Raises ``ValueError`` where rows are not of 32 bytes.
    """
    layout = Layout(_count(labels))
    try:
        path.open("xb").close()
    except OSError as problem:
        raise _unwritable(path, problem) from problem
    try:
        return _write(labels, path, layout, each)
    except BaseException as problem:
        path.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            raise _unwritable(path, problem) from problem
        raise


def _write(labels: Rows | Path, path: Path, layout: Layout, each: Spread) -> bytes:
    starts = _part_starts(labels, layout)
    _deal(labels, path, layout, starts)
    hashes = np.zeros((layout.buckets, HASH_BYTES), np.uint8)
    counts = np.zeros(layout.buckets, np.int64)
    tasks = (
        _Part(path, layout, number, start, end)
        for number, (start, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
    )
    for done in each(_sort_part, tasks):
        buckets = buckets_of(layout, done.number)
        hashes[buckets.start : buckets.stop] = done.hashes
        counts[buckets.start : buckets.stop] = done.counts
    levels = upper_levels(hashes, counts)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    with path.open("r+b") as file:
        file.write(layout.head())
        for level in levels:
            file.write(level.tobytes())
        file.write(offset_bytes(offsets))
        file.flush()
        os.fsync(file.fileno())
    return levels[0].tobytes()


def _part_starts(labels: Rows | Path, layout: Layout) -> Numbers:
    """How many labels are before each part, and in all."""
    counts = np.zeros(1 << layout.part_bits, np.int64)
    for chunk in _chunks(labels):
        counts += np.bincount(first_bits(chunk, layout.part_bits), minlength=len(counts))
    if counts.max() > LARGEST_PART:
        raise _crowded(layout.part_bits)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


def _deal(labels: Rows | Path, path: Path, layout: Layout, starts: Numbers) -> None:
    """Write every label into the place of its part."""
    free = starts[:-1].copy()
    with path.open("r+b", buffering=0) as file:
        file.truncate(layout.label_at(layout.count))
        for chunk in _chunks(labels):
            parts = first_bits(chunk, layout.part_bits)
            dealt = chunk[np.argsort(parts.astype(np.uint16), kind="stable")]
            counts = np.bincount(parts, minlength=len(free))
            ends = np.cumsum(counts)
            for part in np.flatnonzero(counts).tolist():
                rows = dealt[ends[part] - counts[part] : ends[part]]
                _write_all(file.fileno(), rows.tobytes(), layout.label_at(int(free[part])))
            free += counts
    if np.any(free != starts[1:]):
        raise ReleaseError("the labels changed while they were read", remedy="build the release again")


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    """All of it: one call of the system may write less."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written


def _sort_part(part: _Part) -> _Hashed:
    """Sort the labels of a part where they stand, and hash its buckets."""
    layout, count = part.layout, part.end - part.start
    with part.path.open("r+b") as file:
        file.seek(layout.label_at(part.start))
        labels = _sorted(np.fromfile(file, np.uint8, LABEL_BYTES * count).reshape(count, LABEL_BYTES))
        file.seek(layout.label_at(part.start))
        file.write(labels.tobytes())
    twice = first_disorder(labels)
    if twice is not None:
        what = f"the label {labels[twice].tobytes().hex()} is there twice"
        raise ReleaseError(what, remedy="give one label for each conversation of the release")
    counts = bucket_counts(layout, part.number, labels)
    if counts.max() > LARGEST_BUCKET:
        raise _crowded(layout.bits)
    return _Hashed(part.number, bucket_hashes(layout, labels, counts), counts)


def _sorted(labels: Rows) -> Rows:
    """In ascending order: by the first 8 bytes, and by all where these are not enough."""
    columns = np.ascontiguousarray(labels).view(">u8").astype(np.uint64)
    order = np.argsort(columns[:, 0])
    keys = columns[order, 0]
    if np.any(keys[1:] == keys[:-1]):
        order = np.lexsort(columns.T[::-1])
    return labels[order]


def _count(labels: Rows | Path) -> int:
    if not isinstance(labels, Path):
        if labels.ndim != 2 or labels.shape[1] != LABEL_BYTES or labels.dtype != np.uint8:
            raise ValueError("labels are rows of 32 bytes")
        return len(labels)
    try:
        size = labels.stat().st_size
    except OSError as problem:
        raise _no_labels(labels, f"cannot be read: {problem.strerror}") from problem
    if size % LABEL_BYTES:
        raise _no_labels(labels, f"has {size:,} bytes, and a label has {LABEL_BYTES}")
    return size // LABEL_BYTES


def _chunks(labels: Rows | Path) -> Iterator[Rows]:
    if not isinstance(labels, Path):
        for start in range(0, len(labels), _AT_ONCE):
            yield labels[start : start + _AT_ONCE]
        return
    with labels.open("rb") as file:
        while data := file.read(LABEL_BYTES * _AT_ONCE):
            yield np.frombuffer(data, np.uint8).reshape(-1, LABEL_BYTES)


def _crowded(bits: int) -> ReleaseError:
    what = f"so many labels share their first {bits} bits that they are not commitments"
    return ReleaseError(what, remedy="give the commitments of the conversations as labels")


def _no_labels(labels: Path, why: str) -> ReleaseError:
    remedy = "write the labels one after another, 32 bytes each"
    return ReleaseError(f"the file of labels {why}", place=Place(str(labels)), remedy=remedy)


def _unwritable(path: Path, problem: OSError) -> ReleaseError:
    what = f"the membership file cannot be written: {problem.strerror}"
    return ReleaseError(what, place=Place(str(path)), remedy="make room, or choose another folder")
