"""Point and columns agree on records that come from logs: with times, plans and people that no log tells."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.readings import MOST_APART
from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.decide.point.index import Index, said_of
from troth.decide.point.reference import Point
from troth.errors import Place
from troth.history.event import Event
from troth.history.history import History, gather
from troth.history.read import EventSource
from troth.operations.connection import bounded_connection
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.decision import DECISION_COLUMNS
from troth.types.moment import FIRST, Moment
from troth.types.record import RECORD_SCHEMA
from troth.types.said import Said
from worlds import questions, world

NAMES_OF = ("account", "organisation", "conversation", "record", "hold")
LISTS_OF = ("accounts", "conversations")
WORLDS = 12


def renamed(event: Event, number: int) -> Event:
    """An event of one world among several: its subjects named apart from theirs."""
    changes: dict[str, Any] = {}
    for field in NAMES_OF:
        value = getattr(event, field)
        if value is not None:
            changes[field] = f"{number}-{value}"
    for field in LISTS_OF:
        values = getattr(event, field)
        if values is not None:
            changes[field] = tuple(f"{number}-{value}" for value in values)
    return msgspec.structs.replace(event, **changes)


def logged(rng: random.Random, said: Said) -> Said:
    """A record as a log has it, which may not tell when it was said, whose it is, or under what plan."""
    at = said.at if rng.random() < 0.85 else None
    account = said.account if rng.random() < 0.9 else None
    learned = FIRST if at is None else at
    return Said(
        said.record, said.conversation, account, at, learned, said.role, said.kind, said.product, said.channel,
        said.plan if rng.random() < 0.8 else None,
    )  # fmt: skip


def as_log(records: list[Said]) -> pa.Table:
    """Records as a log that was read."""
    rows = {name: [getattr(said, name, None) for said in records] for name in RECORD_SCHEMA.names}
    rows["position"] = [0] * len(records)
    return pa.table(rows, schema=RECORD_SCHEMA)


class Logs:
    """Several worlds in one history, and logs beside it that tell part of what was said, or all of it."""

    def __init__(self, terms: Terms, seed: str) -> None:
        rng = random.Random(seed)
        told: list[Event] = []
        self.log: list[Said] = []
        self.moments: list[Moment] = []
        only_logs = rng.random() < 0.5
        for number in range(WORLDS):
            events = [renamed(event, number) for event in world(rng, terms)]
            self.moments += rng.sample(questions(rng, events), 1)
            for event in events:
                if event.event == "record.said":
                    self.log.append(logged(rng, said_of(event)))
                if event.event != "record.said" or not only_logs:
                    told.append(event)
        self.history: History = gather((event, Place("worlds")) for event in told)


def in_columns(terms: Terms, logs: Logs, purpose: str) -> Mapping[tuple[int, str], Mapping[str, Any]]:
    """The decisions of columns, by the number of the moment and record."""
    asked = [AskedAt(0, moment) for moment in logs.moments]
    found = {}
    with bounded_connection() as connection:
        source = EventSource((logs.history.as_table(),))
        for table in Columns(terms, connection).decide(source, as_log(logs.log), asked, purpose):
            place = table.schema.get_field_index("keep_until")
            for row in table.set_column(
                place, "keep_until", table["keep_until"].cast(pa.int64())
            ).to_pylist():
                assert (row["m"], row["record"]) not in found
                found[row["m"], row["record"]] = {name: row[name] for name in DECISION_COLUMNS}
    return found


@pytest.mark.parametrize(("name", "reading"), MOST_APART)
def test_records_of_logs(name: str, reading: dict[str, str]) -> None:
    terms = load(name, reading)
    logs = Logs(terms, f"{name} {sorted(reading.items())}")
    point = Point(terms, Index(logs.history.events, logs.log, terms.newest.retention_minimum))
    purpose = "train.general"
    columns = in_columns(terms, logs, purpose)
    assert len(columns) == len(logs.moments) * len(logs.log)
    for (number, record), found in columns.items():
        decision = point.decide(record, purpose, logs.moments[number])
        assert found == {column: getattr(decision, column) for column in DECISION_COLUMNS}, logs.moments[
            number
        ]
