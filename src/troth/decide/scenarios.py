"""Scenario files: what published terms mean, case by case (``docs/formats/scenarios.md``).

Read with a closed world: an unknown key, event, terms name or option is an error, never skipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from troth.errors import InputError, Place, ScenarioError
from troth.history.event import read_event
from troth.history.history import History, gather
from troth.terms.archive import shipped_names
from troth.terms.lines import Lines
from troth.terms.problems import did_you_mean
from troth.types.decision import Decision
from troth.types.moment import Moment, MomentError, format_moment, moment_of
from troth.types.reasons import REASONS


@dataclass(frozen=True, slots=True)
class Ask:
    """One question with its right answer. What is None is not asked."""

    at: Moment
    record: str
    purpose: str
    allow: bool
    reason: str | None = None
    keep_until: Moment | str | None = None
    """A moment, or ``indefinite``."""
    erasable: bool | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A short history and a few questions."""

    id: str
    why: str
    terms: str
    options: Mapping[str, str]
    history: History
    ask: tuple[Ask, ...]
    place: Place


KEYS = ("id", "why", "terms", "options", "history", "ask")
ASK_KEYS = ("at", "record", "purpose", "allow", "reason", "keep_until", "erasable")


def read_scenarios(path: Path) -> list[Scenario]:
    """All scenarios of one file. Raises `ScenarioError`, or ``HistoryError`` for an event."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ScenarioError(
            f"cannot be read: {problem}", place=Place(str(path)), remedy="give a TOML file"
        ) from None
    lines = Lines(text)
    _known(content, ("scenario",), "the file", Place(str(path), 1))
    tables = content.get("scenario", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise ScenarioError("no scenarios", place=Place(str(path)), remedy="write [[scenario]] tables")
    scenarios = [
        _scenario(table, Place(str(path), lines.of("scenario", index))) for index, table in enumerate(tables)
    ]
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.id in seen:
            raise ScenarioError(
                f"scenario id {scenario.id!r} is used again", place=scenario.place, remedy="rename one"
            )
        seen.add(scenario.id)
    return scenarios


def _known(table: Mapping[str, Any], keys: Iterable[str], what: str, place: Place) -> None:
    for key in table:
        if key not in keys:
            raise ScenarioError(f"{what}: unknown key {key!r}", place=place, remedy=did_you_mean(key, keys))


def _scenario(table: Mapping[str, Any], place: Place) -> Scenario:
    _known(table, KEYS, f"scenario {table.get('id', '')!r}", place)
    for key in ("id", "terms", "history", "ask"):
        if key not in table:
            raise ScenarioError(f"a scenario has no {key}", place=place, remedy=f"add {key} = …")
    for key, shape in (("history", list), ("ask", list), ("options", dict)):
        inner = table.get(key, shape())
        if not isinstance(inner, shape) or (shape is list and not all(isinstance(v, dict) for v in inner)):
            wanted = "a list of tables" if shape is list else "a table"
            raise ScenarioError(f"{table['id']}: {key} is not {wanted}", place=place, remedy="mend it")
    if table["terms"] not in shipped_names():
        raise ScenarioError(
            f"unknown terms {table['terms']!r}",
            place=place,
            remedy=did_you_mean(str(table["terms"]), shipped_names()),
        )
    try:
        history = gather((read_event(event, place), place) for event in table["history"])
    except InputError as problem:
        raise ScenarioError(f"{table['id']}: {problem.what}", place=place, remedy=problem.remedy) from None
    return Scenario(
        id=str(table["id"]),
        why=str(table.get("why", "")),
        terms=table["terms"],
        options={key: _option(value) for key, value in table.get("options", {}).items()},
        history=history,
        ask=tuple(_ask(question, str(table["id"]), place) for question in table["ask"]),
        place=place,
    )


def _option(value: Any) -> str:
    return str(value)


def _ask(table: Mapping[str, Any], id_: str, place: Place) -> Ask:
    _known(table, ASK_KEYS, f"{id_}: a question", place)
    for key in ("at", "record", "purpose", "allow"):
        if key not in table:
            raise ScenarioError(f"{id_}: a question has no {key}", place=place, remedy=f"add {key} = …")
    keep = table.get("keep_until")
    if keep is not None and keep != "indefinite":
        keep = _moment(keep, id_, place)
    reason = table.get("reason")
    if reason is not None and reason not in REASONS:
        raise ScenarioError(
            f"{id_}: unknown reason {reason!r}", place=place, remedy=did_you_mean(str(reason), REASONS)
        )
    for key in ("allow", "erasable"):
        if key in table and not isinstance(table[key], bool):
            raise ScenarioError(f"{id_}: {key} is neither true nor false", place=place, remedy="mend it")
    return Ask(
        at=_moment(table["at"], id_, place),
        record=str(table["record"]),
        purpose=str(table["purpose"]),
        allow=table["allow"],
        reason=reason,
        keep_until=keep,
        erasable=table.get("erasable"),
    )


def _moment(value: Any, id_: str, place: Place) -> Moment:
    try:
        if isinstance(value, datetime):
            return moment_of(value)
    except MomentError as problem:
        raise ScenarioError(f"{id_}: {problem}", place=place, remedy="all times are UTC") from None
    raise ScenarioError(f"{id_}: {value!r} is not a time", place=place, remedy="write 2025-09-10T14:00:00Z")


def differences(ask: Ask, decision: Decision) -> list[tuple[str, str, str]]:
    """What the answer says otherwise than asked: (field, expected, got)."""
    keep = "indefinite" if decision.keep_until is None else format_moment(decision.keep_until)
    expected_keep = None
    if ask.keep_until is not None:
        expected_keep = ask.keep_until if isinstance(ask.keep_until, str) else format_moment(ask.keep_until)
    fields = (
        ("allow", ask.allow, decision.allow),
        ("reason", ask.reason, decision.reason),
        ("keep_until", expected_keep, keep),
        ("erasable", ask.erasable, decision.erasable),
    )
    return [(name, str(want), str(got)) for name, want, got in fields if want is not None and want != got]
