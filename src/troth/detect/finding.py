"""One place of a text that holds sensitive data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place of a text that holds sensitive data."""

    start: int
    """The first character of it, counted in code points of the text as it was given."""
    end: int
    """The first character after it."""
    kind: str
    """A key of `troth.detect.kinds.KINDS`, or a kind that the terms declare."""
    confidence: float
    """0 to 1: how often something found this way is what it is taken for."""
    why: str
    """Which recogniser found it and which check it passed, such as ``iban/mod-97``."""
