"""Telephone numbers, and not order numbers, dates, versions, prices or sums.

A number counts as one if it is international and valid by the numbering plans (``phonenumbers``), if it has the
unmistakable layout of a country, if a word beside it says so, or if it is all that a text holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import phonenumbers

from troth.detect.finding import Finding
from troth.detect.patterns.forms import found

if TYPE_CHECKING:
    from troth.detect.text.view import View

_EXTENSION = r"(?:[ ]?(?:x|ext\.?|extension|#|Durchwahl|poste|anexo)[ .:]{0,2}\d{1,6}(?!\w))?"
_GAP = r"[ \xa0.\-/()\u2010-\u2015]"
_INTERNATIONAL = re.compile(
    rf"(?<![\w+.,:=])(?:\+[ ]?|(?<!\d[ \-])(?:00|011[ \-])(?=[1-9]))\(?[1-9](?:{_GAP}{{0,3}}\d){{6,15}}{_EXTENSION}"
    rf"(?![\d\w])",
    re.IGNORECASE,
)
_LAYOUTS = re.compile(
    r"(?<![\w.\-/+$€£#:,=])(?<!\d[ ])(?<!\d[a-f][ ])(?<![a-f]\d[ ])(?:"
    # North America: (415) 555-2671, 415-555-2671, 1-415-555-2671, 415.555.2671
    r"(?:\+?1[ .\-])?(?:\([2-9]\d{2}\)[ ]?(?:-[ ])?|[2-9]\d{2}(?P<na>[.\-][ ]?|[ ]-[ ]|[ ]"
    r"(?=[2-9]\d{2}-)))[2-9]\d{2}(?:[.\-]|[ ]-[ ]|[ ](?<=\)[ ]\d{3}[ ]))\d{4}"
    # France and its neighbours: 06 12 34 56 78
    r"|0[1-9](?P<fr>[ .\-])\d\d(?:(?P=fr)\d\d){3}(?!(?P=fr)\d)"
    # a trunk 0 and groups: 020 7946 0958, 07700 900 123, 0171/1234567, 0961-7596216, (030) 123456, 0688 843 79 56
    r"|0[1-9]\d{0,3}(?:[ ]?[/\-][ ]?\d{5,8}|[ ]\d{6,8})"
    r"|0[1-9]\d{0,4}[ \-]\d{2,4}(?:[ \-]\d{2,4}){1,3}"
    r"|\(0[1-9]\d{0,4}\)[ ]?\d{2,8}(?:[ \-]\d{2,4}){0,3}"
    # an area in brackets: (64) 3591-3246
    r"|\(\d{2,4}\)[ ]?9?\d{3,4}-\d{3,4}"
    # Russia: 8 (495) 123-45-67
    r"|8[ \-]?\(\d{3}\)[ \-]?\d{3}-\d\d-\d\d"
    # India: 98765 43210
    r"|[6-9]\d{4}[ ]\d{5}"
    rf"){_EXTENSION}(?![\w/:%€$£]|[\-.,]\d|[ ]?(?:EUR|USD|GBP|dollars|euros)\b)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"[+(]{{0,2}}\d(?:{_GAP}{{0,3}}\d){{5,14}}{_EXTENSION}(?![\w%]|[.,:/\-]\d)", re.IGNORECASE
)
_ALONE = re.compile(r"\(?\d{1,5}\)?(?:(?:[ .\-/]{1,2}\(?|\)\()\d{1,8}\)?){1,6}", re.ASCII)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?:{_DAY}([ .\-/]){_DAY}\1(?:\d\d){{1,2}}|(?:19|20)\d{{2}}([ .\-/])[01]?\d\2{_DAY})(?:[ ]\d{{1,2}})?"
    r"|(?:19|20)\d{2}[ ]?[\-–][ ]?(?:19|20)\d{2}",
    re.ASCII,
)
_SUM = re.compile(r"\d+\.\d+|\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
"""A sum of money, or the address of a machine."""
_POSTCODE = re.compile(r"\d{5}-\d{4}|\d{3}-\d{2}-\d{4}", re.ASCII)
"""ZIP+4, and the social security number, of the United States."""
_IN_FRONT_WORDS = (
    "telephone telephones telefon telefono teléfono telefoon telefone phone phones téléphone tel tél fono"
    " mobile mobiles móvil mobil mobiel"
    " mobilnummer portable cell cellulare celular cellphone handy handynummer fax whatsapp whats sms text"
    " texts texting signal telegram viber"
    " call calls called calling dial ring landline desk hotline pager rufnummer telefonnummer ruf rufen"
    " anrufen rückruf erreichbar unter contact"
    " reach llámame llamar appelez appeler numéro bel bellen chiamami chiamare ligue ligar answering"
    " registered message messages telefoonnummer"
    " gsm ext hp mob ph office home work"
)
"""Words before a number that make it one to call."""
_OTHERWISE_WORDS = (
    "order orders invoice invoices isbn issn ticket tickets ref reference tracking serial version build"
    " account acct iban ssn card part model"
    " issue bug pid port line page pages id uid rev revision commit sku ean upc gtin zip rechnung"
    " rechnungsnummer bestellung bestellnummer"
    " kundennummer passport license licence vat tax steuer steuernummer doi rfc pmid confirmation booking"
    " flight fig order_id user_id"
)
"""Words before a number that make it another one."""
_IN_FRONT = frozenset(_IN_FRONT_WORDS.split())
_OTHERWISE = frozenset(_OTHERWISE_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
_JOINED = re.compile(r"[\w.:/=]\Z|\d[ \-]\Z")
_BEHIND = re.compile(
    r"[ \t]{0,2}[(\-–]{0,2}[ ]?(?:office|fax|mobile|cell|home|work|desk|phone|landline|tel|handy|mobil|privat)\b",
    re.IGNORECASE,
)
_NEAR = 28


def _international(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _INTERNATIONAL.finditer(text, max(0, place - 40), place + 48):
        if match.start() >= place:
            return
        end = _longest_valid(match)
        if end >= place:
            yield found(match.start(), end, "phone/international")


def _longest_valid(match: re.Match[str]) -> int:
    """Where the number that begins a match ends: all of it, or without its last groups; -1 if it is none."""
    written = re.sub(r"(?i)^(?:00|011[ -])", "+", match.group())
    if _is_possible(written):
        return match.end()
    shorter = written
    for _ in range(4):
        cut = re.search(rf"{_GAP}+\d+[^\d]*$", shorter)
        if not cut:
            break
        shorter = shorter[: cut.start()]
        if _is_possible(shorter):
            return match.end() - (len(written) - len(shorter))
    return -1


def _is_possible(written: str) -> bool:
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number) and _known_country(number.country_code)


def _known_country(code: int | None) -> bool:
    return code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


def _said(text: str, start: int) -> str:
    """Which sort of word stands nearest before a number: ``call``, ``other`` or none."""
    for word in reversed(_WORD.findall(text[max(0, start - _NEAR) : start].lower())):
        if word in _IN_FRONT:
            return "call"
        if word in _OTHERWISE:
            return "other"
    return ""


def _layout(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _LAYOUTS.finditer(text, max(0, place - 28), place + 28):
        if match.start() >= place:
            return
        if (
            match.end() >= place
            and _is_number(match.group(), 9, 13)
            and _said(text, match.start()) != "other"
        ):
            yield found(match.start(), match.end(), "phone/layout")


def _is_number(written: str, least: int, most: int) -> bool:
    main = re.split(r"(?i)[ ]?(?:x|ext|#|d|p|a)", written)[0]
    digits = sum(c.isdigit() for c in main)
    return least <= digits <= most and not _DATE.fullmatch(written) and not _POSTCODE.fullmatch(written)


def _called(view: View, place: int) -> Iterator[Finding]:
    """A number after a word such as "phone", or before one such as "office"."""
    text = view.folded
    for match in _CALLED.finditer(text, max(0, place - 28), place + 28):
        if match.start() >= place:
            return
        before = text[max(0, match.start() - 2) : match.start()]
        if match.end() < place or _JOINED.search(before) or not _is_number(match.group(), 6, 15):
            continue
        plain = match.group().isdigit() and len(match.group()) < 7
        if not plain and (_said(text, match.start()) == "call" or _BEHIND.match(text, match.end())):
            yield found(match.start(), match.end(), "phone/context")


def _alone(view: View) -> Iterator[Finding]:
    """A text that is a number in groups, and nothing else: what is answered to "which number?"."""
    text = view.folded
    match = _ALONE.fullmatch(text.strip())
    if match and _is_number(match.group(), 7, 13) and not _SUM.fullmatch(match.group()):
        start = text.index(match.group())
        yield found(start, start + len(match.group()), "phone/alone")


def phones_at(view: View, place: int, digits: int) -> Iterator[Finding]:
    """The telephone numbers that hold the character before a place, which is a digit; ``digits`` are near it."""
    text = view.folded
    back = text[max(0, place - 40) : place]
    if "+" in back or "00" in back or "011" in back:
        yield from _international(view, place)
    if digits >= 9:
        yield from _layout(view, place)
    near = _WORD.findall(text[max(0, place - 56) : place].lower())
    if not _IN_FRONT.isdisjoint(near) or _BEHIND.match(text, place):
        yield from _called(view, place)
    if len(text) <= 28 and place + 2 >= len(text):
        yield from _alone(view)
