"""Scenarios that share terms and options, answered in each of the ways of deciding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.decide.scenarios import Scenario
from troth.history.read import EventSource
from troth.operations.connection import bounded_connection
from troth.terms.model import Terms
from troth.types.decision import Decision
from troth.types.moment import moment_of


@dataclass(slots=True)
class Group:
    """Scenarios under the same terms and options."""

    terms: Terms
    scenarios: list[Scenario]


def by_point(group: Group) -> list[list[Decision]]:
    """The answers to each scenario's questions, one question at a time."""
    minimum = group.terms.newest.retention_minimum
    point = Point(group.terms, Index(()))
    answers = []
    for scenario in group.scenarios:
        point.index = Index(scenario.history.events, retention_minimum=minimum)
        answers.append([point.decide(ask.record, ask.purpose, ask.at) for ask in scenario.ask])
    return answers


Key = tuple[int, str, str]
"""The number of the moment, the record and the purpose."""


def by_columns(group: Group) -> list[list[Decision]]:
    """The answers to each scenario's questions, all of them in one run."""
    moments: dict[AskedAt, int] = {}
    for h, scenario in enumerate(group.scenarios):
        for ask in scenario.ask:
            moments.setdefault(AskedAt(h, ask.at), len(moments))
    keys: list[list[Key]] = [
        [(moments[AskedAt(h, ask.at)], ask.record, ask.purpose) for ask in scenario.ask]
        for h, scenario in enumerate(group.scenarios)
    ]
    distinct = sorted({key for those in keys for key in those})
    if not distinct:
        return [[] for _ in group.scenarios]
    with bounded_connection() as connection:
        connection.execute("SET threads = 1")
        tables = Columns(group.terms, connection).decide(
            EventSource((_events(group),)), None, list(moments), _asked(distinct)
        )
        decided = dict(pair for table in tables for pair in _decisions(table))
    return [[decided.get(key) or _not_in_history(key[1]) for key in those] for those in keys]


def _events(group: Group) -> pa.Table:
    """The events of all scenarios; the column ``h`` tells their histories apart."""
    tables = []
    for h, scenario in enumerate(group.scenarios):
        own = pa.array([h] * len(scenario.history.events), pa.int32())
        tables.append(scenario.history.as_table().append_column("h", own))
    return pa.concat_tables(tables)


def _asked(keys: list[Key]) -> pa.Table:
    moments, records, purposes = zip(*keys, strict=True)
    return pa.table(
        {
            "m": pa.array(moments, pa.int32()),
            "record": pa.array(records, pa.string()),
            "purpose": pa.array(purposes, pa.string()),
        }
    )


def _decisions(table: pa.Table) -> Iterator[tuple[Key, Decision]]:
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
