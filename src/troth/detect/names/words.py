"""Cuts texts into words: runs of letters and digits, single ideographs, runs of one symbol, ends of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.letters import (
    CASELESS,
    DIGIT,
    EDGE,
    EDGE_KIND,
    LIMIT,
    LINE,
    LOWER,
    SPACE,
    SYMBOL,
    UPPER,
    Codes,
    Letters,
)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

LONGEST = 24
"""Characters. A longer run of letters is cut into words of this length: nobody's name is longer."""
_PROBES = 32
"""Places in the table that are tried for one word. One that finds none there is numbered anew: time stays linear."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """Distinct words, numbered in the order in which they were met.

    A form is the first characters of a word as written, at most `LONGEST`, and whether the word is glued: whether no
    space stands before it. Not for two threads at once.
    """

    slots: Ints
    """A table by hash, as long as a power of 2: 1 + the number of a form, or 0."""
    hashes: Hashes
    begins: Ints
    """Where the characters of each form begin in ``codes``."""
    sizes: Bytes
    """Twice the number of its characters, and 1 if it is glued."""
    codes: Codes
    kinds: Bytes
    """The kind of each of ``codes``."""
    used: Longs
    """How many forms there are, and how many characters they have."""

    @classmethod
    def with_room(cls, count: int) -> Self:
        """No forms yet; ``count`` forms and as many characters can be added. Memory is taken as it fills."""
        return cls(
            np.zeros(1 << max(count // 4, 1 << 10).bit_length(), np.int32),
            np.empty(count, np.uint64),
            np.empty(count, np.int32),
            np.empty(count, np.uint8),
            np.empty(count, np.uint32),
            np.empty(count, np.uint8),
            np.zeros(2, np.int64),
        )

    def __len__(self) -> int:
        return int(self.used[0])

    def clear(self) -> None:
        """Forget all forms."""
        self.slots[:] = 0
        self.used[:] = 0

    def room(self) -> int:
        """Characters of text that can still be cut into words."""
        return len(self.codes) - int(self.used.max())


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts in a row, with the `EDGE`s between the texts."""

    starts: Ints
    ends: Ints
    kinds: Bytes
    """The kind of the first character."""
    at: Ints
    """The number of the word's form."""


def words_of(codes: Codes, letters: Letters, forms: Forms) -> Words:
    """Cut texts into words, and add those not met before to the forms, which must have room for all of the texts."""
    starts, ends, at = (np.empty(len(codes), np.int32) for _ in range(3))
    kinds = np.empty(len(codes), np.uint8)
    f = forms
    table = (f.slots, f.hashes, f.begins, f.sizes, f.codes, f.kinds, f.used)
    count = _cut(codes, letters.kind, *table, starts, ends, kinds, at)
    return Words(starts[:count], ends[:count], kinds[:count], at[:count])


@compiled
def _kind(code: int, kind: Bytes) -> int:
    if code < LIMIT:
        return int(kind[code])
    return EDGE_KIND if code == EDGE else int(kind[LIMIT])


@compiled
def _spelt(kind: int) -> bool:
    return kind in (LOWER, UPPER, CASELESS, DIGIT)


@compiled
def _word(codes: Codes, kind: Bytes, begin: int, first: int) -> tuple[int, np.uint64]:
    """The first character after the word that begins at a place, and a hash of its first characters."""
    at, size = begin + 1, len(codes)
    mixed = np.uint64(codes[begin]) * _MIX
    if _spelt(first):
        size = min(size, begin + LONGEST)
        while at < size and _spelt(_kind(codes[at], kind)):
            mixed = (mixed ^ np.uint64(codes[at])) * _MIX
            at += 1
    elif first in (SYMBOL, LINE):
        while at < size and (
            codes[at] == codes[begin] if first == SYMBOL else _kind(codes[at], kind) == LINE
        ):
            if at < begin + LONGEST:
                mixed = (mixed ^ np.uint64(codes[at])) * _MIX
            at += 1
    return at, mixed


@compiled
def _same(codes: Codes, begin: int, letters: Codes, place: int, size: int) -> bool:
    at = 0
    while at < size and letters[place + at] == codes[begin + at]:
        at += 1
    return at == size


@compiled
def _cut(
    codes: Codes, kind: Bytes,
    slots: Ints, hashes: Hashes, begins: Ints, sizes: Bytes, letters: Codes, letter_kinds: Bytes, used: Longs,
    starts: Ints, ends: Ints, kinds: Bytes, forms: Ints,
) -> int:  # fmt: skip
    """Write down the words, and say how many there are. What is done for each stands here: calls would cost more."""
    count, at, glued = 0, 0, 1
    known, place, last = used[0], used[1], len(slots) - 1
    while at < len(codes):
        first = _kind(codes[at], kind)
        if first == SPACE:
            at += 1
            glued = 0
            continue
        end, mixed = _word(codes, kind, at, first)
        size = min(end - at, LONGEST)
        mark = 2 * size + glued
        mixed = (mixed ^ np.uint64(mark)) * _MIX
        mixed ^= mixed >> _HALF
        slot, tried, form = np.int64(mixed & np.uint64(last)), 0, np.int64(-1)
        while slots[slot] and tried < _PROBES:
            other = np.int64(slots[slot]) - 1
            if (
                hashes[other] == mixed
                and sizes[other] == mark
                and _same(codes, at, letters, begins[other], size)
            ):
                form = other
                break
            slot = (slot + 1) & last
            tried += 1
        if form < 0:
            form = known
            if not slots[slot]:
                slots[slot] = form + 1
            hashes[form], begins[form], sizes[form] = mixed, place, mark
            for letter in range(size):
                letters[place + letter] = codes[at + letter]
                letter_kinds[place + letter] = _kind(codes[at + letter], kind)
            known += 1
            place += size
        starts[count], ends[count], kinds[count], forms[count] = at, end, first, form
        count += 1
        at, glued = end, 1
    used[0], used[1] = known, place
    return count
