"""Streams of JSON values: the lines of JSON Lines, and the elements of an array however long its line is.

A byte order mark and carriage returns are skipped; blank lines are no part of the log. One value, a line or
an element, is at most `VALUE_LIMIT` bytes, so that no content, however made, takes unbounded memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from troth.intake.content import ContentError
from troth.intake.json_text import PLAIN, Decoder, NotJsonError, decode
from troth.intake.turns import Damage

VALUE_LIMIT = 64 << 20
"""Bytes that one line, or one element of an array, may have: 64 MiB."""

BOM = b"\xef\xbb\xbf"
SPACE = b" \t\r\n"

Numbered = tuple[int, Any] | Damage
"""A line or element with its number from 1, or the damage to it."""

_TOO_LONG = f"is longer than {VALUE_LIMIT >> 20} MiB"
_NEXT_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL)


def _decoded(number: int, data: bytes, decoder: Decoder, unit: str) -> Numbered:
    try:
        return number, decoder.one(data)
    except NotJsonError as problem:
        return Damage(number, f"the {unit} {problem}")


def byte_lines(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers from 1, without their ends; None for one that is over the limit."""
    number, kept, length = 0, list[bytes](), 0
    for piece in pieces:
        first, *rest = piece.split(b"\n")
        length += len(first)
        if length <= VALUE_LIMIT:
            kept.append(first)
        else:
            kept.clear()
        if not rest:
            continue
        number += 1
        yield number, b"".join(kept) if length <= VALUE_LIMIT else None
        last = rest.pop()
        for line in rest:
            number += 1
            yield number, line
        kept, length = [last], len(last)
    if length:
        yield number + 1, b"".join(kept) if length <= VALUE_LIMIT else None


def lines(pieces: Iterable[bytes], decoder: Decoder = PLAIN) -> Iterator[Numbered]:
    """The values of JSON Lines, each with its line number, and the damaged lines."""
    number = 0
    try:
        for number, line in byte_lines(pieces):
            if line is None:
                yield Damage(number, f"the line {_TOO_LONG}")
                continue
            if number == 1:
                line = line.removeprefix(BOM)  # noqa: PLW2901
            if line and not line.isspace():
                yield _decoded(number, line, decoder, "line")
    except ContentError as problem:
        yield Damage(number + 1, str(problem))


def elements(pieces: Iterable[bytes], decoder: Decoder = PLAIN) -> Iterator[Numbered]:
    """The elements of one top-level array, or else the top-level values one after another, counted from 1."""
    splitter = _Splitter(decoder)
    try:
        for piece in pieces:
            yield from splitter.feed(piece)
            if splitter.lost:
                return
        yield from splitter.end()
    except ContentError as problem:
        yield Damage(splitter.number + 1, str(problem))


class _Splitter:
    """Finds where elements begin and end by counting brackets; what lies within is decoded on its own."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.number = 0
        self.lost = False
        self._rest = b""
        self._wanted = 0
        self._base: int | None = None
        self._depth = 0
        self._closed = False

    def feed(self, piece: bytes) -> Iterator[Numbered]:
        """Take one more piece of content; yield the elements that it completes."""
        self._rest += piece
        if len(self._rest) < self._wanted:
            return
        if self._base is None and not self._begin():
            return
        yield from self._complete()
        # An element that spans pieces is looked at again only when it has doubled: linear, not quadratic.
        self._wanted = min(len(self._rest) * 2, VALUE_LIMIT + 1)
        if len(self._rest) > VALUE_LIMIT:
            self.lost = True
            yield Damage(self.number + 1, f"the element {_TOO_LONG}; the rest of the file is not read")

    def end(self) -> Iterator[Numbered]:
        """The content is over: yield what is left of it."""
        if self._base is None:
            self._begin()
        yield from self._complete()
        if self._base == 1 and not self._closed:
            yield Damage(self.number + 1, "the JSON ends early; the file is truncated")
        elif self._rest.strip(SPACE):
            yield Damage(self.number + 1, "what follows the last element is not JSON")

    def _begin(self) -> bool:
        text = self._rest.removeprefix(BOM).lstrip(SPACE)
        if not text:
            return False
        self._base = int(text.startswith(b"["))
        self._rest = text[self._base :]
        return True

    def _complete(self) -> Iterator[Numbered]:
        text, begin, done, at = self._rest, 0, 0, -1
        # Each match begins where the last one ended: a string that is cut off is waited for, not entered.
        while found := _NEXT_BRACKET.match(text, at + 1):
            at = found.start(1)
            if text[at] in b"{[":
                begin = begin if self._depth else at
                self._depth += 1
                continue
            if not self._depth:
                yield from self._close(text[done:at])
                done = at + 1
                continue
            self._depth -= 1
            if not self._depth:
                yield from self._between(text[done:begin])
                self.number += 1
                yield _decoded(self.number, text[begin : at + 1], self._decoder, "element")
                done = at + 1
        self._rest, self._depth = text[done:], 0

    def _between(self, gap: bytes) -> Iterator[Numbered]:
        """What stands between two elements: a comma in an array; scalars are elements, too."""
        gap = gap.strip(SPACE)
        if gap == (b"," if self._base and self.number and not self._closed else b""):
            return
        if self._closed:
            yield Damage(self.number + 1, "something follows the end of the array")
            return
        try:
            scalars = decode(b"[" + gap.removeprefix(b",").removesuffix(b",") + b"]")
        except NotJsonError:
            yield Damage(self.number + 1, "what stands before the element is not JSON")
            return
        for scalar in scalars:
            self.number += 1
            yield self.number, scalar

    def _close(self, gap: bytes) -> Iterator[Numbered]:
        if self._base != 1 or self._closed:
            yield Damage(self.number + 1, "a bracket closes what was never opened")
            return
        if gap.strip(SPACE):
            yield from self._between(gap)
        self._closed = True
