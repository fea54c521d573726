"""Taking the fields of a TOML table: each key known, present where it must be, and of its type."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from troth.terms.lines import Lines, Path
from troth.terms.problems import Problems, did_you_mean
from troth.types.moment import Moment, MomentError, Period, parse_moment, parse_period

Read = Callable[[Any], Any]
"""Takes a TOML value and gives ours. Raises ``ValueError`` with what was expected."""

Shape = Mapping[str, tuple[Read, bool]]
"""Key to how it is read, and whether it must be there."""


def a_word(value: Any) -> str:
    """Take text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not text; write it in quotes")
    return value


def some_words(value: Any) -> tuple[str, ...]:
    """Take a list of texts; one text stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ValueError('is not a list of words; write ["a", "b"]')
    return tuple(value)


def a_flag(value: Any) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")  # noqa: TRY004 - `Read` raises one kind
    return value


def a_date(value: Any) -> Moment:
    """Take a date; it begins at 00:00 UTC."""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise ValueError("is not a date; write it like 2025-09-28, without quotes")  # noqa: TRY004
    return parse_moment(f"{value.isoformat()}T00:00:00Z")


def a_period(value: Any) -> Period:
    """Take an ISO 8601 duration."""
    try:
        return parse_period(a_word(value))
    except MomentError as problem:
        raise ValueError(str(problem)) from None


def a_table(value: Any) -> dict[str, Any]:
    """Take a table."""
    if not isinstance(value, dict):
        raise ValueError("is not a table; write { key = value }")  # noqa: TRY004
    return value


def some_tables(value: Any) -> list[dict[str, Any]]:
    """Take an array of tables."""
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise ValueError("is not a list of tables; write [[name]] before each")
    return value


def anything(value: Any) -> Any:
    """Take whatever stands there."""
    return value


class Fields:
    """The fields of one table at a path of the file."""

    def __init__(self, value: Any, path: Path, what: str, lines: Lines, problems: Problems) -> None:
        self._value, self._path, self._what = value, path, what
        self._lines, self._problems = lines, problems

    def take(self, shape: Shape) -> dict[str, Any]:
        """Give the fields that are right. Everything else becomes a problem."""
        if not isinstance(self._value, dict):
            self._problems.add(self._line(), f"{self._what} is not a table", "write key = value lines")
            return {}
        for key in self._value:
            if key not in shape:
                self._problems.add(
                    self._line(key), f"{self._what}: unknown key {key!r}", did_you_mean(key, shape)
                )
        got = {}
        for key, (read, required) in shape.items():
            if key in self._value:
                try:
                    got[key] = read(self._value[key])
                except ValueError as problem:
                    self._problems.add(self._line(key), f"{self._what}: {key} {problem}", "mend this line")
            elif required:
                self._problems.add(self._line(), f"{self._what} has no {key}", f"add {key} = …")
        return got

    def _line(self, *key: str) -> int:
        return self._lines.of(*self._path, *key)
