"""Moments and periods. A moment is a whole number of microseconds since 1970-01-01T00:00:00Z.

All times are UTC inside Troth. Text times are RFC 3339 with the offset ``Z``; another offset, or none, is
an error and never a guess. Periods are ISO 8601 durations: days are 24 hours, months and years are
calendar ones, and a day that the month lacks becomes its last day (``scenarios``: "Clocks").
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Moment = int
"""Microseconds since the epoch, UTC."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY: Moment = 86_400_000_000
HOUR: Moment = 3_600_000_000

FIRST: Moment = -62_135_596_800_000_000
"""The earliest moment that can be written: year 1."""
LAST: Moment = 253_402_300_799_999_999
"""The latest moment that can be written: the end of year 9999. What would end later has no end."""

_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})?\Z", re.ASCII
)
_PERIOD = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\Z", re.ASCII
)


class MomentError(ValueError):
    """Text that is not a moment or a period. The message says what was expected."""


def moment_of(when: datetime) -> Moment:
    """The moment of an aware ``datetime`` in UTC. Raises `MomentError` for another offset, or none."""
    offset = when.utcoffset()
    if offset is None:
        raise MomentError(f"the time {when.isoformat()} has no zone; write it in UTC, ending in Z")
    if offset:
        raise MomentError(f"the time {when.isoformat()} is not in UTC; convert it and end it in Z")
    return (when - EPOCH) // timedelta(microseconds=1)


def parse_moment(text: str) -> Moment:
    """Read an RFC 3339 time that ends in ``Z``. Raises `MomentError`."""
    found = _RFC3339.match(text)
    if not found:
        raise MomentError(f"{text!r} is not a time; write it like 2025-09-10T14:00:00Z")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if zone is None:
        raise MomentError(f"the time {text!r} has no zone; write it in UTC, ending in Z")
    if zone not in ("Z", "z"):
        raise MomentError(f"the time {text!r} is not in UTC; convert it and end it in Z")
    micro = 0
    if fraction:
        if fraction[6:].strip("0"):
            raise MomentError(f"the time {text!r} is finer than a microsecond; round it to six digits")
        micro = int(fraction[:6].ljust(6, "0"))
    try:
        when = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), micro, tzinfo=UTC
        )
    except ValueError as problem:
        raise MomentError(f"{text!r} is not a time: {problem}") from None
    return moment_of(when)


def as_datetime(moment: Moment) -> datetime:
    """The aware ``datetime`` of a moment."""
    return EPOCH + timedelta(microseconds=moment)


def format_moment(moment: Moment) -> str:
    """RFC 3339 with ``Z``; a fraction only where there is one.

    >>> format_moment(parse_moment("2025-09-10T14:00:00Z"))
    '2025-09-10T14:00:00Z'
    """
    return as_datetime(moment).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A length of time: calendar months first, then microseconds."""

    months: int
    micros: int

    def after(self, start: Moment) -> Moment:
        """The moment one period after ``start``; never later than `LAST`.

        >>> format_moment(parse_period("P1M").after(parse_moment("2025-01-31T12:00:00Z")))
        '2025-02-28T12:00:00Z'
        """
        if self.months:
            start = _add_months(start, self.months)
        return min(start + self.micros, LAST)

    @property
    def shortest(self) -> Moment:
        """The least number of microseconds that this period can last, wherever it starts."""
        years, months = divmod(self.months, 12)
        return years * 365 * DAY + months * 28 * DAY + self.micros

    def __str__(self) -> str:
        return format_period(self)


NOTHING = Period(0, 0)


def parse_period(text: str) -> Period:
    """Read an ISO 8601 duration such as ``P30D``, ``P5Y`` or ``PT72H``. Raises `MomentError`."""
    found = _PERIOD.match(text)
    if not found or text in ("P", "PT") or text.endswith("T"):
        raise MomentError(f"{text!r} is not an ISO 8601 duration; write it like P30D, P18M, P5Y or PT72H")
    years, months, weeks, days, hours, minutes, seconds = (int(g or 0) for g in found.groups())
    micros = ((weeks * 7 + days) * 24 * 3600 + hours * 3600 + minutes * 60 + seconds) * 1_000_000
    period = Period(years * 12 + months, micros)
    if period.months > 12 * 9999 or period.micros > LAST:
        raise MomentError(f"{text!r} is longer than ten thousand years")
    return period


def format_period(period: Period) -> str:
    """The shortest ISO 8601 duration that means the same.

    >>> format_period(parse_period("P18M")), format_period(parse_period("PT72H"))
    ('P1Y6M', 'P3D')
    """
    years, months = divmod(period.months, 12)
    days, rest = divmod(period.micros, DAY)
    seconds = rest // 1_000_000
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"P{date}" + (f"T{time}" if time else "") if date or time else "P0D"


def _add_months(start: Moment, months: int) -> Moment:
    when = as_datetime(start)
    index = when.year * 12 + when.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    if year > 9999:
        return LAST
    day = min(when.day, calendar.monthrange(year, month)[1])
    return moment_of(when.replace(year=year, month=month, day=day))
