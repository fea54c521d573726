"""What is known of a word by itself: its spelling, its shape, and the lists that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.names.letters import CASELESS, DIGIT, IDEOGRAPH, LIMIT, LOWER, SPACE, UPPER, Codes, Letters
from troth.detect.names.words import LONGEST, POWERS, Hashes, Ints

_AFFIXES = 4
_SHAPES = 1 << 10
_ROWS = 1 << 12
FAMILIES = (_SHAPES, 64, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS)
"""Rows of each family of features: shape; length and case; beginning and ending of two letters, of three, of four."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Distinct words, one a row."""

    codes: Codes
    """Code points, `LONGEST` a row, zero after the end."""
    kinds: npt.NDArray[np.uint8]
    glued: npt.NDArray[np.bool_]


def forms_of(
    codes: Codes, kinds: npt.NDArray[np.uint8], starts: Ints, ends: Ints, glued: npt.NDArray[np.bool_]
) -> Forms:
    """The characters of words, one word a row."""
    places = starts[:, None] + np.arange(LONGEST)
    inside = places < ends[:, None]
    places = np.minimum(places, len(codes) - 1)
    return Forms(np.where(inside, codes[places], 0), np.where(inside, kinds[places], SPACE), glued)


def folded(forms: Forms, letters: Letters) -> Codes:
    """The characters in small letters and without accents."""
    return np.where(forms.codes > LIMIT, LIMIT, letters.fold[np.minimum(forms.codes, LIMIT)])


def hashes_of(codes: npt.NDArray[np.uint32]) -> Hashes:
    """A hash of each row of characters."""
    with np.errstate(over="ignore"):
        hashes: Hashes = (codes.astype(np.uint64) * POWERS[:LONGEST]).sum(axis=1, dtype=np.uint64)
        return hashes ^ (hashes >> np.uint64(29))


def _scatter(value: Hashes, salt: int, rows: int) -> npt.NDArray[np.int32]:
    with np.errstate(over="ignore"):
        mixed = (value + np.uint64(salt)) * np.uint64(0xC2B2AE3D27D4EB4F)
        return ((mixed >> np.uint64(33)) % np.uint64(rows)).astype(np.int32)


def features_of(forms: Forms, small: Codes) -> npt.NDArray[np.int32]:
    """A row of a table of embeddings for each family of features (`FAMILIES`), families one after the other."""
    length = (forms.kinds != SPACE).sum(axis=1)
    columns = [_shape(forms), _case(forms, length)]
    wide = small.astype(np.uint64)
    rows = np.arange(len(small))
    start = np.zeros(len(small), np.uint64)
    end = np.zeros(len(small), np.uint64)
    with np.errstate(over="ignore"):
        for size in range(_AFFIXES):
            start = start * np.uint64(0x100000001B3) + wide[:, size] + np.uint64(1)
            last = np.maximum(length - 1 - size, 0)
            end = end * np.uint64(0x100000001B3) + np.where(size < length, wide[rows, last], 0) + np.uint64(1)
            if size:
                columns += [_scatter(start, size, _ROWS), _scatter(end, size + 8, _ROWS)]
    offsets = np.concatenate([[0], np.cumsum(FAMILIES)[:-1]])
    return np.stack(columns, axis=1) + offsets.astype(np.int32)


_OF_SHAPE = np.zeros(16, np.uint64)
_OF_SHAPE[IDEOGRAPH:] = range(IDEOGRAPH, 16)
_OF_SHAPE[[LOWER, UPPER, CASELESS, DIGIT]] = [1, 2, 3, 4]


def _shape(forms: Forms) -> npt.NDArray[np.int32]:
    """The order of kinds of characters, runs of three or more as two; symbols by what they are."""
    kinds = _OF_SHAPE[forms.kinds]
    shape = np.zeros(len(kinds), np.uint64)
    one = np.zeros(len(kinds), np.uint64)
    two = np.zeros(len(kinds), np.uint64)
    with np.errstate(over="ignore"):
        for at in range(12):
            now = kinds[:, at]
            new = (now != one) | (now != two)
            shape = np.where(new & (forms.kinds[:, at] != SPACE), shape * np.uint64(31) + now, shape)
            two, one = one, now
        first = forms.kinds[:, 0]
        symbol = np.where((first > CASELESS) & (first != DIGIT), forms.codes[:, 0], 0).astype(np.uint64)
        shape += symbol * np.uint64(7919)
    return _scatter(shape, 77, _SHAPES)


def _case(forms: Forms, length: Ints) -> npt.NDArray[np.int32]:
    upper = (forms.kinds == UPPER).sum(axis=1)
    first = forms.kinds[:, 0] == UPPER
    case = np.where(upper == 0, 0, np.where(upper == length, 1, np.where(first & (upper == 1), 2, 3)))
    return (np.minimum(length, 7) * 4 + case + np.where(forms.glued, 32, 0)).astype(np.int32)
