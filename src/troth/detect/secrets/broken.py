"""Puts together what was broken over lines: in strings, in quoted mail, in comments, by a printer of fixed width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PIECE: Final = re.compile(r"[A-Za-z0-9_\-.+/=]+", re.ASCII)
_BREAK: Final = re.compile(
    r"[ \t]*(?:\\?[\"'][ \t]*[+.]?)?[ \t]*\\?(?:\r?\n|\\r?\\n)[ \t]{0,40}(?:[+>#*|/]{1,3}[ \t]*)?(?:\\?[\"'])?",
    re.ASCII,
)

_PART: Final = r"[^\s\"'`\\]{1,400}"
_IN_SHELL: Final = re.compile(rf"\\\r?\n[ \t]{{0,40}}{_PART}")
_IN_ONE_STRING: Final = re.compile(rf"\r?\n[ \t]{{0,40}}{_PART}(?=[\"'])")
_IN_NEXT_STRING: Final = re.compile(
    rf"(?P<mark>[\"'])[ \t]{{0,4}}(?P<sign>[+.\\]?)[ \t]{{0,4}}\r?\n[ \t]{{0,40}}(?P<other>[+.]?)[ \t]{{0,4}}(?P=mark)"
    rf"{_PART}(?=(?P=mark))"
)
_MOST_LINES: Final = 60


def end_of_all(text: str, end: int, opened: bool, closed: bool, sure: bool) -> int:
    """Where a value ends whose first line ends at a place: it goes on after a backslash, or in the string that follows.

    ``opened`` and ``closed`` tell whether a quotation mark stands before it, and behind it; ``sure`` whether two
    strings with no sign between them are one.
    """
    for _ in range(_MOST_LINES):
        if closed:
            match = _IN_NEXT_STRING.match(text, end)
            if match and not (sure or match["sign"] or match["other"]):
                match = None
        else:
            match = _IN_SHELL.match(text, end) or (_IN_ONE_STRING.match(text, end) if opened else None)
        if match is None:
            break
        end = match.end()
        closed = closed or (opened and text[end : end + 1] in "\"'")
    return end


@dataclass(frozen=True, slots=True)
class Joined:
    """A value without the breaks in it."""

    text: str
    ends: dict[int, int]
    """Where each line but the first ends: in ``text``, and in the text it came from."""


def joined(text: str, place: int, lines: int, width: int) -> Joined | None:
    """What begins at a place and goes on over at most so many lines of at most so many characters; None for one line."""
    pieces: list[str] = []
    ends: dict[int, int] = {}
    length = 0
    while len(pieces) < lines:
        piece = _PIECE.match(text, place, place + width)
        if not piece:
            break
        if pieces and pieces[-1].endswith("="):  # the break of a line that is quoted for the post (RFC 2045)
            pieces[-1], length = pieces[-1][:-1], length - 1
        pieces.append(piece.group())
        length += len(piece.group())
        if len(pieces) > 1:
            ends[length] = piece.end()
        broken = _BREAK.match(text, piece.end(), piece.end() + 80)
        if not broken:
            break
        place = broken.end()
    return Joined("".join(pieces), ends) if ends else None
