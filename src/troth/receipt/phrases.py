"""Small pieces of plain English: times, lists, purposes. The same on every machine, whatever its language."""

from __future__ import annotations

from collections.abc import Iterable

from troth.receipt.quoting import quoted
from troth.types.moment import Moment, as_datetime, parse_moment
from troth.types.vocabulary import PURPOSE_WORDS

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def when(moment: Moment) -> str:
    """A time in UTC, to the second or the microsecond where it has them.

    >>> when(0), when(1_000_000)
    ('1 January 1970 at 00:00 UTC', '1 January 1970 at 00:00:01 UTC')
    """
    time = as_datetime(moment)
    clock = f"{time.hour:02}:{time.minute:02}"
    if time.second or time.microsecond:
        clock += f":{time.second:02}"
    if time.microsecond:
        clock += f".{time.microsecond:06}"
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year} at {clock} UTC"


def when_text(text: str) -> str:
    """The same for a time in RFC 3339."""
    return when(parse_moment(text))


def listed(names: Iterable[str]) -> str:
    """Names in quotation marks, with commas; ``none`` for none."""
    return ", ".join(map(quoted, names)) or "none"


def purpose_words(purpose: str) -> str:
    """A purpose with what it means.

    >>> purpose_words("sell")
    '"sell" (selling)'
    """
    return f'"{purpose}" ({PURPOSE_WORDS[purpose]})'


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "entry"), counted(3, "conversation")
    ('1 entry', '3 conversations')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
