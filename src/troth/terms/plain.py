"""Terms, their problems and their differences as plain dicts, lists and texts: what ``--json`` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any

from troth.errors import Place
from troth.terms.check.case import known
from troth.terms.model import Retention, Rule, Version
from troth.terms.words import in_order
from troth.types.moment import Period, format_moment

HIDDEN = ("place",)
"""Fields that say where a thing stands on this machine."""

MOMENTS = ("published", "effective", "deadline")


def plain(value: Any) -> Any:
    """Turn a noun of terms into dicts, lists and texts: conditions in order, moments and periods as text."""
    if isinstance(value, Version):
        found: Any = _version(value)
    elif isinstance(value, Period | Place):
        found = str(value)
    elif is_dataclass(value):
        names = [field.name for field in fields(value) if field.name not in HIDDEN]
        found = {name: _field(name, getattr(value, name)) for name in names}
    elif isinstance(value, Mapping):
        found = {str(key): plain(inner) for key, inner in value.items()}
    elif isinstance(value, Set):
        found = sorted(plain(inner) for inner in value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        found = [plain(inner) for inner in value]
    else:
        found = value
    return found


def _field(name: str, value: Any) -> Any:
    return format_moment(value) if name in MOMENTS and isinstance(value, int) else plain(value)


def _version(version: Version) -> dict[str, Any]:
    domains = known(version)
    rows: dict[str, Sequence[Rule | Retention]] = {"rules": version.rules, "retention": version.retention}
    found = {
        field.name: _field(field.name, getattr(version, field.name))
        for field in fields(version)
        if field.name not in (*HIDDEN, *rows)
    }
    for name, those in rows.items():
        found[name] = [_row(row, domains) for row in those]
    return found


def _row(row: Rule | Retention, domains: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    when = in_order(row.when, domains)
    found = {field.name: plain(getattr(row, field.name)) for field in fields(row) if field.name not in HIDDEN}
    return {**found, "when": {fact: list(values) for fact, values in when.items()}}
