"""Cuts texts into words: runs of letters and digits, single ideographs, runs of one symbol, ends of lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.names.letters import (
    CASELESS,
    DIGIT,
    LINE,
    LOWER,
    SPACE,
    SYMBOL,
    UPPER,
    Codes,
)

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

LONGEST = 24
"""Characters. A longer run of letters is cut into words of this length: nobody's name is longer."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_GLUED = np.uint64(0xD6E8FEB86659FD93)


def _powers(count: int) -> Hashes:
    with np.errstate(over="ignore"):
        return np.concatenate([np.cumprod(np.full(count, _PRIME)), np.zeros(1, np.uint64)])


POWERS = _powers(LONGEST)

_WORD = np.zeros(16, bool)
_WORD[[LOWER, UPPER, CASELESS, DIGIT]] = True


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts in a row, with the `EDGE`s between the texts."""

    starts: Ints
    ends: Ints
    glued: npt.NDArray[np.bool_]
    """Whether no space stands before the word."""
    hashes: Hashes
    """Of the first characters of the word as written, and of whether it is glued: 64 bits, no secret."""


def words_of(codes: Codes, kinds: npt.NDArray[np.uint8]) -> Words:
    """Cut texts into words. The first character is an `EDGE`."""
    size = len(codes)
    word = _WORD[kinds]
    before = np.empty(size, np.uint8)
    before[0], before[1:] = SPACE, kinds[:-1]
    begins = kinds != SPACE
    same = np.empty(size, bool)
    same[0] = False
    same[1:] = codes[1:] == codes[:-1]
    runs_on = (word & _WORD[before]) | ((kinds == SYMBOL) & same) | ((kinds == LINE) & (before == LINE))
    begins &= ~runs_on
    starts, at = _places(begins)
    too_long = word & (at >= LONGEST)
    if too_long.any():
        begins |= too_long & (at % LONGEST == 0)
        starts, at = _places(begins)
    with np.errstate(over="ignore"):
        parts = POWERS[np.minimum(at, LONGEST)]
        parts *= codes
        parts[kinds == SPACE] = 0
        hashes = np.add.reduceat(parts, starts)
    glued = begins.copy()
    glued[1:] &= before[1:] != SPACE
    glued = glued[starts]
    hashes ^= np.where(glued, _GLUED, np.uint64(0))
    filled = kinds != SPACE
    last = filled.copy()
    last[:-1] &= begins[1:] | ~filled[1:]
    return Words(starts, np.flatnonzero(last) + 1, glued, hashes)


def _places(begins: npt.NDArray[np.bool_]) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Where words begin, and for each character how many stand between it and the beginning of the word."""
    starts = np.flatnonzero(begins)
    first = np.repeat(starts.astype(np.int32), np.diff(starts, append=len(begins)))
    return starts, np.arange(len(begins), dtype=np.int32) - first
