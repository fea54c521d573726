"""Numbers, times and bytes as they stand beside the picture of a vault, and which ones. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from troth.types.moment import DAY, HOUR, LAST, Moment, as_datetime, moment_of

_SECOND: Moment = 1_000_000
_STEPS = tuple(
    unit * each
    for unit, many in (
        (_SECOND, (1, 5, 15, 30)),
        (60 * _SECOND, (1, 5, 15, 30)),
        (HOUR, (1, 3, 6, 12)),
        (DAY, (1, 2, 7, 14)),
    )
    for each in many
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 24_000)
_MONTH: Moment = 30 * DAY


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and what stands there."""

    value: int
    label: str


def counts(largest: int, most: int = 5) -> list[Tick]:
    """Round numbers from 0 to at least the largest.

    >>> [tick.label for tick in counts(3)], [tick.label for tick in counts(1_200_000)]
    (['0', '1', '2', '3'], ['0', '500k', '1M', '1.5M'])
    """
    step = 1
    while largest / step > most - 1:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    last = -(-max(largest, 1) // step) * step
    return [Tick(value, short(value)) for value in range(0, last + 1, step)]


def short(number: int) -> str:
    """A number in few letters.

    >>> short(950), short(12_500), short(1_000_000), short(1_234_567), short(2_000_000_000)
    ('950', '12.5k', '1M', '1.23M', '2B')
    """
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size and (number >= 10_000 or not number % 500):
            return f"{number / size:.3g}{letter}" if number < 1000 * size else f"{number // size:,}{letter}"
    return f"{number:,}"


def times(start: Moment, end: Moment, most: int = 5) -> list[Tick]:
    """Round times within a span, few enough to stand beside one another; empty where the span is."""
    span = end - start
    for step in _STEPS:
        if span // step < most:
            return [Tick(at, _time(at, step)) for at in range(-(-start // step) * step, end, step)]
    months = next((many for many in _MONTHS if span // (many * _MONTH) < most), _MONTHS[-1])
    return [Tick(at, _month(at, months)) for at in _firsts(start, end, months)]


def _time(at: Moment, step: Moment) -> str:
    when = as_datetime(at)
    if step < 60 * _SECOND:
        return f"{when:%H:%M:%S}"
    return f"{when:%H:%M}" if step < DAY else f"{when.day} {when:%b}"


def _month(at: Moment, months: int) -> str:
    when = as_datetime(at)
    return f"{when.year}" if months >= 12 else f"{when:%b} {when.year}"


def _firsts(start: Moment, end: Moment, months: int) -> Iterator[Moment]:
    """The first days of every so many months."""
    when = as_datetime(start)
    number = -(-(when.year * 12 + when.month - 1) // months) * months
    while True:
        at = month_start(number)
        if at >= end:
            return
        if at >= start:
            yield at
        number += months


def month_start(number: int) -> Moment:
    """The beginning of a month, in UTC; months are counted from the year 0. Not later than the last moment.

    >>> month_start(1970 * 12), month_start(1970 * 12 + 1) == 31 * DAY
    (0, True)
    """
    year, month = divmod(number, 12)
    if year > 9999:
        return LAST
    return moment_of(datetime(year, month + 1, 1, tzinfo=UTC))


def next_month(at: Moment) -> Moment:
    """The beginning of the month after the one of a moment."""
    when = as_datetime(at)
    return month_start(when.year * 12 + when.month)


def day_text(at: Moment) -> str:
    """A time as people write it."""
    when = as_datetime(at)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def bytes_text(size: int) -> str:
    """Bytes in few letters, powers of a thousand.

    >>> bytes_text(0), bytes_text(999), bytes_text(12_345), bytes_text(1_234_567_890)
    ('0 B', '999 B', '12.3 kB', '1.23 GB')
    """
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}" if size < 1000 * unit else f"{size // unit:,} {name}"
    return f"{size} B"
