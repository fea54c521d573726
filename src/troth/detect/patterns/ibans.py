"""International bank account numbers, and national ones after a word that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.checks import passes_mod97
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_COUNTRIES_BY_LENGTH = {
    **{15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK"},
    **{21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL"},
    **{24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR"},
    **{27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV", 29: "BR EG PS QA UA"},
    **{30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU"},
}
LENGTHS = {
    country: length for length, countries in _COUNTRIES_BY_LENGTH.items() for country in countries.split()
}
"""How many characters an IBAN of a country has (SWIFT's registry)."""

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-\xa0]?[A-Za-z0-9]){11,32}", re.ASCII)
_ACCOUNT = re.compile(
    r"(?:account|acct|konto|cuenta|compte|conto|rekening|conta)[ _\-]{0,2}"
    r"(?:(?:number|num|no|nr|nummer|n[uú]mero|numero|#)\b\.?|\#)?[\"']?(?:[ ]?(?:is|ist|es|est|[:=#])){0,2}[ ]?[\"']?"
    r"(?P<it>\d(?:[ \-]?\d){5,16})(?![\w\-/]|\.\d)",
    re.IGNORECASE,
)
_BANK = re.compile(
    r"bank|sort[ _-]?code|routing|iban|bic|swift|blz|checking|savings|wire|deposit|banco|banque",
    re.IGNORECASE,
)


def _confirm(view: View, place: int) -> Iterator[Finding]:
    """IBANs of a known country, of its length, with right check digits; single spaces or hyphens inside."""
    text = view.folded
    begin = max(0, place - 24)
    while match := _IBAN.search(text, begin, place + 64):
        if match.start() >= place:
            return
        end = _end_of(match)
        if end >= place:
            yield found(match.start(), end, "iban/mod-97")
        begin = max(end, match.start() + 1)


def _end_of(match: re.Match[str]) -> int:
    """Where the IBAN that begins a match ends; -1 if none does."""
    wanted = LENGTHS.get(match.group()[:2].upper())
    taken = ""
    for place, character in enumerate(match.group(), match.start() + 1):
        if character.isalnum():
            taken += character.upper()
        if len(taken) == wanted:
            after = match.string[place : place + 1]
            alone = not (after.isascii() and after.isalnum())
            return place if alone and passes_mod97(taken) else -1
    return -1


def accounts_at(view: View, place: int) -> Iterator[Finding]:
    """The numbers of accounts that hold the character before a place, after a word that says so."""
    text = view.folded
    for match in _ACCOUNT.finditer(text, max(0, place - 56), place + 24):
        if match.start() >= place:
            return
        start, end = match.span("it")
        if start < place <= end and _BANK.search(text, max(0, match.start() - 60), min(len(text), end + 60)):
            yield found(start, end, "bank/context")


IBAN = Recogniser(
    "iban",
    ("IBAN",),
    (rf"(?i)\b(?:{'|'.join(sorted(LENGTHS))})\d\d[ \-]?\w{{4}}[ \-]?\w{{4}}[ \-]?\w{{3}}",),
    _confirm,
)
