"""Where the strings and numbers of a JSON text stand. It is read without recursion, however deep it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r'[ \t\r\n]*+(?:(?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+\-]?[0-9]++)?(?![\w.+\-]))"
    r"|(?P<word>true|false|null|NaN|-?Infinity)|(?P<mark>[\[\]{},:]))"
)
_SPACE = re.compile(r"[ \t\r\n]*")
_FENCE = re.compile(
    r"^[ \t]{0,3}(?:```|~~~)[^\n]*\n(?P<body>.*?)^[ \t]{0,3}(?:```|~~~)[ \t]*$", re.MULTILINE | re.DOTALL
)
_LINE = re.compile(r"^[ \t]*[\[{\"].*[\]}\"],?[ \t\r]*$", re.MULTILINE)
_MAY_BE = re.compile(r"[\[{\"]")
_BEGINS = re.compile(r"\s*[\[{\"]")


@dataclass(frozen=True, slots=True)
class Token:
    """A string, without its quotes, or a number."""

    start: int
    end: int
    is_string: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a text that is JSON. What is in none of its tokens is its structure."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    """In order."""


def json_in(text: str) -> list[Region]:
    """All JSON in a text, in order: the whole text, or lines of it and fenced blocks. A number alone is none."""
    if not _MAY_BE.search(text):
        return []
    whole = _read(text, 0, len(text)) if _BEGINS.match(text) else None
    if whole is not None:
        return [Region(0, len(text), tuple(whole))]
    found: list[Region] = []
    end = 0
    for start, stop in sorted(_regions(text)):
        tokens = _read(text, start, stop) if start >= end else None
        if tokens is not None:
            found.append(Region(start, stop, tuple(tokens)))
            end = stop
    return found


def _regions(text: str) -> Iterator[tuple[int, int]]:
    for fence in _FENCE.finditer(text):
        yield fence.span("body")
    for line in _LINE.finditer(text):
        yield line.start(), line.start() + len(line.group().rstrip().removesuffix(","))


_VALUE, _FIRST, _KEY, _FIRST_KEY, _COLON, _AFTER = range(6)
"""What may come next: a value; a value or ]; a key; a key or }; a colon; a comma or the end of what is open."""


def _read(text: str, start: int, end: int) -> list[Token] | None:
    """The strings and numbers of one JSON value that fills a stretch; None where it is no JSON."""
    found: list[Token] = []
    open_: list[str] = []
    place, state = start, _VALUE
    while state != _AFTER or open_:
        token = _TOKEN.match(text, place, end)
        if token is None:
            return None
        next_state = _step(token, state, open_)
        if next_state is None:
            return None
        if token["string"]:
            found.append(Token(token.start("string") + 1, token.end() - 1, is_string=True))
        elif token["number"]:
            found.append(Token(token.start("number"), token.end(), is_string=False))
        place, state = token.end(), next_state
    rest = _SPACE.match(text, place, end)
    return found if rest is not None and rest.end() == end else None


def _step(token: re.Match[str], state: int, open_: list[str]) -> int | None:
    """What may come after a token; None where the token may not come here."""
    mark = token["mark"]
    if mark is None:
        return _after_scalar(state, is_string=token["string"] is not None)
    if mark in "[{":
        if state not in {_VALUE, _FIRST}:
            return None
        open_.append(mark)
        return _FIRST if mark == "[" else _FIRST_KEY
    if mark in "]}":
        empty = _FIRST if mark == "]" else _FIRST_KEY
        fits = bool(open_) and open_[-1] == ("[" if mark == "]" else "{") and state in {_AFTER, empty}
        return _AFTER if fits and open_.pop() else None
    if mark == ":":
        return _VALUE if state == _COLON else None
    return None if state != _AFTER or not open_ else _VALUE if open_[-1] == "[" else _KEY


def _after_scalar(state: int, *, is_string: bool) -> int | None:
    if state in {_KEY, _FIRST_KEY}:
        return _COLON if is_string else None
    return _AFTER if state in {_VALUE, _FIRST} else None


def without_escapes(text: str, token: Token, start: int, end: int) -> tuple[int, int]:
    """A part of a string that begins and ends between escapes, not within one."""
    first, last = escape_around(text, token.start, start), escape_around(text, token.start, end)
    start, end = first[1] if first else start, last[0] if last else end
    return start, max(start, end)


def follows_escape(text: str, low: int, place: int) -> bool:
    """Whether an escape of a string that begins at ``low`` ends at a place."""
    found = escape_around(text, low, place - 1)
    return found is not None and found[1] == place


_LENGTHS = {"x": 4, "u": 6, "U": 10}
"""Characters of an escape, by the one after its backslash; JSON has but the second."""


def escape_around(text: str, low: int, place: int) -> tuple[int, int] | None:
    """Where the escape begins and ends that goes on both before and after a place; None where there is none.

    ``low`` is where the string begins. Only backslashes near the place are looked at.
    """
    for at in range(place - 1, max(low, place - 10) - 1, -1):
        if text[at] == "\\":
            run = at
            while run > low and text[run - 1] == "\\":
                run -= 1
            end = at + _LENGTHS.get(text[at + 1 : at + 2], 2)
            return (at, end) if (at - run) % 2 == 0 and end > place else None
    return None
