"""Where something may be put in the place of a finding, and in which form, so that JSON and code can still be read."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from troth.detect.replace.json_tokens import Region, follows_escape, json_in, without_escapes
from troth.detect.text.view import View

PLAIN: Final = "plain"
IDENTIFIER: Final = "identifier"
NUMBER: Final = "number"
STRING: Final = "string"
DIGITS: Final = "digits"

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_BARE_NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9_]+)?\Z", re.ASCII)
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$")
_QUOTES = re.compile(r"[\"'`\n\r]+")
_LETTER_OR_DIGIT = re.compile(r"\w")
_IN_CODE = frozenset(("code", "string", "data"))


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
        self._view = view
        self._regions: list[Region] | None = None
        self._ends: list[int] = []

    def places(self, start: int, end: int) -> Iterator[Place]:
        """The places in a stretch: nothing of a quote, an escape or the structure of JSON or code is in them."""
        text = self._view.text
        for one, other, form in self._parts(start, end):
            low, high = _trimmed(text, one, other, _SPACE if form == STRING else _EDGE)
            if low < high:
                last = self._form(low, high) if form == PLAIN else _in_string(text, low, high, form)
                yield Place(low, high, last, escaped=form == STRING)

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The parts of a stretch: outside of JSON as code or prose, inside strings and numbers."""
        regions = self._json()
        place = start
        for region in regions[bisect_right(self._ends, start) :]:
            if region.start >= end:
                break
            if place < region.start:
                yield from self._in_code(place, region.start)
            yield from self._in_json(region, max(start, region.start), min(end, region.end))
            place = region.end
        if place < end:
            yield from self._in_code(place, end)

    def _in_json(self, region: Region, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        first = bisect_right(region.tokens, start, key=lambda token: token.end)
        for token in region.tokens[first:]:
            if token.start >= end:
                return
            low, high = max(start, token.start), min(end, token.end)
            if token.is_string:
                yield *without_escapes(self._view.text, token, low, high), STRING
            else:
                yield low, high, NUMBER if (low, high) == (token.start, token.end) else DIGITS

    def _json(self) -> list[Region]:
        if self._regions is None:
            self._regions = json_in(self._view.text)
            self._ends = [region.end for region in self._regions]
        return self._regions

    def _in_code(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """In code, what stands between quotes and line ends; elsewhere all of it."""
        text = self._view.text
        if not _QUOTES.search(text, start, end) or self._zone(start) not in _IN_CODE:
            yield start, end, PLAIN
            return
        place = start
        for quote in _QUOTES.finditer(text, start, end):
            yield place, quote.start(), PLAIN
            place = quote.end()
        yield place, end, PLAIN

    def _form(self, start: int, end: int) -> str:
        text = self._view.text
        before, after = text[start - 1 : start], text[end : end + 1]
        if before in _WORD or after in _WORD:
            return IDENTIFIER
        if self._zone(start) == "code":
            if _IDENTIFIER.match(text[start:end]):
                return IDENTIFIER
            if _BARE_NUMBER.match(text[start:end]) and before not in {'"', "'", "`"}:
                return NUMBER
        return PLAIN

    def _zone(self, place: int) -> str:
        return self._view.zone_at(place) if self._view.folded is self._view.text else "prose"


def _in_string(text: str, start: int, end: int, form: str) -> str:
    """The form of a place in JSON."""
    if form != STRING:
        return form
    before = text[start - 1 : start] in _WORD and not follows_escape(text, max(0, start - 6), start)
    return IDENTIFIER if before or text[end : end + 1] in _WORD else PLAIN


_SPACE: Final = " \t"
_EDGE: Final = " \t\r\n\"'`\\"


def _trimmed(text: str, start: int, end: int, edge: str) -> tuple[int, int]:
    """Without spaces, and outside of JSON quotes, at the ends; empty where there is no letter and no digit."""
    while start < end and text[start] in edge:
        start += 1
    while start < end and text[end - 1] in edge:
        end -= 1
    return (start, end) if _LETTER_OR_DIGIT.search(text, start, end) else (start, start)
