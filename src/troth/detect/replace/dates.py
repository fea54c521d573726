"""Dates of a conversation, all moved by the same days, so that what lies between them stays.

No date can bear a mark of having been moved, and to move it again would change it again. So the days are chosen
such that a check of the most exact date, moved, comes out right under the key; where the check of that date comes out
right, all stay. One conversation in 256 has a date that comes out right as it is; where no date has a year,
one in 32, and where none has a day, one in 16.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from troth.detect.replace.draw import Draw
from troth.detect.replace.written import Written, read_date

_LEAST: Final = 15
_MOST: Final = 1500
_ONE_IN: Final = {3: 256, 2: 32, 1: 16}
"""How rarely the check comes out right by chance: days without a year and months are too few for more."""


class Shift:
    """The move of one conversation's dates."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._days: int | None = None
        self._made: set[str] = set()
        self._stay: frozenset[str] = frozenset()
        """What was made in earlier rounds."""

    def settle(self, texts: Sequence[str]) -> None:
        """Begin a round: choose the days, knowing all dates of the conversation in their order. Chosen once, they stay.

        Where there is nothing but years there is nothing to check, and no days are chosen.
        """
        self._stay = frozenset(self._made)
        if self._days is None:
            dates = [(text, date) for text in texts if (date := read_date(text)) is not None and date.exact]
            if dates:
                self._days = self._choose(*max(dates, key=lambda date: date[1].exact))

    def moved(self, text: str) -> str | None:
        """The date moved; None where no date can be read there. What was made in an earlier round stays."""
        if text in self._stay:
            return text
        date = read_date(text)
        if date is None or self._days is None:
            return None
        made = date.moved(self._days)
        self._made.add(made)
        return made

    def _choose(self, text: str, date: Written) -> int:
        key, count, one_in = self._draw.data("dates", ""), 2 * (_MOST - _LEAST), _ONE_IN[date.exact]
        if _right(text, key, one_in):
            return 0
        first = self._draw.number("days", "", count)
        for step in range(count):
            days = _days((first + step) % count)
            if _right(date.moved(days), key, one_in):
                return days
        return _days(first)


def _right(text: str, key: bytes, one_in: int) -> bool:
    """Whether the check comes out right: of so many texts, one does."""
    told = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, key=key, digest_size=1).digest()[0] % one_in == 0


def _days(number: int) -> int:
    """-1499 to -15 and 15 to 1499."""
    side, size = divmod(number, _MOST - _LEAST)
    return (_LEAST + size) * (1 if side else -1)


def age(text: str) -> str:
    """The age in the middle of its ten years: of 30 to 39 comes 35, of 90 and more 95.

    >>> age("34"), age("35 years"), age("102"), age("7")
    ('35', '35 years', '95', '5')
    """
    digits = "".join(c for c in text if c.isdecimal())
    if not digits:
        return text
    before, _, after = text.partition(digits)
    if digits not in text:
        return text
    return f"{before}{min(int(digits[:4]) // 10, 9) * 10 + 5}{after}"
