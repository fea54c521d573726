"""Where one SQL engine differs from another: everything else in this folder is standard SQL.

Times are microseconds since the epoch (BIGINT) everywhere; only a period of calendar months makes a
timestamp of them for a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from troth.types.moment import LAST, Period

END_OF_TIME = LAST + 1
"""The open end of the last interval."""


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A parenthesised list of string literals; never empty."""
    return "(" + ", ".join(text(v) for v in sorted(values)) + ")" if values else "(NULL)"


def one_of(expression: str, values: Iterable[str]) -> str:
    """Whether a value is one of a few. Written as CASE: engines turn a longer IN list into a join."""
    cases = " ".join(f"WHEN {text(v)} THEN true" for v in sorted(values))
    return f"(CASE {expression} {cases} ELSE false END)" if cases else "false"


def after(moment: str, period: Period) -> str:
    """The moment one period after another: calendar months clamp to the last day of a month."""
    if period.months:
        moment = f"epoch_us(make_timestamp({moment}) + to_months({period.months}))"
    return f"({moment} + {period.micros})" if period.micros else moment


def last_known(value: str, window: str = "before") -> str:
    """The latest value that is not null, up to this row of the window."""
    return f"last_value({value} IGNORE NULLS) OVER {window}"


def smallest_by(value: str, by: str) -> str:
    """The value in the row in which ``by`` is smallest."""
    return f"arg_min({value}, {by})"


def contains(items: str, value: str) -> str:
    """Whether a list has a value; null for a null list."""
    return f"list_contains({items}, {value})"


def any_of(items: str, name: str, condition: str) -> str:
    """Whether some element of a list meets a condition on ``name``; false for a null list."""
    return f"coalesce(len(list_filter({items}, lambda {name}: {condition})) > 0, false)"


def latest_of(items: str, name: str, condition: str) -> str:
    """The greatest ``happened`` of the elements that meet a condition; null where there is none."""
    kept = f"list_filter({items}, lambda {name}: {condition})"
    return f"list_max(list_transform({kept}, lambda {name}: {name}.happened))"


def gathered(fields: Sequence[tuple[str, str]]) -> str:
    """A list of structs of all rows of a group."""
    inner = ", ".join(f"{name} := {value}" for name, value in fields)
    return f"list(struct_pack({inner}))"


def hash_below(record: str, limit: int) -> str:
    """Whether the first 8 bytes of the SHA-256 of an id, big-endian, are below a limit."""
    return f"(('0x' || substr(sha256({record}), 1, 16))::UBIGINT < {limit}::HUGEINT)"


def same(left: str, right: str) -> str:
    """Equality in which null equals null."""
    return f"{left} IS NOT DISTINCT FROM {right}"
