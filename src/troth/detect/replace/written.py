"""Dates as people write them: read, moved by some days, and written again in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

_LONG: Final = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en-short": "jan feb mar apr may jun jul aug sep oct nov dec",
    "en-sept": "jan feb mar apr may june july aug sept oct nov dec",
}
_MONTHS: Final = {language: tuple(names.split()) for language, names in _LONG.items()}
_NUMERIC = re.compile(
    r"(?P<y>\d{4})(?P<a>[\-/. ])(?P<m>\d{1,2})(?P=a)(?P<d>\d{1,2})(?!\d)"
    r"|(?P<one>\d{1,2})(?P<b>[\-/.] ?)(?P<two>\d{1,2})(?P=b)(?P<year>\d{4}|\d{2})(?!\d)"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_DAY = re.compile(r"(?<!\d)(?P<day>\d{1,2})(?P<suffix>st|nd|rd|th)?(?![\d:]|\.\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ASSUMED_YEAR = 2001
_ERA: Final = (date(1900, 3, 1).toordinal(), date(2099, 12, 31).toordinal())
_SPAN: Final = _ERA[1] - _ERA[0] + 1


@dataclass(frozen=True, slots=True)
class Written:
    """A date that was read."""

    ordinal: int
    """The day, counted as `datetime.date.toordinal` does."""
    write: Callable[[date], str]
    """The same text with another day."""
    exact: int
    """How exact it is: 3 for a day of a year, 2 for a day of any year, 1 for a month of a year, 0 for a year alone."""

    def moved(self, days: int) -> str:
        """The text of the day that is so many days later. Days beyond 1900 to 2099 come in again at the other end."""
        return self.write(date.fromordinal((self.ordinal + days - _ERA[0]) % _SPAN + _ERA[0]))


def read_date(text: str) -> Written | None:
    """The date that a text tells, in numbers or with a month in one of seven languages; None where it tells none.

    >>> read_date("3rd of March 2020").moved(30), read_date("2020-03-03T10:00").moved(30), read_date("3/14/21").moved(1)
    ('2nd of April 2020', '2020-04-02T10:00', '3/15/21')
    """
    numeric = _NUMERIC.search(text)
    if numeric is not None:
        return _numeric(text, numeric)
    for word in _WORD.finditer(text):
        for language, names in _MONTHS.items():
            if word.group().lower() in names:
                return _in_words(text, word, language)
    year = _YEAR.search(text)
    if year is None:
        return None
    made = _day(int(year.group()), 7, 1)
    if made is None:
        return None
    return Written(made.toordinal(), _putter(text, [(year.span(), lambda day: f"{day.year}")]), 0)


def _numeric(text: str, found: re.Match[str]) -> Written | None:
    if found["y"]:
        names = ("y", "m", "d")
        day = _day(int(found["y"]), int(found["m"]), int(found["d"]))
    else:
        first_is_day = int(found["one"]) > 12 or (found["b"] == "." and int(found["two"]) <= 12)
        names = ("year", "two", "one") if first_is_day else ("year", "one", "two")
        day = _day(_full(found["year"]), int(found[names[1]]), int(found[names[2]]))
    if day is None:
        return None
    parts: list[_Part] = [
        (found.span(names[0]), _number(lambda day: day.year, found[names[0]])),
        (found.span(names[1]), _number(lambda day: day.month, found[names[1]])),
        (found.span(names[2]), _number(lambda day: day.day, found[names[2]])),
    ]
    return Written(day.toordinal(), _putter(text, parts), 3)


def _in_words(text: str, word: re.Match[str], language: str) -> Written | None:
    names = _MONTHS[language]
    month = names.index(word.group().lower()) + 1
    year = _YEAR.search(text)
    days = [one for one in _DAY.finditer(text) if year is None or one.start() != year.start()]
    day = _day(int(year.group()) if year else _ASSUMED_YEAR, month, int(days[0]["day"]) if days else 15)
    if day is None:
        return None
    parts: list[_Part] = [(word.span(), lambda day: _cased(names[day.month - 1], word.group()))]
    if year:
        parts.append((year.span(), lambda day: f"{day.year}"))
    if days:
        parts.append((days[0].span("day"), _number(lambda day: day.day, days[0]["day"])))
        if days[0]["suffix"]:
            parts.append((days[0].span("suffix"), lambda day: _suffix(day.day)))
    exact = (3 if days else 1) if year else 2
    return Written(day.toordinal(), _putter(text, parts), exact)


_Part = tuple[tuple[int, int], Callable[[date], str]]


def _putter(text: str, parts: list[_Part]) -> Callable[[date], str]:
    def write(day: date) -> str:
        pieces, place = [], 0
        for (start, end), put in sorted(parts, key=lambda part: part[0]):
            pieces += [text[place:start], put(day)]
            place = end
        return "".join([*pieces, text[place:]])

    return write


def _number(read: Callable[[date], int], before: str) -> Callable[[date], str]:
    """As many digits as before: a leading zero where there was one, two digits of a year."""
    size = len(before)
    if size == 1:
        return lambda day: str(read(day))
    return lambda day: str(read(day)).zfill(size)[-max(size, 2) :]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if _ERA[0] <= made.toordinal() <= _ERA[1] else None


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)


def _cased(name: str, before: str) -> str:
    if before.isupper():
        return name.upper()
    return name.capitalize() if before[0].isupper() else name


def _suffix(day: int) -> str:
    return "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
