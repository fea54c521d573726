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
        pieces.append(piece.group())
        length += len(piece.group())
        if len(pieces) > 1:
            ends[length] = piece.end()
        broken = _BREAK.match(text, piece.end(), piece.end() + 80)
        if not broken:
            break
        place = broken.end()
    return Joined("".join(pieces), ends) if ends else None
