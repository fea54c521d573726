"""Tells prose from code, comments, strings, paths and data.

Lines are told apart by their characters and neighbours (`troth.detect.text.lines`); in those that are code, comments
and strings are found as most languages write them. It is a judgement on form, not a parser: nothing but the choice of
recognisers rests on it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from troth.detect.text.lines import code_lines
from troth.detect.text.tokens import Span, Tokens, ZoneKind


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of a folded text that is of one kind."""

    start: int
    end: int
    kind: ZoneKind


_SIGNS: Final = re.compile(r"[{}<>=;\\_`\t\[|~^]")
"""Without any of these, and without two spaces in a row, a text is prose."""
_PATH: Final = re.compile(r"/[\w.\-@+~%]+(?:/[\w.\-@+~%]*)+|\\[\w.\-@+ ]+(?:\\[\w.\-@+ ]+)+")
_TO_LEFT: Final = re.compile(r"[\w.\-~:@$%/\\]*")
_LETTER: Final = re.compile(r"[^\W\d_]{2}")
_DATA: Final = re.compile(
    r"\s*(?:[\[{]\s*(?:[\"\[{\]}\d\-]|$)|</?[A-Za-z!?]|\"[^\"\n]{0,80}\"\s*[:,]|[\"\d\-][^\n(;]*,[^\n(;]*,"
    r"|\[?\d{4}-\d\d-\d\d|\d[\d.\-:, ]*$|[\w.\-]+:\s)"
)


def zones_of(text: str) -> tuple[Zone, ...]:
    """The zones of a text, in order; they touch and cover all of it. An empty text has none. Time is linear."""
    if not text:
        return ()
    spans: list[Span] = [(0, len(text), "prose")]
    if "  " in text or _SIGNS.search(text):
        starts, marks = code_lines(text)
        if any(marks):
            spans = _lexed(text, [*starts, len(text)], marks)
    if "/" in text or "\\" in text:
        spans = _with_paths(text, spans)
    return tuple(Zone(*span) for span in spans)


def _lexed(text: str, bounds: list[int], marks: list[bool]) -> list[Span]:
    """Runs of prose, and of code with its comments and strings."""
    tokens = Tokens(text)
    spans: list[Span] = []
    cuts = [0, *(n for n in range(1, len(marks)) if marks[n] != marks[n - 1]), len(marks)]
    for first, last in itertools.pairwise(cuts):
        low, high = bounds[first], bounds[last]
        if marks[first]:
            spans += tokens.between(low, high, "data" if _is_data(text, low, high) else "code")
        else:
            spans.append((low, high, "prose"))
    return spans


def _is_data(text: str, low: int, high: int) -> bool:
    """Whether the first lines are records, tables, elements or settings rather than a program."""
    lines = [line for line in text[low : min(high, low + 1_500)].split("\n") if line.strip()][:12]
    return sum(bool(_DATA.match(line)) for line in lines) * 2 > len(lines)


def _with_paths(text: str, runs: list[Span]) -> list[Span]:
    """The same zones with paths and addresses cut out of those that are no code or data."""
    paths = [span for m in _PATH.finditer(text) if (span := _whole_path(text, *m.span()))[1] > span[0]]
    zones: list[Span] = []
    number = 0
    for low, high, kind in runs:
        done = low
        while number < len(paths) and paths[number][0] < high:
            start, end = max(paths[number][0], done), min(paths[number][1], high)
            if end > start and kind not in {"code", "data"}:
                if start > done:
                    zones.append((done, start, kind))
                zones.append((start, end, "path"))
                done = end
            if paths[number][1] > high:
                break
            number += 1
        if done < high:
            zones.append((done, high, kind))
    return zones


def _whole_path(text: str, start: int, end: int) -> tuple[int, int]:
    """A path with what stands before its first slash; an empty span if it is none, but a date or a few numbers."""
    before = _TO_LEFT.match(text[max(0, start - 64) : start][::-1])
    start -= before.end() if before else 0
    return (start, end) if _LETTER.search(text, start, end) else (start, start)
