"""Surrogates: for each kind, something of the same sort and class of length that belongs to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from troth.detect.replace import numbers, online
from troth.detect.replace.dates import Shift, age
from troth.detect.replace.draw import Draw
from troth.detect.replace.secret import secret
from troth.detect.replace.shape import blank, shaped
from troth.detect.replace.words import Wording

DATES: Final = ("DATE", "DATE_OF_BIRTH")
"""The kinds that are moved in time."""


class Surrogates:
    """The surrogates of one conversation."""

    def __init__(self, draw: Draw, shift: Shift) -> None:
        self._draw, self._shift = draw, shift
        self._words = Wording(draw)

    def of(self, kind: str, value: str) -> str:
        """The surrogate of a value; empty where there is none for it, such as for a date that cannot be read."""
        if kind in DATES:
            return self._shift.moved(value) or ""
        if kind in _OF_NAMES:
            return self._words.of(value, kind)
        if kind == "EMAIL":
            return online.email(value, self._words, self._draw)
        if kind == "URL":
            return online.url(value, self._words)
        return _OF_NUMBERS.get(kind, shaped)(value, self._draw)


_OF_NAMES: Final = frozenset(("PERSON", "USERNAME", "LOCATION", "ADDRESS", "ORG", "PATH"))
_OF_NUMBERS: Final[Mapping[str, Callable[[str, Draw], str]]] = {
    "PHONE": numbers.phone,
    "CREDIT_CARD": numbers.card,
    "IBAN": numbers.iban,
    "IP": online.ip,
    "MAC": online.mac,
    "SECRET": secret,
    "GEO": lambda value, _: blank(value),
    "AGE": lambda value, _: age(value),
}
"""Every other kind, one that the terms declare too, keeps its shape and loses what it says."""
