"""Times of entries read fast: the minute repeats from entry to entry, and is read once."""

from __future__ import annotations

from troth.types.moment import Moment, MomentError, format_moment, parse_moment

_SECONDS = {f"{second:02}".encode(): second * 1_000_000 for second in range(60)}
"""The microseconds in the seconds of a time."""
_MINUTE = len("1970-01-01T00:00:")


class TimeReader:
    """Reads times in their one form, and remembers the last minute."""

    def __init__(self) -> None:
        self._minute = b""
        self._start: Moment = 0

    def read(self, text: bytes) -> Moment | None:
        """The moment (UTC) of a time as ``format_moment`` writes it; None for any other text.

        >>> TimeReader().read(b"1970-01-01T00:01:02.500000Z"), TimeReader().read(b"1970-01-01T00:01:02.5Z")
        (62500000, None)
        """
        minute, second, rest = text[:_MINUTE], _SECONDS.get(text[_MINUTE : _MINUTE + 2]), text[_MINUTE + 2 :]
        micros = 0 if rest == b"Z" else _micros(rest)
        if second is None or micros is None:
            return None
        if minute != self._minute:
            start = _whole_minute(minute)
            if start is None:
                return None
            self._minute, self._start = minute, start
        return self._start + second + micros


def _micros(rest: bytes) -> int | None:
    """The microseconds of a fraction such as ``.500000Z``; a whole second is written without one."""
    digits = rest[1:-1]
    plain = len(digits) == 6 and digits.isdigit() and rest == b".%bZ" % digits
    return int(digits) or None if plain else None


def _whole_minute(minute: bytes) -> Moment | None:
    try:
        told = f"{minute.decode('ascii')}00Z"
        at = parse_moment(told)
    except (UnicodeDecodeError, MomentError):
        return None
    return at if format_moment(at) == told else None
