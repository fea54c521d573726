"""From tags of words to spans: the best sequence of tags in which every name begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.words import Ints, Longs

KINDS = ("PERSON", "LOCATION", "ORG", "ADDRESS")
TAGS = 1 + 4 * len(KINDS)
"""None; then for each kind: it begins here, goes on, ends, is this one word."""
LONGEST = 128
"""Words. A longer run of words that may all be names is cut."""

_BEGINS, _GOES_ON, _ENDS, _ALONE = range(4)
_NEVER = -(1 << 40)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spans:
    """Names: first and last word, kind, and how far the least sure word is ahead of no name."""

    first: Ints
    last: Ints
    kind: Ints
    ahead: Ints


def spans_of(ahead: Floats, places: Ints) -> Spans:
    """The names in words at ``places`` (in order); words that are not neighbours share no name."""
    spans = Spans(*(np.empty(len(places), np.int32) for _ in range(4)))
    count = _spans(ahead.astype(np.int64), places, spans.first, spans.last, spans.kind, spans.ahead)
    return Spans(spans.first[:count], spans.last[:count], spans.kind[:count], spans.ahead[:count])


@compiled
def _spans(ahead: Longs, places: Ints, first: Ints, last: Ints, kind: Ints, sure: Ints) -> int:
    """Write down the spans, run by run, and say how many there are."""
    count, begin = 0, 0
    free, opened = np.empty(LONGEST, np.int64), np.empty((LONGEST, len(KINDS)), np.int64)
    tags = np.empty(LONGEST, np.int64)
    while begin < len(places):
        end = begin + 1
        while end < len(places) and places[end] == places[end - 1] + 1 and end - begin < LONGEST:
            end += 1
        _best(ahead[begin:end], free, opened, tags)
        for at in range(begin, end):
            tag = tags[at - begin]
            if tag == 0:
                continue
            part, over = (tag - 1) % 4, ahead[at, tag] - ahead[at, 0]
            if part in (_BEGINS, _ALONE):
                first[count], kind[count], sure[count] = places[at], (tag - 1) // 4, over
            sure[count] = min(sure[count], over)
            if part in (_ENDS, _ALONE):
                last[count] = places[at]
                count += 1
        begin = end
    return count


@compiled
def _best(ahead: Longs, free: Longs, opened: Longs, tags: Longs) -> None:
    """The best tags of a run (Viterbi): forward with where each came from, then back."""
    size = len(ahead)
    score, inside = np.full(TAGS, _NEVER), np.empty(len(KINDS), np.int64)
    for at in range(size):
        before, tag = 0, 0
        if at:
            before, tag = _freest(score)
        free[at] = tag
        for kind in range(len(KINDS)):
            begun, going = score[1 + 4 * kind], score[2 + 4 * kind]
            opened[at, kind] = 1 + 4 * kind + (1 if going > begun else 0)
            inside[kind] = max(begun, going)
        score[0] = before + ahead[at, 0]
        for kind in range(len(KINDS)):
            tag = 1 + 4 * kind
            score[tag + _BEGINS] = before + ahead[at, tag + _BEGINS]
            score[tag + _ALONE] = before + ahead[at, tag + _ALONE]
            score[tag + _GOES_ON] = inside[kind] + ahead[at, tag + _GOES_ON]
            score[tag + _ENDS] = inside[kind] + ahead[at, tag + _ENDS]
    _, tag = _freest(score)
    for at in range(size - 1, -1, -1):
        tags[at] = tag
        part = (tag - 1) % 4
        tag = opened[at, (tag - 1) // 4] if tag and part in (_GOES_ON, _ENDS) else free[at]


@compiled
def _freest(score: Longs) -> tuple[int, int]:
    """The best of the tags after which none, or a new name, may follow; of equal ones the first, ends before single."""
    best, tag = score[0], 0
    for part in (_ENDS, _ALONE):
        for kind in range(len(KINDS)):
            if score[1 + 4 * kind + part] > best:
                tag = 1 + 4 * kind + part
                best = score[tag]
    return best, tag
