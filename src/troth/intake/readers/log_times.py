"""Times as logs write them, read as moments; None for what is no time, since a reader never guesses."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from troth.types.moment import FIRST, LAST, Moment, MomentError, moment_of

_DATE_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}", re.ASCII)

_UNITS: tuple[tuple[float, int], ...] = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
"""Magnitudes below which an epoch time counts seconds, milliseconds, microseconds; above are nanoseconds.

The four never meet within the years 1973 to 5138, so that the magnitude alone tells the unit."""


def time_of_text(text: Any, *, utc: bool = False) -> Moment | None:
    """An ISO 8601 date and time with its offset; without one only where the format means UTC (``utc``)."""
    if isinstance(text, datetime):
        return _moment(text, utc)
    if not isinstance(text, str) or not _DATE_AND_TIME.match(text):
        return None
    try:
        return _moment(datetime.fromisoformat(text.strip()), utc)
    except ValueError:
        return None


def time_of_epoch(number: Any) -> Moment | None:
    """A number since 1970, its unit told by its magnitude; zero and less is how logs write "not known"."""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return None
    if not math.isfinite(number) or number <= 0:
        return None
    for limit, micros in _UNITS:
        if number < limit:
            return _in_range(round(number * micros))
    return _in_range(int(number) // 1_000)


def time_of(value: Any, *, utc: bool = False) -> Moment | None:
    """A time as text or as a number since 1970, whichever the log wrote."""
    found = time_of_text(value, utc=utc)
    return time_of_epoch(value) if found is None else found


def _moment(when: datetime, utc: bool) -> Moment | None:
    if when.tzinfo is None:
        if not utc:
            return None
        when = when.replace(tzinfo=UTC)
    try:
        return moment_of(when.astimezone(UTC))
    except (MomentError, OverflowError):
        return None


def _in_range(moment: int) -> Moment | None:
    return moment if FIRST <= moment <= LAST else None
