"""Numbers and codes that belong to nobody: the form stays, and what would tell whose it is becomes 0 and X."""

from __future__ import annotations

import re

from troth.detect.replace.draw import Draw

_LAST = 4
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")


def shaped(value: str, draw: Draw) -> str:
    """The form of a number or code: X for letters, 0 for digits, but for the last ones where there are many.

    No state gives numbers that begin with so many zeros to anyone.
    """
    count = sum(c.isdigit() for c in value)
    last = min(_LAST, max(0, count - 3))
    digits = "0" * (count - last) + draw.digits("shape", value, last)
    return laid_out(_letters(value), digits)


def blank(value: str) -> str:
    """The same with zeros alone."""
    return _DIGITS.sub("0", _letters(value))


def is_shaped(value: str) -> bool:
    """Whether this is what `shaped` or `blank` give.

    >>> is_shaped("000-00-1234"), is_shaped("123-45-6789"), is_shaped("X000 0042"), is_shaped("x")
    (True, False, True, True)
    """
    if any(c not in "xX" for c in _LETTERS.findall(value)):
        return False
    digits = "".join(_DIGITS.findall(value))
    return not digits[: len(digits) - min(_LAST, max(0, len(digits) - 3))].strip("0")


def laid_out(value: str, digits: str) -> str:
    """The value with other digits in the places of its own; there must be as many."""
    others = iter(digits)
    return _DIGITS.sub(lambda _: next(others), value)


def only_digits(value: str) -> str:
    """The digits of a value, of any script, as ASCII.

    >>> only_digits("+1 (202) ٣")
    '12023'
    """
    return "".join(str(int(c)) for c in value if c.isdecimal())


def _letters(value: str) -> str:
    return _LETTERS.sub(lambda letter: "X" if letter.group().isupper() else "x", value)
