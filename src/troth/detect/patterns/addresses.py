"""Street addresses, whole: number, street, unit, town and postcode, as written in several countries.

The learned tagger finds addresses by what stands around them; this is the grammar of those that are written in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns import address_words as known
from troth.detect.patterns.around import in_prose
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_UP = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u010c\u0160\u017d\u0141\u015a]"
_CAP = rf"{_UP}(?:\w{{0,4}}\.(?:[A-Z]\.){{0,2}}|[\w'’\-]{{0,24}})"
_NAME = (
    rf"(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH)|of|de|la|le|les|los|las|da|do|dos|das|di|du|del|della"
    rf"|dei|van|der|den|het|'t|und|e|y|the|&)"
)
_NUMBER = r"\d{1,6}(?:[ ]?[A-Za-z](?![\w]))?(?:[ ]?[\-/][ ]?\d{1,5}[A-Za-z]?)?"
_APART = r"(?:[ ]?,[ ]?|[ ]{1,2}|[ ]?,?[ ]?(?:\n[ \t>?*#|]{0,8}){1,2},?[ ]?)"
_DIRECTION = r"(?:[NSEW]{1,2}\.?|North|South|East|West|Northeast|Northwest|Southeast|Southwest)"
_UNIT = (
    rf"(?:(?i:{known.UNITS})\.?[ ]?#?[ ]?(?:[A-Za-z]?\d{{1,8}}[A-Za-z]?(?:-\d{{1,5}})?|[A-Z](?!\w))"
    rf"|#[ ]?\d{{1,6}}[A-Za-z]?|\d{{1,2}}(?:st|nd|rd|th)[ ](?i:floor|fl\.?))"
)
_CITY = rf"{_CAP}(?:[ ](?:{_CAP}|de|la|do|am|an der|im|ob|nad|u|v|sur|en|sous|upon|on)){{0,3}}"
_GB_CODE = r"(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPS-UW\d]?[ ]?\d[ABD-HJLNP-UW-Z]{2})(?!\w)"
_CA_CODE = r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ \-]?\d[A-Z]\d(?!\w)"
_ZIP = r"\d{5}(?:-\d{4})?(?![\w\-])"
_PLACE = (
    rf"(?:(?:{_CITY}{_APART}){{1,2}}(?:(?:{known.STATES}|{known.STATE_NAMES}|N\.Y\.|D\.C\.)\.?"
    rf"(?:,?[ ]{{1,2}}{_ZIP})?|{known.PROVINCES}[ ,]{{1,2}}{_CA_CODE})(?!\w)"
    rf"|(?:{_CITY}{_APART}){{0,3}}{_GB_CODE}|(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?:[ ][A-Z]{{2}}(?!\w))?[ ]{_CITY}"
    rf"|\d{{3}}[ ]\d{{2}}[ ]{_CITY}|\d{{2}}-\d{{3}}[ ]{_CITY}"
    rf"|(?:{_CITY}|\d{{4,6}}){_APART}(?:(?:[A-Z]{{2}}|nan){_APART})?(?:{_CITY}{_APART}?)?\d{{4,6}}(?![\w\-.,:/])"
    rf"|{_ZIP})"
)
_TAIL = rf"(?P<units>(?:{_APART}{_UNIT}){{0,3}})(?P<place>(?:{_APART}{_PLACE})?)"
_ENGLISH = re.compile(
    rf"(?<![\w.\-/$€£#+])(?:\d{{2,6}}[ ])?(?P<number>{_NUMBER}),?[ ](?:{_DIRECTION}[ ])?(?P<name>{_NAME}"
    rf"(?:[ ]{_NAME}){{0,3}})[ ]"
    rf"(?P<type>(?i:{known.SURE}|{known.OTHERS}))\.?(?!\w)(?:,?[ ]{_DIRECTION}(?!\w))?(?:[ ]\d{{1,4}}(?![\w,.]))?{_TAIL}"
)
_ROAD = re.compile(
    rf"(?<![\w.\-/$€£#+])(?P<number>{_NUMBER}|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten),?[ ](?:"
    rf"(?:{_DIRECTION}[ ])?(?:(?:Old|State|County|US|U\.S\.|{known.STATES})[ ])?(?i:highway|hwy|route|rte?"
    rf"|road|rd|county road|cr|fm|sr|state rd)\.?[ ](?i:no\.?[ ])?\d{{1,4}}[A-Z]?(?!\w)"
    rf"|(?P<plain>{_DIRECTION}[ ]{_CAP}(?:[ ]{_CAP}){{0,2}}(?!\w))"
    rf"){_TAIL}"
)
_SAID = re.compile(
    rf"(?:address(?:es)?(?:[ ](?:is|to)|:)|liv(?:es?|ing)[ ]at|located[ ]at|(?:offices?|house|home"
    rf"|apartment)[ ](?:is|are)[ ]at|resid(?:es?|ing)[ ]at|(?:deliver(?:ed)?|ship(?:ped)?|sen[dt]|mailed)"
    rf"(?:[ ](?:it|this|them))?[ ]to:?|drops?[ ]you[ ]off[ ]at|meet[ ](?:me|you|us)[ ]at|Address:)"
    rf"[ \n]{{1,6}}(?P<it>\d{{1,6}},?[ ]{_CAP}(?:[ ]{_NAME}){{0,4}}(?:[ ]\d{{1,4}}[A-Za-z]?\b)?\.?{_TAIL}"
    rf"|the corner of [^\n.]{{4,60}}? and {_CAP}(?:[ ]{_CAP}){{0,2}})"
)
_LOWER = re.compile(
    rf"(?<![\w.\-/$#+])(?P<number>{_NUMBER})[ ](?:[nsew]{{1,2}}\.?[ ])?(?P<name>[a-z0-9.']{{1,20}}"
    rf"(?:[ ][a-z0-9.']{{1,20}}){{0,3}})[ ]"
    rf"(?P<type>{known.SURE}|{known.OTHERS})\.?(?!\w)(?:,?[ ][nsew]{{1,2}}(?!\w))?"
    rf"(?P<tail>(?:{_APART}{_UNIT}){{0,3}}(?:,?[ ](?:[a-z.]{{2,16}}[ ,]{{1,2}}){{1,3}}"
    rf"(?i:{known.STATES})[ ,]{{1,2}}{_ZIP})?)"
)
_SUFFIX = re.compile(
    rf"(?<![\w.\-/])(?:\d{{2,6}}[ ])?(?:{_CAP}[ ]){{0,2}}(?:{_UP}[\w\-’'.]{{0,30}}|(?<=[\w.][ ]))"
    rf"(?i:{known.SUFFIXES})[ ]{_NUMBER}{_TAIL}"
)
_BEFORE = re.compile(
    rf"(?<!\w)(?:\d{{2,6}}[ ])?(?i:{known.BEFORE})[ ]{_NAME}(?:[ ]{_NAME}){{0,4}}(?:,[ ]?|[ ])"
    rf"(?:(?:n[º°.]?|num\.?|nr\.?|č\.)[ ]?)?(?P<number>{_NUMBER}|s/n|snc)(?!\w|[.:]\d){_TAIL}"
)
_FRENCH = re.compile(
    rf"(?<![\w.\-/])\d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-D]))?(?:[ ]?-[ ]?\d{{1,4}})?[ ]?,?[ ](?i:{known.FRENCH})[ ]"
    rf"(?:(?:de[ ]la|de[ ]l['’]|des?|du|d['’]|l['’]|la|le|les|aux?|à)[ ]?){{0,3}}{_CAP}(?:[ \-](?:{_CAP}|de|la"
    rf"|le|du|des|d['’]{_CAP}|et|sur|\d{{4}}(?!\d))){{0,5}}{_TAIL}"
)
_BOX = re.compile(
    rf"(?<!\w)(?:\d{{1,6}}[ ])?(?i:(?:p\.?[ ]?o\.?[ ]?box|post(?:al)?[ ]?(?:office[ ])?box|postfach|postbus"
    rf"|apartado(?: de correos)?|casella postale|caixa postal|boîte postale|b\.?p\.|(?:psc|cmr"
    rf"|unit)[ ]\d{{1,5}},?[ ]box)[ ]?#?[ ]?\d{{1,8}})"
    rf"(?:[ ]{_CAP}(?:[ ]{_CAP}){{0,2}})?(?:{_APART}(?:[ADF]PO)[ ]A[AEP][ ]\d{{5}})?{_TAIL}"
)
_UNITED = re.compile(rf"(?<![\w.\-/])(?P<unit>{_UNIT})(?!\w){_TAIL}")
_BEFORE_UNIT = re.compile(
    rf"(?<![\w.\-/])(?:\d{{2,6}}[ ])?{_CAP}(?:[ ]{_NAME}){{0,3}}(?:[ ]\d{{1,4}}[A-Za-z]?\.?)?{_APART}\Z"
)
_US_TOWN = re.compile(
    rf"(?<!\w)(?:(?:{_NAME}[ ]){{1,4}}(?i:{known.SURE})\.?,[ ])?(?:{_CITY}),?[ ](?:{known.STATES}"
    rf"|{known.STATE_NAMES})\.?,?[ ]{{1,2}}{_ZIP}"
)
_DIGIT = re.compile(r"\d")
_MAY_SAY = re.compile(r"\b(?:at|to:?|is|address:?|Address:)[ \n]{1,6}\d")
_TYPES = frozenset(
    f"{known.SURE}|{known.OTHERS}|n|s|e|w|ne|nw|se|sw|north|south|east|west|rte|rt|fm|sr".split("|")
)
_STATES = frozenset(known.STATES.split("|"))
_STATE_NAMES = tuple(known.STATE_NAMES.split("|"))
_MILITARY = re.compile(r"(?<!\w)(?:[ADF]PO)[ ]A[AEP][ ]\d{5}(?!\d)")
_GB = re.compile(rf"(?<![\w\-/])(?:{_GB_CODE})")
_CODE_SAID = re.compile(
    r"(?<!\w)(?:zip|zip[ -]?codes?|post(?:al)?[ ]?codes?|postleitzahl|plz|code postal|c[oó]digo postal|cap"
    r"|postcode|cep)[\"']?(?:[ ](?:is|ist|est|es|è|é)|[:=])?[ \"']{0,3}"
    rf"(?P<it>{_GB_CODE}|{_CA_CODE}|\d{{4}}[ ]?[A-Z]{{2}}(?!\w)|\d{{5}}-\d{{3,4}}|\d{{3}}[ ]?\d{{2}}"
    rf"|\d{{4,6}})(?![\w\-]|[.,]\d)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_TYPE_ONLY = re.compile(rf"(?i)(?:{known.OTHERS}|close|court|square|circle|drive|grove|lane|trail|plaza)\Z")


def _english(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    if _MAY_SAY.search(text, max(0, place - 48), place):
        yield from _said(view, place)
    words = text[max(0, place - 28) : place + 72].lower().split()
    if _TYPES.isdisjoint([word.strip(".,#") for word in words]):
        return
    for match in _ROAD.finditer(text, max(0, place - 40), place + 160):
        if match.start() >= place:
            break
        if match.end() >= place and (not match["plain"] or match["units"] or match["place"]):
            yield found(match.start(), _end(match), "address/street")
            return
    for match in _ENGLISH.finditer(text, max(0, place - 100), place + 160):
        if match.start() >= place:
            break
        if match.end() >= place and _is_street(match):
            yield found(match.start(), _end(match), "address/street")
            return
    for match in _LOWER.finditer(text, max(0, place - 80), place + 120):
        if match.start() >= place:
            return
        if match.end() >= place and match["tail"] and in_prose(view, match.start()):
            yield found(match.start(), match.end(), "address/street")


def _is_street(match: re.Match[str]) -> bool:
    """Not "In 2008 Wall Street", not "chapter 5 The Long Road"; an ordinary word needs a capital, or more beside it."""
    more = bool(match["units"] or match["place"])
    if not more and (
        _YEAR.fullmatch(match["number"]) or match["name"].split()[0] in {"The", "the", "of", "A", "In", "I"}
    ):
        return False
    if _TYPE_ONLY.match(match["type"]) and not match["type"][0].isupper():
        return more
    return any(c.isupper() or c.isdigit() for c in match["name"])


def _end(match: re.Match[str]) -> int:
    text = match.group()
    return match.start() + len(text.rstrip(" .,\n>?"))


def _written(pattern: re.Pattern[str], view: View, place: int, why: str) -> Iterator[Finding]:
    text = view.folded
    for match in pattern.finditer(text, max(0, place - 100), place + 160):
        if match.start() >= place:
            return
        if match.end() >= place:
            yield found(match.start(), _end(match), why)


def _suffix(view: View, place: int) -> Iterator[Finding]:
    yield from _written(_SUFFIX, view, place, "address/street")


def _before(view: View, place: int) -> Iterator[Finding]:
    if _DIGIT.search(view.folded, place, place + 100):
        yield from _written(_BEFORE, view, place, "address/street")


def _french(view: View, place: int) -> Iterator[Finding]:
    yield from _written(_FRENCH, view, place, "address/street")


def _box(view: View, place: int) -> Iterator[Finding]:
    yield from _written(_BOX, view, place, "address/box")


def _is_unit(view: View, match: re.Match[str]) -> bool:
    """A unit with nothing of an address beside it: a field of one, or prose."""
    if not re.match(r"(?i)suite|apt|apartment", match["unit"]):
        return False
    before = view.folded[max(0, match.start() - 24) : match.start()].lower()
    return "address" in before or (
        not before.endswith(("test ", "tests ", '"', "'")) and in_prose(view, match.start())
    )


def _united(view: View, place: int) -> Iterator[Finding]:
    """A unit such as "Suite 490", with the street before it: on the same line or the one before."""
    text = view.folded
    for match in _UNITED.finditer(text, max(0, place - 16), place + 120):
        if match.start() >= place:
            return
        if match.end("unit") < place:
            continue
        street = _BEFORE_UNIT.search(text, max(0, match.start() - 72), match.start())
        if street and any(c.isdigit() for c in street.group()):
            yield found(street.start(), _end(match), "address/street")
        elif match["place"] or _is_unit(view, match):
            yield found(match.start(), _end(match) if match["place"] else match.end("unit"), "address/unit")


def _said(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _SAID.finditer(text, max(0, place - 60), place + 200):
        if match.start() >= place:
            return
        if match.end() >= place:
            start, end = match.span("it")
            yield found(start, start + len(text[start:end].rstrip(" .,\n>?")), "address/context")


def _town(view: View, place: int) -> Iterator[Finding]:
    head = view.folded[max(0, place - 24) : max(0, place - 5)].rstrip(" ,.")
    if head[-2:] not in _STATES and not head.endswith(_STATE_NAMES):
        return
    yield from _written(_US_TOWN, view, place, "address/postcode")
    yield from _written(_MILITARY, view, place, "address/postcode")


def _gb(view: View, place: int) -> Iterator[Finding]:
    if in_prose(view, place - 1):
        yield from _written(_GB, view, place, "address/postcode")


def _code(view: View, place: int) -> Iterator[Finding]:
    for match in _CODE_SAID.finditer(view.folded, max(0, place - 40), place + 16):
        if match.start() >= place:
            return
        if match.end() >= place:
            yield found(*match.span("it"), "address/postcode-context")


_WORD = r"[\w.'\-#&\x80-\xf4]{1,24}"
_EN = f"{known.SURE}|{known.OTHERS}"


def _bytes(words: str) -> str:
    """Words for an anchor: bytes of other characters as a class."""
    return "".join(c if c.isascii() else r"[\x80-\xf4]{2}" for c in words)


ENGLISH = Recogniser(
    "address-english",
    ("ADDRESS",),
    (
        r"\b\d{1,6}[A-Za-z]?,? (?:[A-Z][A-Za-z. \x80-\xf4]|\d{1,3}[A-Za-z])",
        rf"(?i)\b\d{{1,6}}[a-z]? (?:{_WORD} ){{1,3}}(?:street|avenue|ave|road|rd|boulevard|blvd|lane|drive"
        rf"|highway|parkway)\b",
    ),
    _english,
)
CORNER = Recogniser("address-corner", ("ADDRESS",), (r"the corner of \d",), _said)
SUFFIX = Recogniser("address-suffix", ("ADDRESS",), (rf"(?i)(?:{_bytes(known.SUFFIXES)})[ ]\d",), _suffix)
BEFORE = Recogniser(
    "address-before",
    ("ADDRESS",),
    (rf"\b(?:{known.BEFORE_KNOWN}) (?:d[aeo]s? |del? |della |la |las |los )?[A-Z\x80-\xf4]",),
    _before,
)
FRENCH = Recogniser(
    "address-french",
    ("ADDRESS",),
    (
        r"(?i)\d,? (?:rue|avenue|av|av\.|boulevard|boul\.|bd|bd\.|place|chemin|impasse|allee|quai|route|cours|square"
        r"|passage|ruelle|sentier|esplanade|faubourg|lotissement|hameau) [\w\x80-\xf4]",
        r"\d,? (?:all\xc3\xa9e|r\xc3\xa9sidence|cit\xc3\xa9) [\w\x80-\xf4]",
        r"(?i)(?:bis|ter),? (?:rue|avenue|boulevard|chemin|impasse|quai|route) [\w\x80-\xf4]",
    ),
    _french,
)
BOX = Recogniser(
    "address-box",
    ("ADDRESS",),
    (
        r"(?i)(?:box|postfach|postbus|apartado|casella postale|caixa postal|bo[\x80-\xf4]{2}te postale"
        r"|\bb\.?p\.)[ ]?#?[ ]?\d",
    ),
    _box,
)
UNIT = Recogniser(
    "address-unit",
    ("ADDRESS",),
    (r"(?i)(?:suite|ste|apt|apartment|unit|flat|lockbox)\.?[ ]?#?[ ]?\d",),
    _united,
)
TOWN = Recogniser("address-town", ("ADDRESS",), (r"[., ]\d{5}\b",), _town)
GB = Recogniser("address-gb", ("ADDRESS",), (r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}\b",), _gb)
CODE = Recogniser(
    "address-code",
    ("ADDRESS",),
    (
        r"(?i)(?:\bzip|\bzip[ \-]?codes?|post(?:al)?[ ]?codes?|postleitzahl|\bplz|code postal|digo postal"
        r"|\bcap|\bcep)[\"']?[ ]?(?:is|ist|est|es|[:=])?[ \"':]{0,3}[a-z]{0,2}\d",
    ),
    _code,
)
