"""An edit: what took the place of a stretch of a text. Whoever has the text and its edits has what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One stretch of a text, what was found there, and what was put in its place."""

    start: int
    """The first character of it, counted in code points of the text as it was."""
    end: int
    """The first character after it."""
    kind: str
    """The kind of sensitive data."""
    confidence: float
    """0 to 1: how sure the finding was."""
    why: str
    """What found it."""
    put: str
    """What stands there now."""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with its edits made. Raises ``ValueError`` where they overlap, are out of order or beyond its end.

    >>> edited("write to ann", [Edit(9, 12, "PERSON", 0.9, "name", "[PERSON_1]")])
    'write to [PERSON_1]'
    """
    pieces, place = [], 0
    for edit in edits:
        if not place <= edit.start < edit.end <= len(text):
            raise ValueError(f"an edit of the characters {edit.start} to {edit.end} does not fit the text")
        pieces += [text[place : edit.start], edit.put]
        place = edit.end
    return "".join([*pieces, text[place:]])
