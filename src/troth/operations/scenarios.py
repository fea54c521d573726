"""``troth scenarios``: every question of some scenarios, answered in both ways and held against the right answer.

One run of the columns answers all scenarios that share terms and options: most of the time of a small run goes
into planning its queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.decide.scenarios import Ask, Scenario, differences, read_scenarios
from troth.errors import InputError, Place, ScenarioError, UsageError
from troth.history.read import EventSource
from troth.operations.connection import bounded_connection
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.terms.problems import did_you_mean
from troth.types.decision import Decision
from troth.types.moment import format_moment, moment_of

AT_ONCE = 2
"""How many runs of the columns are under way at once. Their time goes into planning, which is done by one core."""

POINT, COLUMNS = "point", "columns"


@dataclass(frozen=True, slots=True)
class Failure:
    """One question that was not answered rightly in every way, or not alike."""

    file: str
    id: str
    asked: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.file} {self.id}: asked {self.asked} expected {self.expected} got {self.got}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all questions."""

    passed: int
    failures: tuple[Failure, ...]

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return self.passed + len(self.failures)


@dataclass(slots=True)
class _Group:
    """Scenarios under the same terms and options."""

    terms: Terms
    scenarios: list[Scenario]


def run_scenarios(paths: Sequence[str]) -> Outcome:
    """Answer every question of some files and folders.

    Raises `ScenarioError`, or ``HistoryError`` for an event: an unknown name is an error, never skipped.
    """
    scenarios = [scenario for file in scenario_files(paths) for scenario in read_scenarios(file)]
    groups = list(_groups(scenarios))
    by_point = {id(s): answers for group in groups for s, answers in _by_point(group)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(_by_columns, groups))
    by_columns = {id(s): answers for run in runs for s, answers in run}
    passed, failures = 0, []
    for scenario in scenarios:
        ways = zip(scenario.ask, by_point[id(scenario)], by_columns[id(scenario)], strict=True)
        for ask, point, columns in ways:
            failure = judged(scenario, ask, {POINT: point, COLUMNS: columns})
            if failure is None:
                passed += 1
            else:
                failures.append(failure)
    return Outcome(passed, tuple(failures))


def scenario_files(paths: Sequence[str]) -> list[Path]:
    """The scenario files that paths mean, each once. Raises `ScenarioError` where one means nothing."""
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(name)
        files = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not files:
            raise ScenarioError("no scenarios in this folder", place=Place(name), remedy="give *.toml files")
        found.update(dict.fromkeys(files))
    return list(found)


# --- what scenarios share -----------------------------------------------------------------------------


def _groups(scenarios: Iterable[Scenario]) -> Iterator[_Group]:
    """Scenarios by terms and settled options. An option given its default is no other option."""
    loaded: dict[tuple[str, tuple[tuple[str, str], ...]], Terms] = {}
    groups: dict[str, _Group] = {}
    for scenario in scenarios:
        given = (scenario.terms, tuple(sorted(scenario.options.items())))
        if given not in loaded:
            loaded[given] = _load(scenario)
        terms = loaded[given]
        _known_names(scenario, terms)
        groups.setdefault(terms.digest, _Group(terms, [])).scenarios.append(scenario)
    yield from groups.values()


def _load(scenario: Scenario) -> Terms:
    try:
        return load(scenario.terms, scenario.options)
    except (InputError, UsageError) as problem:
        raise ScenarioError(
            f"{scenario.id}: {problem.what}", place=scenario.place, remedy=problem.remedy
        ) from None


def _known_names(scenario: Scenario, terms: Terms) -> None:
    """Raise `ScenarioError` for a choice or a version that the terms do not have."""
    choices = {choice.name for version in terms.versions for choice in version.choices}
    versions = {version.version for version in terms.versions}
    for event in scenario.history.events:
        for what, name, known in (("choice", event.choice, choices), ("version", event.version, versions)):
            if name is not None and name not in known:
                raise ScenarioError(
                    f"{scenario.id}: {terms.name} has no {what} {name!r}",
                    place=scenario.place,
                    remedy=did_you_mean(name, known),
                )


# --- one way, and the other -----------------------------------------------------------------------------


def _by_point(group: _Group) -> Iterator[tuple[Scenario, list[Decision]]]:
    minimum = group.terms.newest.retention_minimum
    point = Point(group.terms, Index(()))
    for scenario in group.scenarios:
        point.index = Index(scenario.history.events, retention_minimum=minimum)
        yield scenario, [point.decide(ask.record, ask.purpose, ask.at) for ask in scenario.ask]


def _by_columns(group: _Group) -> list[tuple[Scenario, list[Decision]]]:
    """All scenarios of a group in one run: their histories are told apart by the column ``h``."""
    tables = [
        scenario.history.as_table().append_column("h", pa.array([h] * len(scenario.history.events), pa.int32()))
        for h, scenario in enumerate(group.scenarios)
    ]
    moments: dict[AskedAt, int] = {}
    for h, scenario in enumerate(group.scenarios):
        for ask in scenario.ask:
            moments.setdefault(AskedAt(h, ask.at), len(moments))
    keys = dict.fromkeys(
        (moments[AskedAt(h, ask.at)], ask.record, ask.purpose)
        for h, scenario in enumerate(group.scenarios)
        for ask in scenario.ask
    )
    ms, records, purposes = zip(*keys, strict=True) if keys else ((), (), ())
    asked = pa.table(
        {"m": pa.array(ms, pa.int32()), "record": pa.array(records, pa.string()), "purpose": pa.array(purposes, pa.string())}
    )
    decided: dict[tuple[int, str, str], Decision] = {}
    if keys:
        with bounded_connection() as connection:
            connection.execute("SET threads = 1")
            source = EventSource((pa.concat_tables(tables),))
            for table in Columns(group.terms, connection).decide(source, None, list(moments), asked):
                decided.update(_decisions(table))
    return [
        (
            scenario,
            [
                decided.get((moments[AskedAt(h, a.at)], a.record, a.purpose)) or _not_in_history(a.record)
                for a in scenario.ask
            ],
        )
        for h, scenario in enumerate(group.scenarios)
    ]


def _decisions(table: pa.Table) -> Iterator[tuple[tuple[int, str, str], Decision]]:
    for row in table.to_pylist():
        keep = row["keep_until"]
        yield (
            (row["m"], row["record"], row["purpose"]),
            Decision(
                record=row["record"],
                conversation=row["conversation"],
                account=row["account"],
                allow=row["allow"],
                reason=row["reason"],
                rule=row["rule"],
                clause=row["clause"],
                keep_until=None if keep is None else moment_of(keep),
                erasable=row["erasable"],
            ),
        )


def _not_in_history(record: str) -> Decision:
    """The answer for a record that no event tells of: columns have no row for it."""
    return Decision(record, None, None, False, "record_unknown", "", "", None, True)


# --- judging ----------------------------------------------------------------------------------------------

FIELDS = ("allow", "reason", "rule", "clause", "keep_until", "erasable", "conversation", "account")
"""What both ways must say alike, asked or not."""


def judged(scenario: Scenario, ask: Ask, answers: Mapping[str, Decision]) -> Failure | None:
    """What is wrong with the answers to one question; None where each is right, and all are the same."""
    wrong = {way: differences(ask, answer) for way, answer in answers.items()}
    fields = [field for field in FIELDS if any(field == name for found in wrong.values() for name, _, _ in found)]
    expected = " ".join(f"{field}={_expected(ask, field)}" for field in fields)
    if not fields:
        fields = [f for f in FIELDS if len({getattr(answer, f) for answer in answers.values()}) > 1]
        expected = "the same in both ways"
    if not fields:
        return None
    told = {way: " ".join(f"{f}={_shown(f, getattr(answer, f))}" for f in fields) for way, answer in answers.items()}
    if len(set(told.values())) == 1:
        got = f"{next(iter(told.values()))} ({' and '.join(told)})"
    else:
        got = ", ".join(f"{words} ({way})" for way, words in told.items())
    asked = f"{ask.purpose} of {ask.record} at {format_moment(ask.at)}"
    return Failure(scenario.place.file, scenario.id, asked, expected, got)


def _expected(ask: Ask, field: str) -> str:
    value = getattr(ask, field)
    return value if isinstance(value, str) else _shown(field, value)


def _shown(field: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if field == "keep_until":
        return format_moment(value) if isinstance(value, int) else "indefinite"
    return str(value)
