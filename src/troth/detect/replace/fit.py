"""Where something may be put in the place of a finding, and in which form, so that JSON and code can still be read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from troth.detect.replace.json_tokens import Token, tokens_of, without_escapes
from troth.detect.text.view import View

PLAIN: Final = "plain"
IDENTIFIER: Final = "identifier"
NUMBER: Final = "number"
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


class Fitting:
    """The places of one text. What it is made of is looked at when it is first asked for."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._tokens: list[Token] | None = None
        self._ends: list[int] = []

    def places(self, start: int, end: int) -> Iterator[Place]:
        """The places in a stretch: nothing of a quote, an escape or the structure of JSON or code is in them."""
        for one, other, form in self._parts(start, end):
            low, high = _trimmed(self._view.text, one, other)
            if low < high:
                yield Place(low, high, self._form(low, high) if form == PLAIN else form)

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        tokens = self._json()
        first = bisect_right(self._ends, start)
        own = []
        while first < len(tokens) and tokens[first].start < end:
            own.append(tokens[first])
            first += 1
        if not own:
            yield from self._in_code(start, end)
        for token in own:
            low, high = max(start, token.start), min(end, token.end)
            if token.is_string:
                yield *without_escapes(self._view.text, token, low, high), PLAIN
            else:
                yield low, high, NUMBER if (low, high) == (token.start, token.end) else DIGITS

    def _json(self) -> list[Token]:
        if self._tokens is None:
            self._tokens = tokens_of(self._view.text)
            self._ends = [token.end for token in self._tokens]
        return self._tokens

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


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without quotes and spaces at the ends; empty where there is no letter and no digit."""
    while start < end and text[start] in " \t\r\n\"'`\\":
        start += 1
    while start < end and text[end - 1] in " \t\r\n\"'`\\":
        end -= 1
    return (start, end) if _LETTER_OR_DIGIT.search(text, start, end) else (start, start)
