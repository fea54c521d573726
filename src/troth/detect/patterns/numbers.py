"""Numbers of six to nineteen digits: one anchor for all, then what each may be, by how it is written.

Such numbers are common, so the dear questions are asked only of those that could answer them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.cards import cards_at
from troth.detect.patterns.dates import dates_at
from troth.detect.patterns.ibans import accounts_at
from troth.detect.patterns.national import nationals_at
from troth.detect.patterns.phones import phones_at
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_SHAPE = str.maketrans("123456789", "000000000")
_MOST_GAPS = 10
_DATES = ("/0000", "-0000", ".0000", ". 0000", "-00", "/00", ".00", ". 00", "-0", "/0")


def _confirm(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    if text[place - 1] == "x":  # an extension follows
        place -= 1
    shape = text[max(0, place - 26) : place].translate(_SHAPE)
    if shape.endswith("0000-00") and text.startswith("-", place):  # the day follows
        return
    if shape.endswith("0000-00-00"):
        yield from dates_at(view, place)
        return
    if shape.endswith("0000-00-00 00") and text.startswith(":", place):  # the hour, after a date
        return
    digits = shape.count("0")
    if (
        shape.count(" ") + shape.count("-") + shape.count(".") + shape.count("(") > _MOST_GAPS
    ):  # a row of a table
        return
    if shape.endswith(_DATES):
        yield from dates_at(view, place)
    yield from phones_at(view, place, digits)
    if digits >= 9:
        yield from nationals_at(view, place)
    if digits >= 12:
        yield from cards_at(view, place)
    yield from accounts_at(view, place)


NUMBER = Recogniser(
    "number",
    ("PHONE", "CREDIT_CARD", "NATIONAL_ID", "BANK_ACCOUNT", "DATE", "DATE_OF_BIRTH"),
    (r"\b\d(?:[ ().\-/]{0,3}\d){5,18}(?:\b|x)",),
    _confirm,
)
