"""Dates of a conversation, all moved by the same days, so that what lies between them stays.

No date can bear a mark of having been moved, and to move it again would change it again. So the days are chosen
such that a check of the first date, moved, comes out right under the key: where the check of the first date
comes out right, all stay. One conversation in 256 has a first date that comes out right as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from troth.detect.replace.draw import Draw
from troth.detect.replace.written import Written, read_date

_LEAST: Final = 15
_MOST: Final = 1500


class Shift:
    """The move of one conversation's dates."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._days: int | None = None

    def settle(self, texts: Sequence[str]) -> None:
        """Choose the days, knowing all dates of the conversation in their order. Chosen once, they stay."""
        if self._days is None:
            first = next(((text, date) for text in texts if (date := read_date(text)) is not None), None)
            if first is not None:
                self._days = self._choose(*first)

    def moved(self, text: str) -> str | None:
        """The date moved; None where no date can be read there."""
        date = read_date(text)
        return None if date is None else date.moved(self._days or 0)

    def _choose(self, text: str, date: Written) -> int:
        key, count = self._draw.data("dates", ""), 2 * (_MOST - _LEAST)
        if _right(text, key):
            return 0
        first = self._draw.number("days", "", count)
        for step in range(count):
            days = _days((first + step) % count)
            if _right(date.moved(days), key):
                return days
        return _days(first)


def _right(text: str, key: bytes) -> bool:
    """Whether the check comes out right: of 256 texts, one does."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=1).digest() == b"\0"


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
