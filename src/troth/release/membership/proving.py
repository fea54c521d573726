"""Proofs out of ``membership.bin``: one bucket is hashed again, the rest of the path is read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from troth.errors import VerificationError
from troth.proof.membership import (
    DEEPEST,
    EMPTY,
    LABEL_BYTES,
    MembershipProof,
    check_excluded,
    check_included,
)
from troth.release.membership.layout import LARGEST_BUCKET, MembershipFile


@dataclass(frozen=True, slots=True)
class Proved:
    """Whether a label is in a tree, and the proof of that."""

    included: bool
    proof: MembershipProof


def prove(path: Path, label: bytes) -> Proved:
    """Whether a label is in the tree of this file, proved either way.

    The proof was checked against the root that stands in the file; compare that with the one in the signed manifest by
    checking the proof against it. Raises `ReleaseError` where the file cannot be read and `VerificationError`
    where it is damaged.
    """
    if len(label) != LABEL_BYTES:
        raise ValueError(f"a label has {LABEL_BYTES} bytes, not {len(label)}")
    with MembershipFile(path) as file:
        siblings, start, end = _above(file, label)
        depth, path_bits = len(siblings), int.from_bytes(label, "big")
        labels = _labels(file, depth, start, end, path_bits >> (DEEPEST - depth))
        alone = _within(labels, path_bits, siblings)
        included = alone == label
        proof = _proof(siblings, None if included else alone)
        check = check_included if included else check_excluded
        try:
            check(label, proof, file.node(0, 0))
        except VerificationError as problem:
            raise file.damaged(f"its own proof fails: {problem.what}") from problem
    return Proved(included, proof)


def contains(path: Path, label: bytes) -> bool:
    """Whether a label is in the tree of this file. The answer is proved before it is given; errors as `prove`."""
    return prove(path, label).included


def _above(file: MembershipFile, label: bytes) -> tuple[list[bytes], int, int]:
    """The siblings down to the bucket of a label, or to where at most one label is left; and which labels are."""
    bits, path = file.layout.bits, int.from_bytes(label, "big")
    siblings: list[bytes] = []
    start, end = 0, file.layout.count
    while len(siblings) < bits and end - start > 1:
        depth = len(siblings) + 1
        index = path >> (DEEPEST - depth)
        siblings.append(file.node(depth, index ^ 1))
        start, end = (file.offset((index + side) << (bits - depth)) for side in (0, 1))
    if not 0 <= start <= end <= file.layout.count:
        raise file.damaged("an offset points out of the labels")
    if end - start > LARGEST_BUCKET:
        raise file.damaged(f"a bucket holds {end - start:,} labels, more than commitments fill")
    return siblings, start, end


def _labels(file: MembershipFile, depth: int, start: int, end: int, path: int) -> list[int]:
    """The labels of a bucket as numbers. They must be ascending, and all under the same path."""
    data = file.labels(start, end).tobytes()
    labels = [int.from_bytes(data[at : at + LABEL_BYTES], "big") for at in range(0, len(data), LABEL_BYTES)]
    if any(after <= before for before, after in pairwise(labels)):
        raise file.damaged("the labels of a bucket are not in ascending order")
    if any(label >> (DEEPEST - depth) != path for label in (*labels[:1], *labels[-1:])):
        raise file.damaged("a label stands in a bucket that is not its own")
    return labels


def _within(labels: Sequence[int], path: int, siblings: list[bytes]) -> bytes | None:
    """Walk on through a bucket, adding to the siblings; return the one label that is left, or none."""
    low, high = 0, len(labels)
    while high - low > 1:
        depth = len(siblings)
        middle = _split(labels, low, high, depth)
        if path >> (DEEPEST - 1 - depth) & 1:
            siblings.append(_subtree(labels, low, middle, depth + 1))
            low = middle
        else:
            siblings.append(_subtree(labels, middle, high, depth + 1))
            high = middle
    return labels[low].to_bytes(LABEL_BYTES, "big") if high > low else None


def _subtree(labels: Sequence[int], low: int, high: int, depth: int) -> bytes:
    """The hash of the subtree of these neighbouring labels, which share their first ``depth`` bits."""
    if low == high:
        return EMPTY
    if high - low == 1:
        return sha256(b"\x00" + labels[low].to_bytes(LABEL_BYTES, "big")).digest()
    middle = _split(labels, low, high, depth)
    left, right = _subtree(labels, low, middle, depth + 1), _subtree(labels, middle, high, depth + 1)
    return sha256(b"\x01" + left + right).digest()


def _split(labels: Sequence[int], low: int, high: int, depth: int) -> int:
    """The first of these labels whose bit after the first ``depth`` bits is 1."""
    rest = DEEPEST - 1 - depth
    return bisect_left(labels, (labels[low] >> rest | 1) << rest, low, high)


def _proof(siblings: Sequence[bytes], terminal: bytes | None) -> MembershipProof:
    depth = len(siblings)
    bits = "".join("1" if sibling != EMPTY else "0" for sibling in siblings)
    size = (depth + 7) // 8
    present = int(bits.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")
    hashes = tuple(sibling for sibling in siblings if sibling != EMPTY)
    return MembershipProof(depth, present, hashes, terminal)
