"""Sketches of conversations: an exact digest of the words, and a MinHash signature of their shingles."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import rensa

from troth.release.manifest import Near

SHINGLE = 5
PERMUTATIONS = 128
BANDS = 16
ROWS = PERMUTATIONS // BANDS
THRESHOLD = 0.8
SEED = 1
"""Of MinHash; a constant of the format, so that what is a duplicate does not depend on a build's seed."""

NEAR = Near(
    method=f"R-MinHash {rensa.RMinHash.ALGORITHM_VERSION}, LSH",
    shingle=SHINGLE,
    permutations=PERMUTATIONS,
    bands=BANDS,
    rows=ROWS,
    seed=SEED,
    threshold=THRESHOLD,
)

Signatures = npt.NDArray[np.uint32]
_U64 = npt.NDArray[np.uint64]
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xFF51AFD7ED558CCD],
    np.uint64,
)


@dataclass(frozen=True, slots=True)
class Sketches:
    """One entry for each conversation."""

    exact: list[bytes | None]
    """SHA-256 of its words with a space between; None where it has none."""
    signatures: Signatures
    """One row for each conversation; zeros where it has no words."""

    def bands(self) -> _U64:
        """One row for each conversation, one 64-bit value for each band."""
        grouped = self.signatures.astype(np.uint64).reshape(-1, BANDS, ROWS)
        value = np.zeros(grouped.shape[:2], np.uint64)
        for row in range(ROWS):
            value = _mixed(value ^ grouped[:, :, row])
        return value


def sketch(words: pa.Array, counts: npt.NDArray[np.int64]) -> Sketches:
    """Sketch conversations: their words in a row, and how many of them each has."""
    ends = np.cumsum(counts)
    offsets = np.concatenate([[0], ends])
    texts = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words), " ")
    sha256 = hashlib.sha256
    exact = [
        sha256(text.encode()).digest() if count else None
        for text, count in zip(texts.to_pylist(), counts.tolist(), strict=True)
    ]
    hashes, shingles = _shingles(_word_hashes(words), offsets)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(hashes, shingles, PERMUTATIONS, SEED)
    signatures = np.array(matrix.to_rows(), np.uint32).reshape(-1, PERMUTATIONS)
    signatures[counts == 0] = 0
    return Sketches(exact, signatures)


def _word_hashes(words: pa.Array) -> _U64:
    """64 bits of BLAKE2b of each word; each distinct word is hashed once."""
    coded = words.dictionary_encode()
    blake2b = hashlib.blake2b
    hashed = b"".join(blake2b(word.encode(), digest_size=8).digest() for word in coded.dictionary.to_pylist())
    found: _U64 = np.frombuffer(hashed, "<u8")[coded.indices.to_numpy()]
    return found


def _shingles(words: _U64, offsets: npt.NDArray[np.int64]) -> tuple[_U64, npt.NDArray[np.int64]]:
    """The shingles of all conversations in a row, and the offset at which each conversation's begin.

    A shingle is `SHINGLE` words in a row; a conversation of fewer words is one shingle of all of them.
    """
    starts, ends = offsets[:-1], offsets[1:]
    lengths = ends - starts
    counts = np.where(lengths == 0, 0, np.maximum(lengths - SHINGLE + 1, 1))
    owner = np.repeat(np.arange(len(lengths)), counts)
    shingle_offsets = np.concatenate([[0], np.cumsum(counts)])
    first = np.arange(len(owner)) - shingle_offsets[owner] + starts[owner]
    padded = np.concatenate([words, np.zeros(SHINGLE, np.uint64)])
    value = np.zeros(len(owner), np.uint64)
    for step in range(SHINGLE):
        inside = first + step < ends[owner]
        value += np.where(inside, padded[first + step] * _FACTORS[step], np.uint64(0))
    return _mixed(value), shingle_offsets


def _mixed(value: _U64) -> _U64:
    """The finaliser of SplitMix64: every bit of the value reaches every bit of the result."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: _U64 = value ^ (value >> np.uint64(31))
    return mixed
