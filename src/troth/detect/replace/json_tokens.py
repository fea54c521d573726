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
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A string, without its quotes, or a number."""

    start: int
    end: int
    is_string: bool


def tokens_of(text: str) -> list[Token]:
    """The strings and numbers of all JSON in a text, in order: the whole text, lines of it, and fenced blocks."""
    if '"' not in text and not text.lstrip().startswith(("[", "{")):
        return []
    whole = _read(text, 0, len(text))
    if whole is not None:
        return whole
    found: list[Token] = []
    end = 0
    for start, stop in sorted(_regions(text)):
        if start >= end:
            tokens = _read(text, start, stop)
            if tokens:
                found += tokens
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
    if "\\" not in text[token.start : token.end]:
        return start, end
    for escape in _ESCAPE.finditer(text, token.start, token.end):
        if escape.start() >= end:
            break
        if escape.start() < start < escape.end():
            start = escape.end()
        if escape.start() < end < escape.end():
            end = escape.start()
            break
    return start, max(start, end)
