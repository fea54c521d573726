"""Times in the form that a mapping file declares. What is not in that form is an error."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from troth.intake.readers.log_times import time_of_text
from troth.types.moment import FIRST, LAST, Moment

_MICROS = {"epoch_seconds": 1_000_000, "epoch_millis": 1_000}


class TimeFormError(ValueError):
    """A time is not written in the declared form."""


def time_in_form(value: Any, form: str) -> Moment | None:
    """The moment that a value says; None for an empty one. Raises `TimeFormError`."""
    if value is None or value == "":
        return None
    found = time_of_text(value) if form == "rfc3339" or isinstance(value, datetime) else _epoch(value, form)
    if found is None:
        raise TimeFormError(f"a time is not written as {form}")
    return found


def _epoch(value: Any, form: str) -> Moment | None:
    """Exact to the microsecond: decimal digits are not rounded by way of binary ones."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        moment = int(Decimal(str(value)) * _MICROS[form])
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return moment if FIRST <= moment <= LAST else None
