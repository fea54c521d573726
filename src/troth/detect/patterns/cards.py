"""Payment card numbers: an issuer's form and length, and the Luhn check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.around import said_before, words
from troth.detect.patterns.checks import passes_luhn
from troth.detect.patterns.forms import found

if TYPE_CHECKING:
    from troth.detect.text.view import View

_RUN = re.compile(r"(?<![\w.,\-/+=#])\d(?:[ \-]?\d){11,25}(?![\w/=]|[.,:\-]\d)", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{11,13}|3[47]\d{13}"
    r"|3(?:0[0-5]|095|[689]\d)\d{11,16}|35\d{14,17}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|62\d{14,17}"
    r"|(?:50|5[6-8]|6[37])\d{10,17}|(?:2131|1800)\d{11}",
    re.ASCII,
)
_COMMON = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|(?:2131|1800)\d{11}",
    re.ASCII,
)
"""The issuers and lengths that are taken without a word about a card beside them."""
_SAID = words(
    "cards?", "credit", "debit", "visa", "master ?card", "amex", "american express", "maestro", "discover", "diners",
    "jcb", "cc", "ccn", "pan", "kreditkarten?(?:nummer)?", "karte(?:nnummer)?", "carte", "tarjeta", "carta",
    "cart[aã]o", "creditcard", "kaart", r"card[ _]?(?:number|no)",
)  # fmt: skip


def cards_at(view: View, place: int) -> Iterator[Finding]:
    """The card numbers that hold the character before a place, which is a digit."""
    text = view.folded
    for run in _RUN.finditer(text, max(0, place - 32), place + 32):
        if run.start() >= place:
            return
        if run.end() < place:
            continue
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            last, why = _card_from(text, groups, first)
            if last >= 0:
                yield found(groups[first][0], groups[last][1], why)
                first = last
            first += 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> tuple[int, str]:
    """The last group of the card number that begins at a group, and how it is known; -1 if none does."""
    digits = ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        digits += text[start:end]
        if len(digits) > 19:
            break
        if len(digits) >= 12 and _ISSUERS.fullmatch(digits) and passes_luhn(digits) and len(set(digits)) > 1:
            if said_before(_SAID, text, groups[first][0], 60):
                return last, "card/luhn-context"
            if _COMMON.fullmatch(digits) and _grouped(groups[first : last + 1]):
                return last, "card/luhn"
    return -1, ""


def _grouped(groups: list[tuple[int, int]]) -> bool:
    """Whether the digits stand as on a card: together, in fours, or 4-6-5."""
    sizes = [end - start for start, end in groups]
    return len(sizes) == 1 or sizes in ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4])
