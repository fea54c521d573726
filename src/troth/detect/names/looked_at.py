"""Which words are looked at closely: those that may be part of a name, and what stands between and about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.letters import DIGIT
from troth.detect.names.words import Bytes, Ints, Words

_BRIDGE = 2
"""Words between two that may be part of a name that may be part of it too ("of the")."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Places of words, in order."""

    places: Ints
    """Words that may be part of a name, numbers beside them, and the few words between two of them."""
    around: Ints
    """These, and as many to either side as were asked for."""
    rows: Ints
    """Where each of ``places`` stands in ``around``."""


def looked_at(words: Words, gate: Ints, linked: npt.NDArray[np.bool_], reach: int) -> LookedAt:
    """The words to look at. ``gate`` says of each form whether it may be part of a name: above 0."""
    may = (gate[words.at] > 0) & ~linked
    return around_of(_places(may, words.kinds), len(may), reach)


def around_of(places: Ints, count: int, reach: int) -> LookedAt:
    """Words at these places, of ``count``, and about them; there are ``reach`` words or more to either side."""
    around, rows = np.empty(count, np.int32), np.empty(len(places), np.int32)
    return LookedAt(places, around[: _around(places, reach, around, rows)], rows)


def _places(may: npt.NDArray[np.bool_], kinds: Bytes) -> Ints:
    places = np.empty(len(may), np.int32)
    return places[: _bridged(may, kinds, places)]


@compiled
def _bridged(may: npt.NDArray[np.bool_], kinds: Bytes, places: Ints) -> int:
    count, last = 0, -1 - _BRIDGE
    size = len(may)
    for word in range(size):
        if not may[word]:
            beside = (word > 0 and may[word - 1]) or (word + 1 < size and may[word + 1])
            if kinds[word] != DIGIT or not beside:
                continue
        if last >= 0 and word - last <= _BRIDGE + 1:
            for between in range(last + 1, word):
                places[count] = between
                count += 1
        places[count] = last = word
        count += 1
    return count


@compiled
def _around(places: Ints, reach: int, around: Ints, rows: Ints) -> int:
    count, done = 0, 0
    for number in range(len(places)):
        place = int(places[number])
        for word in range(max(done, place - reach), place + reach + 1):
            around[count] = word
            count += 1
        done = place + reach + 1
        rows[number] = count - 1 - reach
    return count
