"""Dates of the calendar, dates of birth, and ages. Versions, times of logs and numbers of orders are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.around import in_line, in_prose, of_a_release, said_before, words
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_MONTHS = (
    "jan(?:uary|uar|uari|vier|eiro)?|j[aä]nner|ene(?:ro)?|gen(?:naio)?"
    "|feb(?:ruary|ruar|ruari|rero|braio)?|f[eé]v(?:rier|ereiro)?|f[eé]vr"
    "|mar(?:ch|zo|[cç]o|s)?|m[aä]rz|maart|mrt"
    "|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?"
    "|may|mai|mayo|maggio|maio|mei|mag"
    "|june?|juni|juin|junio|giugno|junho|giu"
    "|july?|juli|juillet|juil|julio|luglio|julho|lug"
    "|aug(?:ust|ustus)?|ao[uû]t|ago(?:sto)?"
    "|sept?(?:ember|embre|tembre)?|septiembre|settembre|setembro|set"
    "|oct(?:ober|obre|ubre)?|okt(?:ober)?|ottobre|outubro|ott|out"
    "|nov(?:ember|embre|iembre|embro)?"
    "|dec(?:ember)?|dez(?:ember|embro)?|d[eé]c(?:embre)?|dic(?:iembre|embre)?"
    "|januari|februari|augusti|januar|februar|marts|desember|jan[uů]ára"
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrze[sś]nia|pa[zź]dziernika|listopada|grudnia"
    "|ledna|[uú]nora|b[rř]ezna|dubna|kv[eě]tna|[cč]ervna|[cč]ervence|srpna|z[aá][rř][ií]|[rř][ií]jna|prosince"
    "|ocak|[sş]ubat|nisan|may[ıi]s|haziran|temmuz|a[gğ]ustos|eyl[uü]l|ekim|kas[ıi]m|aral[ıi]k"
    "|(?:tammi|helmi|maalis|huhti|touko|kes[aä]|hein[aä]|elo|syys|loka|marras|joulu)kuuta"
    "|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
    "|січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня"
)
"""In English, German, French, Spanish, Italian, Portuguese, Dutch, the languages of the North, Polish, Czech, Turkish,
Russian and Ukrainian, as they stand beside a day."""
_YEAR = r"(?:1[89]|20)\d\d"
_CLOCK = r"(?:[T ,]{1,2}[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?![\d.,]\d)(?:[ ]?[AaPp]\.?[Mm]\b)?)?"
_NUMERIC = re.compile(
    rf"(?<![\w.\-/:+$€£#])(?:"
    rf"(?P<y1>{_YEAR})(?P<a>[\-/.])(?P<m1>0?[1-9]|1[0-2])(?P=a)(?P<d1>0?[1-9]|[12]\d|3[01]){_CLOCK}"
    rf"|(?P<x>0?[1-9]|[12]\d|3[01])(?P<b>[\-/.])[ ]?(?P<y>0?[1-9]|[12]\d|3[01])(?P=b)[ ]?(?P<y2>{_YEAR}|\d\d){_CLOCK}"
    rf")(?![\w/\-]|[.:,]\d)",
    re.ASCII,
)
_WORDS = re.compile(
    rf"(?<![\w.\-/])(?=[\djfmasondegl])(?:"
    rf"(?P<d1>[0-3]?\d)(?:st|nd|rd|th|er|º|°|\.)?[ \-]{{0,2}}(?:of |de |di )?(?:{_MONTHS})\b\.?"
    rf"(?:,?[ \-]{{1,2}}(?:de |del )?(?P<y1>{_YEAR}|'\d\d)(?!\d))?"
    rf"|(?:{_MONTHS})\b\.?[ \-]{{1,2}}(?:the )?(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?\b(?!:|\.\d|[ ]\d\d:\d\d:\d\d"
    rf"|[ ]?(?:[ap]\.?m\b|%|years?|people|miles?|km|minutes?|hours?|days?|weeks?|months?|times|points?|percent))"
    rf"(?:,?[ \-]{{1,2}}(?P<y2>{_YEAR})(?!\d))?"
    rf"|(?P<full>(?:{_MONTHS}))\b\.?,?[ ](?:de |del |of )?(?P<y3>{_YEAR})(?!\d)"
    rf")(?![\w/\-])",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:\b(?:on|by|due|until|till|since|before|after|from|dated?|as of|day|am|vom|bis|zum|seit|le|du|el|del|il|dal|op|den"
    r"|dia|em|w dniu|dnia|d\.d\.)|\bdate[\"']?[:=])[ ]{1,2}(?:the )?\Z",
    re.IGNORECASE,
)
"""What stands before a date, and hardly before another number."""
_CALLED = re.compile(
    r"(?<![A-Za-z])(?:v|ver|version|release|build|firmware)[ .:=\"'(]{0,2}\Z|[<>=~^]=\Z", re.IGNORECASE
)
_BIRTH = words(
    "born(?: on| in)?", "birth ?(?:days?|date)?", "date of birth", "d\\.?o\\.?b\\.?", "bday",
    "b-?day", "geboren", "geb\\.?", "geburts(?:tag|datum)",
    "n[eé]e?(?: le)?", "naissance", "nacid[oa]", "nacimiento", "naci", "nat[oa](?: il)?",
    "nascita", "geboortedatum", "geboorte", "nascid[oa]",
    "nascimento", "nasc\\.?", "anniversaire", "cumpleaños", "birth_?date", "date_?of_?birth",
    "birthdate", "dateofbirth", "urodzon[ya]", "född",
    "født",
)  # fmt: skip
_BIRTH_HINTS = (
    "birth", "born", "bday", "b-day", "dob", "d.o.b", "geb", "n\xe9", "nee", "nai", "nac", "nat",
    "nas", "anniv", "cumple", "urod", "f\xf6dd", "f\xf8dt",
)  # fmt: skip
"""Parts of those words: where none stands, nothing else is looked for."""
_LEVEL = re.compile(
    r"[ ,.:\d\]\-+Z]{0,16}[ ]?\[?\(?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL|CRITICAL|NOTICE)\b|,\d{3}\b"
)


def dates_at(view: View, place: int) -> Iterator[Finding]:
    """The dates in digits that hold the character before a place."""
    text = view.folded
    for match in _NUMERIC.finditer(text, max(0, place - 13), place + 20):
        if match.start() >= place:
            return
        if match.end() >= place and _is_day(match) and not _LEVEL.match(text, match.end()):
            full = len(match["y2"] or "0000") == 4 or _LEADING.search(
                text, max(0, match.start() - 12), match.start()
            )
            if not _is_version(text, match):
                yield from _date(view, match.start(), match.end(), "date/numeric", full=bool(full))


def _is_version(text: str, match: re.Match[str]) -> bool:
    """Whether it is the version of a program: they are written with dots, the year first, as dates hardly are."""
    before, after = in_line(text, *match.span())
    if match["a"] == ".":
        leading = before.strip() == "" or _LEADING.search(before) is not None
        return not leading or of_a_release(before, after)
    return match["b"] == "." and _CALLED.search(before) is not None


def _is_day(match: re.Match[str]) -> bool:
    if match["y1"]:
        return match["a"] != "." or len(match["m1"]) == len(match["d1"]) == 2
    first, second = int(match["x"]), int(match["y"])
    return min(first, second) <= 12


def _in_words(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _WORDS.finditer(text, max(0, place - 22), place + 28):
        if match.start() >= place:
            return
        day = match["d1"] or match["d2"]
        if match.end() < place or (day and not 1 <= int(day) <= 31):
            continue
        capital = any(c.isupper() for c in match.group())
        year = match["y1"] or match["y2"] or match["y3"]
        listed = re.match(r"\d{1,2}\. ", match.group())  # "2. May" may be the second of a list
        if (
            year
            or not _may_be_a_word(match.group())
            or (capital and not listed)
            or _ORDINAL.search(match.group())
        ):
            yield from _date(view, match.start(), match.end(), "date/words", full=bool(day))


_ORDINAL = re.compile(r"\d(?:st|nd|rd|th|er|º)(?![A-Za-z])")
_EAST = re.compile(
    rf"(?<!\d)(?:{_YEAR}[年년] ?)?(?:0?[1-9]|1[0-2])[月월] ?(?:0?[1-9]|[12]\d|3[01])[日号號일](?![本間间])"
)


def _in_the_east(view: View, place: int) -> Iterator[Finding]:
    """Dates in Chinese, Japanese and Korean, with or without a year, whose last sign ends at a place."""
    for match in _EAST.finditer(view.folded, max(0, place - 20), place + 2):
        if match.start() < place <= match.end():
            yield from _date(view, match.start(), match.end(), "date/words", full=True)


def _may_be_a_word(written: str) -> bool:
    return (
        re.search(
            r"(?i)\b(?:may|mar|mai|set|out|mag|dec|jun|ago|gen|ott|lug|giu|sep|abr|ene|mars?)\b", written
        )
        is not None
    )


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether it is a value of JSON or of code, and nothing else stands in its quotation marks."""
    return text[max(0, start - 1) : start] in {'"', "'"} and text[end : end + 1] in {'"', "'"}


def _date(view: View, start: int, end: int, why: str, *, full: bool) -> Iterator[Finding]:
    """A date of birth where a word says so; one without a day or a whole year, or in code, is no date."""
    before = view.folded[max(0, start - 36) : start].lower()
    if any(hint in before for hint in _BIRTH_HINTS) and said_before(_BIRTH, view.folded, start, 36):
        yield found(start, end, "birth/context")
    elif full and not _quoted(view.folded, start, end) and in_prose(view, start):
        yield found(start, end, why)


_AGE = re.compile(
    r"(?<![\w.,\-/$€£])(?:"
    r"(?P<a>\d{1,3})(?=[ \-]?(?:years?|yrs?|yr)[ \-]?olds?\b|[ ]?y[/.]?o\b|-?jährige?\b|[ ](?:Jahre|jaar) "
    r"(?:alt|jung|oud)\b|[ ]años de edad\b"
    r"|[ ]anni di età\b|[ ]anos de idade\b|[ ]ans d'âge\b|[ ]years of age\b)"
    r"|(?:aged|at (?:the )?age(?: of)?|age (?:of|is|was)|ages?[\"']?[ ]?[:=][ ]?|aged:|(?:im alter von"
    r"|à l'âge de|a los|all'età di|aos|de edad:?|alter:|âge:|edad:|età:|idade:|leeftijd:))[ ]{0,2}"
    r"(?P<b>\d{1,3})"
    r"|(?:just |I'?ll |has |will )?\bturn(?:ed|s|ing)?[ ](?P<c>\d{1,3})(?!(?:st|nd|rd|th)|[ ]?(?:degrees?"
    r"|percent|%|times|pages|minutes|hours))"
    r"|\b(?:when|since|until|before|while|if|because)[ ](?:\w+[ ]){1,2}(?:was|were|is|am|turned|reached)[ ]"
    r"(?P<d>\d{1,2})(?=[.,;!?)]|[ ](?:and|but|years?|I|he|she|they|we)\b|$)"
    r"|\b(?:I'?m|I am|he'?s|he is|she'?s|she is|who is|he was|she was)[ ](?:only |just |now |about |almost "
    r"|nearly )?(?P<e>\d{2})(?=[.,;!?)](?!\d)|[ ](?:and|but)\b(?! (?:a half|\d))|$|[ ]?y/o|[ ]?/?[mf]\b)"
    r"|\b(?:tengo|tiene|j'ai|il a|elle a|ho|ha|tenho|tem|bin|ist|ben|is)[ ](?P<f>\d{1,2})(?=[ ](?:años|ans"
    r"|anni|anos|Jahre|jaar)\b(?! (?:de (?!edad)|später|later)))"
    r"|\bwith(?:in)?[ ]my[ ](?P<g>\d{2})(?=th birthday)"
    r")(?![\w%]|[.,:/]\d)",
    re.IGNORECASE,
)


_LEADS = (
    "was were is am turned turn turns turning reached age aged ages age: aged: i'm he's she's im only just now about"
    " almost nearly of alter edad idade leeftijd years"
)
_NUMBER = re.compile(r"([\w':]+)[ \"]{1,3}\d{1,3}(?:[.,;!?)/]| and | but )\Z")


def _age(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    if text[place - 1] in ".,;!?)/ ":
        lead = _NUMBER.search(text, max(0, place - 20), place)
        if lead is None or lead[1].lower() not in _LEADS.split():
            return
    for match in _AGE.finditer(text, max(0, place - 40), place + 24):
        if match.start() >= place:
            return
        group = match.lastgroup or ""
        start, end = match.span(group)
        if match.end() + 16 >= place and 1 <= int(match[group]) <= 119 and in_prose(view, start):
            yield found(start, end, "age/words")


_STEMS = (
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|gen|avr|abr|mai|mag|mei|giu|jui|lug|ago|ao|set|okt|ott|out|dez|dic|fev"
    r"|f[\x80-\xf4]{2}v|m[\x80-\xf4]{2}r|j[\x80-\xf4]{2}n|d[\x80-\xf4]{2}c"
)
_MORE_STEMS = (
    r"maa|mrt|sty|lut|kwi|cze|lip|sie|wrz|pa[z\x80-\xf4]|lis|gru|led|brez|b[\x80-\xf4]|dub|kv[e\x80-\xf4]|srp|pros|z[\x80-\xf4]"
    r"|oca|nis|haz|tem|a[g\x80-\xf4]|eyl|eki|kas|ara|tam|hel|huh|tou|kes|hei|elo|syy|lok|jou|[\x80-\xf4]{2}"
)
_ENGLISH = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept"
    "|oct|nov|dec|januar|februar|juni|juli|oktober|dezember"
)


def _bytes(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


EASTERN_DATE = Recogniser(
    "date-eastern", ("DATE", "DATE_OF_BIRTH"), (rf"\d(?:{'|'.join(map(_bytes, '日号號일'))})",), _in_the_east
)
WORD_DATE = Recogniser(
    "date-words",
    ("DATE", "DATE_OF_BIRTH"),
    (
        rf"(?i)\d(?:st|nd|rd|th|er|\.)?[ \-](?:of |de |di )?(?:{_STEMS})",
        rf"(?i)\d\.? (?:{_MORE_STEMS})[a-z\x80-\xf4]",
        rf"(?i)\b(?:{_ENGLISH})[.,]?[ \-](?:the )?\d",
        r"[A-Za-z\x80-\xf4]{2} del? (?:1[89]|20)\d\d\b",
    ),
    _in_words,
)
AGE = Recogniser(
    "age",
    ("AGE",),
    (
        r"(?i)\d[ \-]?(?:year|yr)s?[ \-]?old",
        r"(?i)\d ?(?:y/o|yo|-?j[\x80-\xf4]{2}hrig| jahre alt| jaar oud| years of age)\b",
        r"(?i)(?:aged|age of|age is|turned|turning|turns|turn|alter von|edad|idade|leeftijd"
        r"|l'[\x80-\xf4]{2}ge de|et[\x80-\xf4]{2} di) \d",
        r"(?i)\bage[\"']?[ ]?[:=][ ]{0,2}\d",
        r"[a-z] \d{1,2}[.,;!?)/]",
        r"[a-z] \d\d (?:and|but) ",
        r"\d (?:a[\x80-\xf4]{2}os|ans|anni|anos|Jahre|jaar)\b",
    ),
    _age,
)
