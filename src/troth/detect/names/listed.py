"""In which of the lists that the weights hold a word stands. The bits are those of ``training/names/lists.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from troth.detect.names.forms import keys_of
from troth.detect.names.letters import Letters
from troth.detect.names.weights import Weights


def _bits(*numbers: int) -> int:
    return sum(1 << number for number in numbers)


FIRST: Final = _bits(0, 1, 2, 6, 7)
"""First names of the US census, and of other languages."""
LAST: Final = _bits(3, 4, 5, 8, 9)
"""Last names of the same."""
PLACE: Final = _bits(10, 12, 15, 16, 17)
"""Countries, states, and towns of 50,000 people or more."""
STREET: Final = _bits(61)
"""Words of which streets are made."""


_FREQUENT: Final = _bits(0, 1)
_COMMON, _LESS_COMMON, _KNOWN = _bits(52), _bits(53), _bits(54)


def is_common(marks: int) -> bool:
    """Whether a word of these marks is a common word of English, and not a far more common first name ("Maria")."""
    return bool(marks & _COMMON) or (bool(marks & _LESS_COMMON) and not marks & _FREQUENT)


def is_word(marks: int) -> bool:
    """Whether it is any word of English that most people know."""
    return bool(marks & (_COMMON | _LESS_COMMON | _KNOWN))


def marks_of(weights: Weights, words: Sequence[str]) -> list[int]:
    """For each word, in any case, a bit for each list that it stands in; 0 if none."""
    if not words:
        return []
    keys = keys_of(words, Letters(weights.kind, weights.fold))
    at = np.minimum(np.searchsorted(weights.listed, keys), len(weights.listed) - 1)
    marks: list[int] = weights.lists[weights.listed_as[at]].tolist()
    return [mark if same else 0 for mark, same in zip(marks, weights.listed[at] == keys, strict=True)]
