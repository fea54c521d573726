"""National identity and social security numbers: the table of countries is in `troth.detect.patterns.national_table`."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troth.detect.finding import Finding
from troth.detect.patterns.forms import found
from troth.detect.patterns.national_table import AFTER_WORDS, BY_FORM, ByForm, Said
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.patterns.said import after_words

if TYPE_CHECKING:
    from troth.detect.text.view import View


@dataclass(frozen=True, slots=True)
class Valid:
    """A check of ``python-stdnum``, loaded when it is first needed."""

    module: str

    def __call__(self, match: re.Match[str]) -> bool:
        """Whether the number is valid: its length, date and check digits."""
        number, check = match.groupdict().get("it") or match.group(), _checker(self.module)
        return bool(check(number) or (not number.isalnum() and check(_APART.sub("", number))))


_APART = re.compile(r"[ .\-/]")
"""What people write between digits, and not every check takes."""


@functools.cache
def _checker(module: str) -> Callable[[str], Any]:
    if module in _OWN:
        return _OWN[module]
    checker: Callable[[str], Any] = importlib.import_module(f"stdnum.{module}").is_valid
    return checker


def _is_nric(number: str) -> bool:
    """Singapore: the letter is the weighted sum of the digits, from a table for each first letter."""
    number = number.upper()
    total = sum(int(d) * w for d, w in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = {
        "S": "JZIHGFEDCBA",
        "T": "JZIHGFEDCBA",
        "F": "XWUTRQPNMLK",
        "G": "XWUTRQPNMLK",
        "M": "XWUTRQPNJLK",
    }[number[0]]
    return letters[total % 11 if number[0] != "M" else 10 - total % 11] == number[8]


def _is_hkid(number: str) -> bool:
    """Hong Kong: letters and digits weighted from 9 down, modulo 11."""
    plain = re.sub(r"[^A-Z0-9]", "", number.upper()).rjust(9)
    values = [36 if c == " " else int(c, 36) for c in plain[:8]]
    check = -sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True)) % 11
    return plain[8] == "0123456789A"[check]


def _is_jmbg(number: str) -> bool:
    """The successor states of Yugoslavia: thirteen digits with a date, modulo 11."""
    digits = [int(c) for c in number]
    total = sum((7 - i) * (digits[i] + digits[i + 6]) for i in range(6))
    return (
        1 <= int(number[:2]) <= 31
        and 1 <= int(number[2:4]) <= 12
        and (11 - total % 11) % 11 % 10 == digits[12]
    )


def _is_taiwan(number: str) -> bool:
    """Taiwan: the letter as two digits, and digits weighted 1, 9 to 1, 1, modulo 10."""
    digits = [int(c) for c in f"{'ABCDEFGHJKLMNPQRSTUVXYWZIO'.index(number[0].upper()) + 10}{number[1:]}"]
    return sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def _is_nino(number: str) -> bool:
    """United Kingdom: no check digit, but prefixes that were never given out."""
    return number[:2].upper() not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def _is_snils(number: str) -> bool:
    """Russia: nine digits weighted 9 to 1, modulo 101."""
    digits = [int(c) for c in number if c.isdigit()]
    total = sum(d * w for d, w in zip(digits, range(9, 0, -1), strict=False))
    return total % 101 % 100 == digits[9] * 10 + digits[10]


def _is_any(number: str) -> bool:
    """No check digit that is known: the words before it must do."""
    return len(set(number)) > 2


_OWN = {
    "own.nric": _is_nric,
    "own.hkid": _is_hkid,
    "own.jmbg": _is_jmbg,
    "own.taiwan": _is_taiwan,
    "own.nino": _is_nino,
    "own.snils": _is_snils,
    "own.any": _is_any,
}


@dataclass(frozen=True, slots=True)
class _Forms:
    """Numbers that share an anchor: whichever row of the table has the form, and passes its check."""

    rows: tuple[tuple[re.Pattern[str], str, Valid], ...]
    any_form: re.Pattern[str]

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        """The numbers that hold the character before the place."""
        text = view.folded
        for match in self.any_form.finditer(text, max(0, place - 40), place + 16):
            if match.start() >= place:
                return
            for pattern, why, valid in self.rows if match.end() >= place else ():
                exact = pattern.match(text, match.start(), place + 16)
                if exact and valid(exact):
                    yield found(*exact.span(), why)
                    break


_EDGES = (r"(?<![\w.,\-/+=$€£#])(?:", r")(?![\w=+]|[\-/.,]\w)")


def _forms(rows: tuple[ByForm, ...]) -> _Forms:
    patterns = tuple(
        (re.compile(row.form.join(_EDGES), re.ASCII), f"national/{row.sure}:{row.country}", Valid(row.module))
        for row in rows
    )
    return _Forms(patterns, re.compile("|".join(row.form for row in rows).join(_EDGES), re.ASCII))


def _said(row: Said) -> Recogniser:
    return after_words(
        f"national-{row.country}-said",
        row.words,
        row.form,
        f"national/context:{row.country}",
        rare=row.rare,
        common=row.common,
        check=Valid(row.module),
    )


NATIONAL = (
    *(
        Recogniser(f"national-{row.country}", ("NATIONAL_ID",), row.anchors, _forms((row,)))
        for row in BY_FORM
        if row.anchors
    ),
    *(_said(row) for row in AFTER_WORDS),
)
"""Those told by their form, and those told by words."""
_DIGITS = _forms(tuple(row for row in BY_FORM if not row.anchors))


def nationals_at(view: View, place: int) -> Iterator[Finding]:
    """The numbers of nothing but digits, told by their form, that hold the character before a place."""
    return _DIGITS(view, place)
