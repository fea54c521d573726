"""Hashes of the membership tree, many at once: the structure in columns, the hashing level by level."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from troth.proof.membership import HASH_BYTES

Rows = npt.NDArray[np.uint8]
"""Labels or hashes, one in a row of 32 bytes."""
Numbers = npt.NDArray[np.int64]

_AT_ONCE = 1 << 14
"""Hashes computed before their Python objects are let go."""
_LEADING_ZEROS = np.array([8 - value.bit_length() for value in range(256)], np.int16)


def subtree_hashes(labels: Rows, bits: int) -> Rows:
    """The hash of each subtree at depth ``bits`` that has a leaf, in order.

    ``labels`` are ascending and each there once. Levels are done from the deepest: at each, a pair of neighbours
    becomes a node, and a subtree whose neighbour is empty becomes one with an empty side. A leaf alone stays.
    """
    count = len(labels)
    edges = _edges(labels, bits)
    hashes = _leaf_hashes(labels)
    first, last = np.arange(count), np.arange(count)
    raised = np.empty(0, np.int64)
    for depth in range(int(edges.max()), bits - 1, -1):
        right = np.flatnonzero(edges == depth)
        left = first[right - 1]
        ends = last[right]
        last[left], first[ends] = ends, left
        made = _nodes_at(depth, labels, hashes, (left, right, raised))
        nodes = np.concatenate((left, raised))
        hashes[nodes] = made
        above = np.maximum(edges[nodes], edges[last[nodes] + 1])
        raised = nodes[above < depth - 1]
    roots: Rows = hashes[np.flatnonzero(edges[:-1] < bits)]
    return roots


def upper_levels(hashes: Rows, counts: Numbers) -> list[Rows]:
    """Every level from the root down to the buckets, given the hash of each bucket and its number of leaves."""
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        counts = counts[::2] + counts[1::2]
        # With at most one leaf beneath, one side or both are zero, and what is there is carried up.
        level = below[::2] | below[1::2]
        several = np.flatnonzero(counts > 1)
        level[several] = _node_hashes(below[2 * several], below[2 * several + 1])
        levels.append(level)
    return levels[::-1]


def first_bits(labels: Rows, bits: int) -> Numbers:
    """The first ``bits`` bits of each label as a number; at most 56."""
    if len(labels) == 0:
        return np.empty(0, np.int64)
    numbers = np.ascontiguousarray(labels[:, :8]).view(">u8").ravel().astype(np.uint64)
    return (numbers >> np.uint64(8) >> np.uint64(56 - bits)).astype(np.int64)


def _edges(labels: Rows, bits: int) -> npt.NDArray[np.int16]:
    """How many first bits a label shares with the one before, and ``bits - 1`` where they part above that depth."""
    edges = np.full(len(labels) + 1, bits - 1, np.int16)
    differing = labels[1:] ^ labels[:-1]
    byte = np.argmax(differing != 0, axis=1)
    within = _LEADING_ZEROS[differing[np.arange(len(byte)), byte]]
    np.maximum(edges[1:-1], 8 * byte.astype(np.int16) + within, out=edges[1:-1])
    return edges


def _nodes_at(depth: int, labels: Rows, hashes: Rows, which: Sequence[Numbers]) -> Rows:
    """The hashes at one depth: first of the pairs, then of the subtrees that have an empty side."""
    left, right, raised = which
    alone = hashes[raised]
    is_right = ((labels[raised, depth >> 3] >> (7 - (depth & 7))) & 1).astype(bool)[:, None]
    lefts = np.concatenate((hashes[left], np.where(is_right, 0, alone)))
    rights = np.concatenate((hashes[right], np.where(is_right, alone, 0)))
    return _node_hashes(lefts, rights)


def _leaf_hashes(labels: Rows) -> Rows:
    return _hash_rows(np.zeros((len(labels), 1), np.uint8), labels)


def _node_hashes(left: Rows, right: Rows) -> Rows:
    return _hash_rows(np.ones((len(left), 1), np.uint8), left, right)


def _hash_rows(*columns: Rows) -> Rows:
    """SHA-256 of each row of the columns side by side."""
    count, width = len(columns[0]), sum(column.shape[1] for column in columns)
    hashes = np.empty((count, HASH_BYTES), np.uint8)
    for start in range(0, count, _AT_ONCE):
        data = np.hstack([column[start : start + _AT_ONCE] for column in columns]).tobytes()
        joined = b"".join([sha256(data[at : at + width]).digest() for at in range(0, len(data), width)])
        hashes[start : start + _AT_ONCE] = np.frombuffer(joined, np.uint8).reshape(-1, HASH_BYTES)
    return hashes
