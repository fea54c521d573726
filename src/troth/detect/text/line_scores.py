"""What the characters of each line say, which lines need a look at their beginning, and the likeliest run of code."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.text.symbols import (
    AS_CODE,
    AS_PROSE,
    BACKTICK,
    BEFORE_PROSE,
    BLANK,
    COLON,
    DASH,
    DOT,
    LETTER,
    MORE,
    NEW_LINE,
    PLUS,
    SIGN,
    SPACE,
    STAR,
    TILDE,
    UPPER,
    WORD,
    Symbols,
)

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.uint16]

DEEP: Final = 11
"""A second space in a row: indentation."""
BIAS: Final = -9
MOST: Final = 60
"""No single line says more than this."""
SWITCH: Final = 48
"""What it takes to go from prose to code or back from one line to the next."""
SWITCH_AT_GAP: Final = 28
"""The same after an empty line."""
LEAST: Final = -30
"""Below this a line needs no look at its beginning."""
SURE: Final = 20
"""Nor above this, unless it may begin as prose does."""
REACH, FENCE_REACH = 300, 80
"""Characters of a line that are looked at, and for a fence."""

_LONGEST: Final = 10
_A, _Z, _a, _z, _r, _n, _g = b"AZazrng"

UNSURE: Final = 2
GAP, MAY_BE_CODE, MAY_BE_PROSE, FENCE = 1, 2, 4, 8
"""An empty line; one that may begin as code does, or as prose does: an expression decides; one that may be a fence."""


@compiled
def _begins_with(symbols: Symbols, words: Ints, low: int, high: int) -> bool:
    """Whether the letters from a place on are one of some words, each of at most ten letters, packed and sorted."""
    number = np.int64(0)
    for at in range(low, min(high, low + _LONGEST + 1)):
        sign = symbols[at]
        if not (_A <= sign <= _Z or _a <= sign <= _z):
            break
        number = (number << 6) + (sign - np.int64(64))
    place = np.searchsorted(words, number)
    return bool(place < len(words) and words[place] == number)


@compiled
def _may_be_error(symbols: Symbols, truths: Truths, low: int, high: int) -> bool:
    """Whether a line may begin with the name of an error, and a colon or the end after it."""
    end = low
    while end < high and (truths[symbols[end]] & WORD or symbols[end] == DOT):
        end += 1
    if end == low or (end < high and symbols[end] != COLON):
        return False
    return symbols[end - 1] in (_r, _n, _g)


@compiled
def _may_be_code(symbols: Symbols, truths: Truths, pairs: Bytes, words: Ints, low: int, high: int) -> bool:
    """Whether a look at the beginning of a line may show that it is code."""
    first = low
    while first < high and truths[symbols[first]] & SPACE:
        first += 1
    at = first
    if at < high and symbols[at] in (PLUS, DASH):
        at += 1
        if at < high and symbols[at] == BLANK:
            at += 1
    if at >= high:
        return False
    if truths[symbols[at]] & LETTER:
        if truths[symbols[at]] & UPPER and _may_be_error(symbols, truths, first, high):
            return True
        return _begins_with(symbols, words, at, high)
    return bool(pairs[symbols[at], symbols[at + 1] if at + 1 < high else 0] & AS_CODE)


@compiled
def _may_be_prose(symbols: Symbols, truths: Truths, pairs: Bytes, low: int, high: int) -> bool:
    """Whether a look at the beginning of a line may show that it is a list, a quotation, a header, or drawn."""
    if not truths[symbols[low]] & BEFORE_PROSE:
        return False
    at = low
    while at < high and truths[symbols[at]] & SPACE:
        at += 1
    if at + 1 >= high:
        return False
    sign = symbols[at]
    same = 1
    while same < 4 and at + same < high and symbols[at + same] == sign:
        same += 1
    return bool(same == 4 or pairs[sign, symbols[at + 1]] & AS_PROSE)


@compiled
def _may_be_fence(symbols: Symbols, truths: Truths, low: int, high: int) -> bool:
    at = low
    while at < high and at < low + 8 and truths[symbols[at]] & SPACE:
        at += 1
    if at < high and symbols[at] in (MORE, STAR, DASH):
        at += 1
        if at < high and truths[symbols[at]] & SPACE:
            at += 1
    if at + 2 >= high or symbols[at] not in (BACKTICK, TILDE):
        return False
    return bool(symbols[at + 1] == symbols[at] and symbols[at + 2] == symbols[at])


@compiled
def _is_plain(symbols: Symbols, truths: Truths, low: int, high: int) -> bool:
    """Whether there is no sign of code: no such character, and no two spaces in a row."""
    before = np.uint8(0)
    for at in range(low, high):
        sign = symbols[at]
        if truths[sign] & SIGN or (sign == BLANK and before == BLANK):
            return False
        before = sign
    return True


@compiled
def score_lines(
    symbols: Symbols,
    truths: Truths,
    pairs: Bytes,
    begins: Ints,
    weights: Small,
    words: Ints,
    lines: Ints,
    starts: Ints,
    scores: Small,
    flags: Bytes,
) -> int:
    """Fill in for each line where it starts, what its characters say, and its flags; gives how many there are.

    Text ``n`` stands at ``begins[n]`` to ``begins[n + 1]``, its lines come to be ``lines[n]`` to ``lines[n + 1]``:
    none where the text has no sign of code.
    """
    count = 0
    for number in range(len(begins) - 1):
        lines[number] = count
        low, high = begins[number], begins[number + 1]
        if _is_plain(symbols, truths, low, high):
            continue
        while low < high:
            score, end, before = BIAS, low, np.uint8(0)
            while end < high and symbols[end] != NEW_LINE:
                sign = symbols[end]
                score += weights[sign]
                if sign == BLANK and before == BLANK:
                    score += DEEP
                before = sign
                end += 1
            score = min(max(score, -MOST), MOST)
            flag = 0
            if end == low or (end == low + 1 and truths[symbols[low]] & SPACE):
                flag = GAP
                score = 0
            else:
                near = min(end, low + REACH)
                if LEAST <= score <= SURE and _may_be_code(symbols, truths, pairs, words, low, near):
                    flag |= MAY_BE_CODE
                if _may_be_prose(symbols, truths, pairs, low, near):
                    flag |= MAY_BE_PROSE
                if _may_be_fence(symbols, truths, low, min(end, low + FENCE_REACH)):
                    flag |= FENCE
            starts[count], scores[count], flags[count] = low, score, flag
            count += 1
            low = end + 1
    lines[len(begins) - 1] = count
    return count


@compiled
def _smooth(scores: Small, flags: Bytes, first: int, last: int, ahead: Ints, marks: Bytes) -> None:
    """The likeliest run of prose and code: a change costs something, less after an empty line (Viterbi).

    ``ahead`` is by how much code was ahead of prose before each line.
    """
    lead = np.int64(0)
    for line in range(first, last):
        cost = SWITCH_AT_GAP if flags[line] & GAP else SWITCH
        ahead[line] = lead
        lead = min(max(lead, -cost), cost) + 2 * scores[line]
    code = lead > 0
    for line in range(last - 1, first - 1, -1):
        cost = SWITCH_AT_GAP if flags[line] & GAP else SWITCH
        marks[line] = code
        code = ahead[line] >= -cost if code else ahead[line] > cost


@compiled
def mark_lines(
    least: Small,
    most: Small,
    flags: Bytes,
    lines: Ints,
    wanted: Bytes,
    ahead: Ints,
    other: Bytes,
    marks: Bytes,
    answer: Bytes,
) -> None:
    """Mark the lines of wanted texts that are code; ``answer`` says of each text: 0 none is, 1 some are, or `UNSURE`.

    A line that speaks more for code never makes another one prose. So where the lines are marked the same with the
    least that each may say and with the most, they need no look.
    """
    for number in range(len(lines) - 1):
        if not wanted[number]:
            continue
        first, last = lines[number], lines[number + 1]
        _smooth(most, flags, first, last, ahead, marks)
        answer[number] = 0
        for line in range(first, last):
            if marks[line]:
                answer[number] = 1
                break
        if answer[number] == 0:
            continue
        _smooth(least, flags, first, last, ahead, other)
        for line in range(first, last):
            if other[line] != marks[line]:
                answer[number] = UNSURE
                break
