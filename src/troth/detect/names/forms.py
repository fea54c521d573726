"""What the spelling of a word says: its shape, length and case, and its beginnings and endings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.letters import CASELESS, DIGIT, IDEOGRAPH, LIMIT, LOWER, UPPER, Codes, Letters
from troth.detect.names.words import LONGEST, Bytes, Forms, Ints

_AFFIXES = 4
_SHAPES = 1 << 10
_ROWS = 1 << 12
FAMILIES = (_SHAPES, 64, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS)
"""Rows of each family of features: shape; length and case; beginning and ending of two letters, of three, of four."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_NEXT = np.uint64(0x100000001B3)
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)
_SHAPED = 12
"""Characters whose kinds make the shape."""
_OF_SHAPE = np.zeros(16, np.uint64)
_OF_SHAPE[IDEOGRAPH:] = range(IDEOGRAPH, 16)
_OF_SHAPE[[LOWER, UPPER, CASELESS, DIGIT]] = [1, 2, 3, 4]


@dataclass(frozen=True, slots=True)
class Spelled:
    """What the spelling of some forms says, one form a row."""

    keys: npt.NDArray[np.uint32]
    """A hash of the characters in small letters and without accents."""
    features: Ints
    """A row of a table of embeddings for each family of features (`FAMILIES`), families one after the other."""


def spelled(forms: Forms, since: int, until: int, letters: Letters) -> Spelled:
    """What the spelling of the forms with these numbers says."""
    count = until - since
    found = Spelled(np.empty(count, np.uint32), np.empty((count, len(FAMILIES)), np.int32))
    part = slice(since, until)
    _spell(
        forms.begins[part],
        forms.sizes[part],
        forms.codes,
        forms.kinds,
        letters.fold,
        found.keys,
        found.features,
    )
    return found


def keys_of(words: Sequence[str], letters: Letters) -> npt.NDArray[np.uint32]:
    """The keys (`Spelled`) of some words, of which the first `LONGEST` characters count."""
    codes = np.array(words, dtype=f"<U{LONGEST}").view("<u4").reshape(len(words), LONGEST)
    keys = np.empty(len(words), np.uint32)
    _keys(letters.fold[np.minimum(codes, LIMIT)], keys)
    return keys


@compiled
def _keys(small: Codes, keys: Codes) -> None:
    for word in range(len(keys)):
        keys[word] = _key(small[word], LONGEST)


@compiled
def _key(small: Codes, size: int) -> int:
    """A 32-bit hash; zeros after the end of a word change nothing."""
    total, power = np.uint64(0), _PRIME
    for at in range(size):
        total += np.uint64(small[at]) * power
        power *= _PRIME
    return int((total ^ (total >> np.uint64(29))) >> np.uint64(32))


@compiled
def _scattered(value: np.uint64, salt: int, rows: int) -> int:
    mixed = (value + np.uint64(salt)) * _MIX
    return int((mixed >> np.uint64(33)) % np.uint64(rows))


@compiled
def _shape(codes: Codes, kinds: Bytes, begin: int, size: int) -> int:
    """The order of kinds of characters, runs of three or more as two; symbols by what they are."""
    shape, one, two = np.uint64(0), np.uint64(0), np.uint64(0)
    for at in range(begin, begin + min(size, _SHAPED)):
        now = _OF_SHAPE[kinds[at]]
        if now != one or now != two:
            shape = shape * np.uint64(31) + now
        two, one = one, now
    if kinds[begin] > CASELESS and kinds[begin] != DIGIT:
        shape += np.uint64(codes[begin]) * np.uint64(7919)
    return _scattered(shape, 77, _SHAPES)


@compiled
def _case(kinds: Bytes, begin: int, size: int, glued: int) -> int:
    upper = 0
    for at in range(begin, begin + size):
        upper += kinds[at] == UPPER
    case = 3
    if upper == 0:
        case = 0
    elif upper == size:
        case = 1
    elif upper == 1 and kinds[begin] == UPPER:
        case = 2
    return min(size, 7) * 4 + case + 32 * glued


@compiled
def _spell(
    begins: Ints, sizes: Bytes, codes: Codes, kinds: Bytes, fold: Codes, keys: Codes, features: Ints
) -> None:
    small = np.zeros(LONGEST, np.uint32)
    for form in range(len(begins)):
        begin, size = int(begins[form]), int(sizes[form] >> 1)
        for at in range(size):
            code = codes[begin + at]
            small[at] = LIMIT if code > LIMIT else fold[code]
        keys[form] = _key(small, size)
        features[form, 0] = _shape(codes, kinds, begin, size)
        features[form, 1] = _SHAPES + _case(kinds, begin, size, sizes[form] & 1)
        start, end, row = np.uint64(0), np.uint64(0), _SHAPES + 64
        for at in range(_AFFIXES):
            first = np.uint64(small[at]) if at < size else np.uint64(0)
            last = np.uint64(small[size - 1 - at]) if at < size else np.uint64(0)
            start = start * _NEXT + first + np.uint64(1)
            end = end * _NEXT + last + np.uint64(1)
            if at:
                features[form, 2 * at] = row + _scattered(start, at, _ROWS)
                features[form, 2 * at + 1] = row + _ROWS + _scattered(end, at + 8, _ROWS)
                row += 2 * _ROWS
