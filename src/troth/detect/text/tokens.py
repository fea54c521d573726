"""Comments and strings as most languages write them, and paths, found in one pass over the characters."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.text.symbols import (
    APOSTROPHE,
    BACKSLASH,
    BACKTICK,
    BANG,
    BEFORE_PATH,
    BLANK,
    COLON,
    CURLY,
    DASH,
    HEX,
    IN_BACKSLASHES,
    IN_SLASHES,
    LESS,
    LETTER,
    MORE,
    NEW_LINE,
    OPENER,
    QUOTE,
    ROUND,
    SLASH,
    SQUARE,
    STAR,
    WORD,
    Symbols,
)

ZoneKind = Literal["prose", "code", "comment", "string", "path", "data"]
KINDS: Final[tuple[ZoneKind, ...]] = ("prose", "code", "comment", "string", "path", "data")
"""The kinds of zones, by their number."""
PROSE, CODE, COMMENT, STRING, PATH, DATA = range(6)

Truths = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_LEFT: Final = 64
"""Characters before its first slash that may belong to a path."""
_COLOUR: Final = 8
"""Digits that a colour has at most."""
NO_COMMENT: Final = np.frombuffer(
    b"include\0define\0ifdef\0ifndef\0if \0endif\0else\0pragma\0undef\0", np.uint8
)
"""What may stand after a ``#`` that begins no comment."""


@compiled
def _says(symbols: Symbols, at: int, high: int, words: Bytes) -> bool:
    """Whether one of some words, each with a NUL after it, stands at a place."""
    begin = 0
    for end in range(len(words)):
        if words[end]:
            continue
        same = end - begin <= high - at
        for step in range(end - begin):
            if not same or symbols[at + step] != words[begin + step]:
                same = False
                break
        if same:
            return True
        begin = end + 1
    return False


@compiled
def _begins_no_comment(symbols: Symbols, truths: Truths, words: Bytes, at: int, high: int) -> bool:
    """Whether what stands after a ``#`` is a directive, a colour or an attribute."""
    if at < high and symbols[at] in (SQUARE, ROUND, BANG, CURLY):
        return True
    end = at
    while end < high and end <= at + _COLOUR and truths[symbols[end]] & HEX:
        end += 1
    if at + 3 <= end <= at + _COLOUR and (end == high or not truths[symbols[end]] & WORD):
        return True
    return _says(symbols, at, high, words)


@compiled
def _opener(symbols: Symbols, truths: Truths, words: Bytes, at: int, high: int) -> int:
    """How long is what opens a comment or string at a character that may; 0 if none is opened."""
    sign = symbols[at]
    after = symbols[at + 1] if at + 1 < high else np.uint8(0)
    third = symbols[at + 2] if at + 2 < high else np.uint8(0)
    if sign in (QUOTE, APOSTROPHE, BACKTICK):
        return 3 if sign != BACKTICK and after == sign and third == sign else 1
    if sign == SLASH:
        return 2 if after in (STAR, SLASH) else 0
    if sign == LESS:
        fourth = symbols[at + 3] if at + 3 < high else np.uint8(0)
        return 4 if after == BANG and third == DASH and fourth == DASH else 0
    if sign == DASH:
        return 3 if after == DASH and third == BLANK else 0
    return 0 if _begins_no_comment(symbols, truths, words, at + 1, high) else 1


@compiled
def _find(symbols: Symbols, at: int, high: int, first: int, second: int, third: int) -> int:
    """The first character after three (two, if the third is 0) that stand in a row; -1 if they do nowhere."""
    width = 3 if third else 2
    while at + width <= high:
        if symbols[at] == first and symbols[at + 1] == second and (width == 2 or symbols[at + 2] == third):
            return at + width
        at += 1
    return -1


@compiled
def _end_of_line(symbols: Symbols, at: int, high: int) -> int:
    while at < high and symbols[at] != NEW_LINE:
        at += 1
    return at


@compiled
def _end_of_quote(symbols: Symbols, at: int, high: int, mark: int) -> int:
    """Where a string of one line ends, or else the line or what can be escaped of it."""
    while at < high and symbols[at] != mark and symbols[at] != NEW_LINE:
        if symbols[at] == BACKSLASH:
            if at + 1 >= high or symbols[at + 1] == NEW_LINE:
                break
            at += 1
        at += 1
    return at


@compiled
def _end(symbols: Symbols, mark: int, size: int, at: int, high: int) -> int:
    """The first character after what an opener opens; if it is never closed, up to where that is so, below 0."""
    quoted = mark in (QUOTE, APOSTROPHE, BACKTICK)
    if quoted and size == 1:
        end = _end_of_quote(symbols, at, high, mark)
        return end + 1 if end < high and symbols[end] == mark else -end - 1
    if quoted:
        end = _find(symbols, at, high, mark, mark, mark)
    elif mark == LESS:
        end = _find(symbols, at, high, DASH, DASH, MORE)
    elif mark == SLASH and symbols[at - 1] == STAR:
        end = _find(symbols, at, high, STAR, SLASH, 0)
    else:
        end = _end_of_line(symbols, at, high)
    return end if end >= 0 else -high - 1


@compiled
def _tokens(
    symbols: Symbols, truths: Truths, words: Bytes, low: int, high: int, spans: Ints, kinds: Bytes
) -> int:
    """The comments and strings of a text that holds code, in order: ``spans`` gets where each begins and ends."""
    count, place = 0, low
    dead = np.full(256, low, np.int64)  # by opener: up to where it is known to have no end
    while place < high:
        start, mark = place, int(symbols[place])
        size = _opener(symbols, truths, words, start, high) if truths[mark] & OPENER else 0
        place += max(size, 1)
        opener = mark + 128 if size > 2 or symbols[place - 1] == STAR else mark
        if size == 0 or start < dead[opener]:
            continue
        end = _end(symbols, mark, size, place, high)
        quoted = mark in (QUOTE, APOSTROPHE, BACKTICK)
        if end < 0:
            dead[opener] = -end
            if quoted:
                place = start + 1
            continue
        kinds[count] = STRING if quoted else COMMENT
        if mark == SLASH and symbols[start + 1] == SLASH and start > low and symbols[start - 1] == COLON:
            kinds[count] = PATH
        spans[2 * count], spans[2 * count + 1] = start, end
        count += 1
        place = end
    return count


@compiled
def _end_of_path(symbols: Symbols, truths: Truths, at: int, high: int) -> int:
    """Where a path ends that begins with a slash or backslash; below 0 if none does, where the next may begin."""
    slash = symbols[at]
    inside = IN_SLASHES if slash == SLASH else IN_BACKSLASHES
    end = at + 1
    while end < high and truths[symbols[end]] & inside:
        end += 1
    first = end
    while end > at + 1 and end < high and symbols[end] == slash:
        part = end
        end += 1
        while end < high and truths[symbols[end]] & inside:
            end += 1
        if slash == BACKSLASH and end == part + 1:
            end = part
            break
    return end if end > first else -first


@compiled
def _paths(symbols: Symbols, truths: Truths, low: int, high: int, spans: Ints) -> int:
    """The paths and addresses of a text, in order; what stands before one may reach into the one before."""
    count, place = 0, low
    while place < high:
        start = place
        place += 1
        if symbols[start] not in (SLASH, BACKSLASH):
            continue
        end = _end_of_path(symbols, truths, start, high)
        place = abs(end)
        if end < 0:
            continue
        least = max(low, start - _LEFT)
        while start > least and truths[symbols[start - 1]] & BEFORE_PATH:
            start -= 1
        letters = 0
        for at in range(start, end):
            letters = letters + 1 if truths[symbols[at]] & LETTER else 0
            if letters == 2:  # less is a date, or a few numbers
                spans[2 * count], spans[2 * count + 1] = start, end
                count += 1
                break
    return count


@compiled
def _woven(
    runs: Ints,
    kinds: Bytes,
    size: int,
    spans: Ints,
    span_kinds: Bytes,
    found: int,
    in_code: bool,
    starts: Ints,
    answer: Bytes,
) -> int:
    """Runs of one kind each, cut where spans lie in them: comments and strings in code and data, paths elsewhere.

    Run ``n`` of ``size`` reaches from ``runs[n]`` to ``runs[n + 1]``. Gives how many zones there are; ``starts`` and
    ``answer`` get where each begins, the end of the last, and the kinds.
    """
    count = number = 0
    for run in range(size):
        done, high, kind = runs[run], runs[run + 1], kinds[run]
        hard = kind in (CODE, DATA)
        while number < found and spans[2 * number] < high:
            start, end = max(spans[2 * number], done), min(spans[2 * number + 1], high)
            if end > start and hard == in_code:
                if start > done:
                    starts[count], answer[count] = done, kind
                    count += 1
                starts[count] = start
                answer[count] = span_kinds[number] if hard else np.uint8(PATH)
                count += 1
                done = end
            if spans[2 * number + 1] > high:
                break
            number += 1
        if done < high:
            starts[count], answer[count] = done, kind
            count += 1
    starts[count] = runs[size]
    return count


@compiled
def cut_zones(
    symbols: Symbols,
    truths: Truths,
    words: Bytes,
    runs: Ints,
    kinds: Bytes,
    firsts: Ints,
    starts: Ints,
    answer: Bytes,
    begins: Ints,
) -> int:
    """Cut the runs of texts into zones; gives how many there are.

    The runs of text ``n`` begin at ``runs[firsts[n]]``, ``kinds`` says what each is, and the last that begins is
    none, but the end of the text. Its zones come to be those from ``begins[n]`` on, counted from its beginning.
    """
    longest = 0
    for number in range(len(begins) - 1):
        longest = max(longest, runs[firsts[number + 1] - 1] - runs[firsts[number]])
    spans, span_kinds = np.empty(2 * longest + 2, np.int64), np.empty(longest + 1, np.uint8)
    own, own_kinds = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.uint8)
    count = 0
    for number in range(len(begins) - 1):
        begins[number] = count
        first, size = firsts[number], firsts[number + 1] - firsts[number] - 1
        low, high = runs[first], runs[first + size]
        found = 0
        for run in range(first, first + size):
            if kinds[run] != PROSE:
                found = _tokens(symbols, truths, words, low, high, spans, span_kinds)
                break
        size = _woven(runs[first:], kinds[first:], size, spans, span_kinds, found, True, own, own_kinds)
        found = _paths(symbols, truths, low, high, spans)
        more = _woven(own, own_kinds, size, spans, span_kinds, found, False, starts[count:], answer[count:])
        for zone in range(count, count + more):
            starts[zone] -= low
        count += more
    begins[len(begins) - 1] = count
    return count
