"""Payment cards (Luhn) and IBANs (mod 97)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.detect.recogniser import Recogniser, Span

_DIGIT_RUN = re.compile(r"(?<![\w.,])\d(?:[ \-]?\d){11,}", re.ASCII)
_DIGIT_GROUP = re.compile(r"\d+", re.ASCII)
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{11,13}|3[47]\d{13}"
    r"|3(?:0[0-5]|095|[689]\d)\d{11,16}|35\d{14,17}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|62\d{14,17}"
    r"|(?:50|5[6-8]|6[37])\d{10,17}|(?:2131|1800)\d{11}",
    re.ASCII,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}", re.ASCII)

_COUNTRIES_BY_LENGTH = {
    **{15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK"},
    **{21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ TL"},
    **{24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR"},
    **{27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA"},
    **{30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU"},
}
_IBAN_LENGTHS = {
    country: length for length, countries in _COUNTRIES_BY_LENGTH.items() for country in countries.split()
}


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812.

    >>> passes_luhn("4111111111111111"), passes_luhn("4111111111111112")
    (True, False)
    """
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (doubled + sum(int(d) for d in digits[-1::-2])) % 10 == 0


def passes_mod97(iban: str) -> bool:
    """Whether the two check digits are those of ISO 13616; letters in upper case, no spaces.

    >>> passes_mod97("GB82WEST12345698765432"), passes_mod97("GB83WEST12345698765432")
    (True, False)
    """
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _card_spans(text: str) -> Iterator[Span]:
    """Whole groups of digits that are a card number: of a known issuer, 12 to 19 digits, Luhn."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [m.span() for m in _DIGIT_GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is not None:
                yield groups[first][0], groups[last][1]
                first = last
            first += 1


def _card_from(text: str, groups: list[Span], first: int) -> int | None:
    """The last group of the card number that begins at a group, if one does."""
    digits = ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        if len(digits) + end - start > 19:
            return None
        digits += text[start:end]
        if len(digits) >= 12 and _ISSUERS.fullmatch(digits) and passes_luhn(digits):
            return last
    return None


def _iban_spans(text: str) -> Iterator[Span]:
    """IBANs of a known country, of its length, with right check digits; single spaces or hyphens inside."""
    place = 0
    while found := _IBAN.search(text, place):
        end = _iban_end(found)
        if end is None:
            place = found.start() + 1
        else:
            yield found.start(), end
            place = end


def _iban_end(found: re.Match[str]) -> int | None:
    wanted = _IBAN_LENGTHS.get(found.group()[:2].upper())
    if wanted is None:
        return None
    taken = ""
    for place, character in enumerate(found.group()):
        if character not in " -":
            taken += character.upper()
        if len(taken) == wanted:
            after = found.string[found.start() + place + 1 : found.start() + place + 2]
            alone = not (after.isascii() and after.isalnum())
            return found.start() + place + 1 if alone and passes_mod97(taken) else None
    return None


CARD = Recogniser(
    "card",
    r"[0-9](?:[ \-]?[0-9]){11}",
    _card_spans,
    (_DIGIT_RUN.pattern, _ISSUERS.pattern, "Luhn"),
)
IBAN = Recogniser(
    "iban",
    r"\b[A-Za-z]{2}[0-9]{2}(?:[ \-]?[A-Za-z0-9]){11}",
    _iban_spans,
    (_IBAN.pattern, ",".join(f"{c}{n}" for c, n in sorted(_IBAN_LENGTHS.items())), "mod 97"),
)
