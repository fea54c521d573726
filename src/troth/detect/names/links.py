"""E-mail and web addresses: what stands in them is theirs, and no name of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.letters import CASELESS, DIGIT, EDGE_KIND, LINE, LOWER, UPPER, Codes
from troth.detect.names.words import Bytes, Ints, Words

_FENCE = np.zeros(0x2101, bool)
_FENCE[[ord(sign) for sign in "<>\"'()[]{},;|#!*“”‘’«»…"]] = True
_AT, _COLON, _SLASH = map(ord, "@:/")


def in_links(codes: Codes, words: Words) -> npt.NDArray[np.bool_]:
    """Which words stand in an e-mail or web address: no space about ``a@b`` or ``://``."""
    inside = np.zeros(len(words.starts), bool)
    _mark(codes, words.starts, words.ends, words.kinds, inside)
    return inside


@compiled
def _spelt(kind: int) -> bool:
    return kind in (LOWER, UPPER, CASELESS, DIGIT)


@compiled
def _fence(codes: Codes, starts: Ints, ends: Ints, kinds: Bytes, word: int) -> bool:
    """Whether a word is a sign that ends an address, or a space stands before it."""
    first = min(codes[starts[word]], 0x2100)
    glued = word > 0 and starts[word] == ends[word - 1]
    return not glued or _FENCE[first] or kinds[word] in (LINE, EDGE_KIND)


@compiled
def _begins(codes: Codes, starts: Ints, ends: Ints, kinds: Bytes, word: int) -> bool:
    """Whether an address can begin at a word, but not before it."""
    if _fence(codes, starts, ends, kinds, word):
        return True
    return not _spelt(kinds[word - 1]) and _fence(codes, starts, ends, kinds, word - 1)


@compiled
def _mark(codes: Codes, starts: Ints, ends: Ints, kinds: Bytes, inside: npt.NDArray[np.bool_]) -> None:
    last = len(starts) - 1
    for word in range(1, last):
        first = codes[starts[word]]
        if first not in (_AT, _SLASH) or inside[word]:
            continue
        if starts[word] != ends[word - 1] or starts[word + 1] != ends[word]:
            continue
        mail = first == _AT and _spelt(kinds[word - 1])
        web = codes[starts[word - 1]] == _COLON and ends[word] - starts[word] == 2
        if not mail and not web:
            continue
        low, high = word, word + 1
        while low > 0 and not _begins(codes, starts, ends, kinds, low):
            low -= 1
        while high <= last and not _begins(codes, starts, ends, kinds, high):
            high += 1
        inside[low:high] = True
