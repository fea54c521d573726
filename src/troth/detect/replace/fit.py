"""Where something may be put in the place of a finding, and in which form, so that JSON and code can still be read.

In JSON only strings and numbers are touched; in code only names and numbers, one by one, and what is in strings and
comments, but for quotes, escapes and ends of lines.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from troth.detect.replace.json_tokens import (
    Region,
    escape_around,
    follows_escape,
    json_in,
    without_escapes,
)
from troth.detect.text.view import View
from troth.detect.text.zones import Zone

PLAIN: Final = "plain"
IDENTIFIER: Final = "identifier"
NUMBER: Final = "number"
DIGITS: Final = "digits"

_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$")
_LETTER_OR_DIGIT = re.compile(r"\w")
_CODE_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_STRUCTURE = re.compile(r"[()\[\]{}=<>;,*&|^~!\"'`\\\r\n]|\+\s")
_BARE_NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9_]+)?\Z", re.ASCII)
_BREAKS = re.compile(
    r"[\"'`\n\r]|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}\n]{0,80}\}|[nrtbfav0\\\"'`\n])"
)
"""What ends a part of a string: quotes, ends of lines, and escapes."""
_KEYWORDS: Final = frozenset(
    """
    False None True and as assert async await break case catch class const continue def default del do elif else enum
    except export extends final finally float for from func function global goto if impl import in int is lambda let
    match new nonlocal not null or package pass private public raise return self static struct super switch this throw
    throws true try type typeof use using var void while with yield
    """.split()  # noqa: SIM905 — a table
)
"""Words that code cannot do without, and that name nobody."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a text that something can take the place of."""

    start: int
    end: int
    form: str
    """``plain``: anything without quotes, backslashes and line ends. ``identifier``: letters, digits and ``_``.
    ``number``: a number, or a string in quotes. ``digits``: digits, as many."""
    escaped: bool = False
    """Whether it is in a string of JSON, where some characters stand as escapes."""

    def value(self, text: str) -> str:
        """What stands there, escapes read."""
        written = text[self.start : self.end]
        return json.loads(f'"{written}"') if self.escaped and "\\" in written else written

    def written(self, put: str) -> str:
        """What is to stand there, as it is written."""
        return json.dumps(put, ensure_ascii=False)[1:-1] if self.escaped else put


class Fitting:
    """The places of one text. What it is made of is looked at when it is first asked for."""

    def __init__(self, view: View) -> None:
        self._view, self._text = view, view.text
        self._regions: list[Region] | None = None
        self._ends: list[int] = []

    def places(self, start: int, end: int) -> Iterator[Place]:
        """The places in a stretch: nothing of a quote, an escape or the structure of JSON or code is in them."""
        for place in self._parts(start, end):
            if _LETTER_OR_DIGIT.search(self._text, place.start, place.end):
                yield place

    def _parts(self, start: int, end: int) -> Iterator[Place]:
        """Outside of JSON by zones, inside by tokens."""
        regions = self._json()
        place = start
        for region in regions[bisect_right(self._ends, start) :]:
            if region.start >= end:
                break
            if place < region.start:
                yield from self._by_zone(place, region.start)
            yield from self._in_json(region, max(start, region.start), min(end, region.end))
            place = region.end
        if place < end:
            yield from self._by_zone(place, end)

    def _in_json(self, region: Region, start: int, end: int) -> Iterator[Place]:
        first = bisect_right(region.tokens, start, key=lambda token: token.end)
        for token in region.tokens[first:]:
            if token.start >= end:
                return
            low, high = max(start, token.start), min(end, token.end)
            if token.is_string:
                low, high = self._trimmed(*without_escapes(self._text, token, low, high), " \t")
                after_escape = follows_escape(self._text, token.start, low)
                yield Place(low, high, self._within_word(low, high, after_escape=after_escape), escaped=True)
            else:
                whole = (low, high) == (token.start, token.end)
                yield Place(low, high, NUMBER if whole else DIGITS)

    def _by_zone(self, start: int, end: int) -> Iterator[Place]:
        for zone in self._zones(start, end):
            low, high = max(start, zone.start), min(end, zone.end)
            if zone.kind in {"code", "data"}:
                yield from self._in_code(low, high)
            elif zone.kind in {"string", "comment"}:
                yield from self._in_string(low, high)
            else:
                low, high = self._trimmed(low, high, " \t\r\n\"'`#")
                yield Place(low, high, self._within_word(low, high))

    def _zones(self, start: int, end: int) -> list[Zone]:
        """The zones of a stretch. Where offsets are not those of the zones, all of it is prose."""
        if self._view.folded is not self._text:
            return [Zone(start, end, "prose")]
        zones = self._view.zones
        first = max(bisect_right(zones, start, key=lambda zone: zone.start) - 1, 0)
        last = bisect_right(zones, end - 1, key=lambda zone: zone.start)
        return list(zones[first:last])

    def _in_code(self, start: int, end: int) -> Iterator[Place]:
        """A name or number as such, several one by one; what code cannot be, such as words side by side, as one."""
        start, end = self._trimmed(start, end, " \t\r\n\"'`#")
        piece = self._text[start:end]
        if _STRUCTURE.search(piece) or not _KEYWORDS.isdisjoint(piece.split()):
            for token in _CODE_TOKEN.finditer(self._text, start, end):
                if token.group() not in _KEYWORDS:
                    yield Place(*token.span(), self._code_form(*token.span()))
        else:
            yield Place(start, end, self._code_form(start, end))

    def _code_form(self, start: int, end: int) -> str:
        piece = self._text[start:end]
        if self._touched(start, end) or _NAME.match(piece):
            return IDENTIFIER
        return NUMBER if _BARE_NUMBER.match(piece) else PLAIN

    def _in_string(self, start: int, end: int) -> Iterator[Place]:
        """What stands between quotes, escapes and ends of lines."""
        around = escape_around(self._text, max(0, start - 12), start)
        place = min(around[1], end) if around and _BREAKS.match(self._text, around[0]) else start
        for stop in _BREAKS.finditer(self._text, place, end):
            yield self._string_part(place, stop.start())
            place = stop.end()
        if place < end:
            yield self._string_part(place, end)

    def _string_part(self, start: int, end: int) -> Place:
        low, high = self._trimmed(start, end, " \t#")
        braced = self._text[low - 1 : low] == "{" or self._text[high : high + 1] == "}"
        return Place(low, high, IDENTIFIER if braced else self._within_word(low, high))

    def _within_word(self, start: int, end: int, *, after_escape: bool = False) -> str:
        """The form beside letters and digits, and beside what only code has: the whole must stay one word."""
        before, after = self._text[start - 1 : start], self._text[end : end + 2]
        if (before in _WORD and not after_escape) or after[:1] in _WORD:
            return IDENTIFIER
        member = before == "." or after[:1] == "(" or (after[:1] == "." and after[1:] in _WORD)
        return IDENTIFIER if member and _NAME.match(self._text[start:end]) else PLAIN

    def _touched(self, start: int, end: int) -> bool:
        return self._text[start - 1 : start] in _WORD or self._text[end : end + 1] in _WORD

    def _trimmed(self, start: int, end: int, edge: str) -> tuple[int, int]:
        """Without some characters at the ends."""
        while start < end and self._text[start] in edge:
            start += 1
        while start < end and self._text[end - 1] in edge:
            end -= 1
        return start, end

    def _json(self) -> list[Region]:
        if self._regions is None:
            self._regions = json_in(self._text)
            self._ends = [region.end for region in self._regions]
        return self._regions
