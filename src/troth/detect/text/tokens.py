"""Comments and strings as most languages write them, found in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

ZoneKind = Literal["prose", "code", "comment", "string", "path", "data"]
Span = tuple[int, int, ZoneKind]
"""Where a stretch begins and ends, and its kind."""

_OPENER: Final = re.compile(
    r"\"\"\"|'''|/\*|<!--|[\"'`]|//|-- "
    r"|#(?!include|define|ifn?def|if |endif|else|pragma|undef|[0-9A-Fa-f]{3,8}\b|[\[(!{])"
)
_CLOSERS: Final = {'"""': '"""', "'''": "'''", "/*": "*/", "<!--": "-->"}
_INSIDE: Final = {mark: re.compile(rf"(?:[^{mark}\\\n]|\\[^\n])*") for mark in "\"'`"}


def tokens_of(text: str) -> Iterator[Span]:
    """The comments and strings of a text that holds code, in order. Time is linear."""
    place = 0
    dead: dict[str, int] = {}  # up to where an opener is known to have no end
    while opener := _OPENER.search(text, place):
        start, mark = opener.start(), opener.group()
        place = opener.end()
        if start < dead.get(mark, 0):
            continue
        end = _end(text, place, mark)
        if end > 0:
            yield start, end, _kind(text, start, mark)
            place = end
        else:
            dead[mark] = -end
            if len(mark) == 3 and mark[0] in "\"'":
                place = start + 1


def _end(text: str, place: int, mark: str) -> int:
    """The first character after what an opener opens; if it is never closed, up to where that is so, below 0."""
    if mark in _CLOSERS:
        close = text.find(_CLOSERS[mark], place)
        return close + len(_CLOSERS[mark]) if close >= 0 else -len(text) - 1
    if mark in _INSIDE:
        inside = _INSIDE[mark].match(text, place)
        end = inside.end() if inside else place
        return end + 1 if text[end : end + 1] == mark else -end - 1
    end = text.find("\n", place)
    return end if end >= 0 else len(text)


def _kind(text: str, start: int, mark: str) -> ZoneKind:
    if mark == "//" and text[start - 1 : start] == ":":
        return "path"
    return "string" if mark[0] in "\"'`" else "comment"


class Tokens:
    """The comments and strings of a text, asked for by stretches from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._found = tokens_of(text)
        self._next = next(self._found, None)

    def between(self, low: int, high: int, kind: ZoneKind) -> list[Span]:
        """The spans of a stretch of code; what lies between comments and strings is of the kind given."""
        spans: list[Span] = []
        done = low
        while self._next and self._next[0] < high:
            start, end = max(self._next[0], done), min(self._next[1], high)
            if end > start:
                if start > done:
                    spans.append((done, start, kind))
                spans.append((start, end, self._next[2]))
                done = end
            if self._next[1] > high:
                break
            self._next = next(self._found, None)
        if done < high:
            spans.append((done, high, kind))
        return spans
