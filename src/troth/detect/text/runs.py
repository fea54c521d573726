"""Joins lines to runs of prose, code and data: records, tables, elements or settings rather than a program."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.text.symbols import (
    BANG,
    BLANK,
    COLON,
    COMMA,
    CURLY,
    DASH,
    DOT,
    LESS,
    LETTER,
    NEW_LINE,
    QUESTION,
    QUOTE,
    ROUND,
    SEMICOLON,
    SLASH,
    SPACE,
    SQUARE,
    UNDERSCORE,
    WORD,
    Symbols,
)

Truths = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_SQUARE_END, _CURLY_END = b"]}"
PROSE, CODE, DATA = 0, 1, 5
"""Numbers of kinds, as in `troth.detect.text.tokens`."""
_NEAR: Final = 1_500
"""Characters of a run that are looked at."""
_LINES: Final = 12
_NAME: Final = 80
"""Characters that the name of a field has at most."""


@compiled
def _is_digit(symbols: Symbols, truths: Truths, at: int) -> bool:
    return bool(truths[symbols[at]] & (WORD | LETTER) == WORD and symbols[at] != UNDERSCORE)


@compiled
def _after_space(symbols: Symbols, truths: Truths, at: int, high: int) -> int:
    while at < high and truths[symbols[at]] & SPACE:
        at += 1
    return at


@compiled
def _is_date(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    if at + 10 > high:
        return False
    for step in range(10):
        if symbols[at + step] != DASH if step in (4, 7) else not _is_digit(symbols, truths, at + step):
            return False
    return True


@compiled
def _is_row(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    """Whether two commas stand in a line before a parenthesis or semicolon, or nothing but numbers."""
    commas, numbers = 0, _is_digit(symbols, truths, at)
    for place in range(at + 1, high):
        sign = symbols[place]
        if sign == COMMA:
            commas += 1
            if commas == 2:
                return True
        elif sign in (ROUND, SEMICOLON):
            return False
        elif sign not in (DASH, DOT, COLON, BLANK) and not _is_digit(symbols, truths, place):
            numbers = False
    return numbers


@compiled
def _opens(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    """Whether an array or object begins at a place, or a time stamp in brackets."""
    inner = _after_space(symbols, truths, at + 1, high)
    if inner == high or _is_digit(symbols, truths, inner):
        return True
    if symbols[inner] in (QUOTE, DASH, SQUARE, _SQUARE_END, CURLY, _CURLY_END):
        return True
    return symbols[at] == SQUARE and _is_date(symbols, truths, at + 1, high)


@compiled
def _is_element(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    at += 1
    if at < high and symbols[at] == SLASH:
        at += 1
    if at >= high:
        return False
    sign = symbols[at]
    return sign in (BANG, QUESTION) or bool(sign < 128 and truths[sign] & LETTER)


@compiled
def _is_field(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    """Whether a name in quotation marks and a colon or comma after it stand at a place, or a name, colon and space."""
    end = at + 1
    if symbols[at] == QUOTE:
        while end < high and end <= at + _NAME and symbols[end] != QUOTE:
            end += 1
        if end == high or symbols[end] != QUOTE:
            return False
        end = _after_space(symbols, truths, end + 1, high)
        return end < high and symbols[end] in (COLON, COMMA)
    end = at
    while end < high and (truths[symbols[end]] & WORD or symbols[end] in (DASH, DOT)):
        end += 1
    named = at < end and end + 1 < high and symbols[end] == COLON
    return bool(named and truths[symbols[end + 1]] & SPACE)


@compiled
def _is_record(symbols: Symbols, truths: Truths, at: int, high: int) -> bool:
    """Whether a line, which is not empty, looks like data from its first character that is no space."""
    sign = symbols[at]
    if sign in (SQUARE, CURLY):
        return _opens(symbols, truths, at, high)
    if sign == LESS:
        return _is_element(symbols, truths, at, high)
    if _is_field(symbols, truths, at, high):
        return True
    digit = _is_digit(symbols, truths, at)
    if digit and _is_date(symbols, truths, at, high):
        return True
    return (digit or sign in (QUOTE, DASH)) and _is_row(symbols, truths, at, high)


@compiled
def _is_data(symbols: Symbols, truths: Truths, low: int, high: int) -> bool:
    """Whether more than half of the first lines look like data."""
    high = min(high, low + _NEAR)
    lines = records = 0
    while low < high and lines < _LINES:
        end = low
        while end < high and symbols[end] != NEW_LINE:
            end += 1
        at = _after_space(symbols, truths, low, end)
        if at < end:
            lines += 1
            records += _is_record(symbols, truths, at, end)
        low = end + 1
    return records * 2 > lines


@compiled
def join_lines(
    symbols: Symbols,
    truths: Truths,
    begins: Ints,
    of_text: Ints,
    line_starts: Ints,
    is_code: Bytes,
    any_code: Bytes,
    wanted: Ints,
    runs: Ints,
    kinds: Bytes,
    firsts: Ints,
) -> int:
    """Fill in where the runs of wanted texts begin and of what kind each is; gives how many there are.

    Those of the text ``wanted[n]`` are ``firsts[n]`` up to ``firsts[n + 1]``; the last is none, but the text's end.
    """
    count = 0
    for place in range(len(wanted)):
        number = wanted[place]
        firsts[place] = first = count
        high = begins[number + 1]
        if any_code[number]:
            before: int | np.int64 = -1
            for line in range(of_text[number], of_text[number + 1]):
                if is_code[line] != before:
                    before = int(is_code[line])
                    runs[count], kinds[count] = line_starts[line], before
                    count += 1
        else:
            runs[count], kinds[count] = begins[number], PROSE
            count += 1
        runs[count], kinds[count] = high, PROSE
        count += 1
        for run in range(first, count - 1):
            if kinds[run] == CODE and _is_data(symbols, truths, runs[run], runs[run + 1]):
                kinds[run] = DATA
    firsts[len(wanted)] = count
    return count
