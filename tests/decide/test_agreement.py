"""Facts exist twice, in ``decide.point`` and in ``decide.columns``: every answer of one is that of the other.

Run this file to try more worlds: ``python tests/decide/test_agreement.py 500 [PROFILE]``.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.readings import NAMES, READINGS
from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.errors import Place
from troth.history.event import Event, public_form
from troth.history.history import gather
from troth.history.read import EventSource
from troth.operations.connection import bounded_connection
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.decision import DECISION_COLUMNS, Decision
from troth.types.moment import format_moment
from troth.types.vocabulary import PURPOSES
from worlds import questions, world

Key = tuple[int, str, str]
"""The number of the moment asked about, record and purpose."""

WORLDS = 15
"""Worlds in one run of columns, which has a cost of its own whatever its size."""


class Several:
    """Several worlds at once, decided both ways."""

    def __init__(
        self, terms: Terms, seeds: list[str], make: Callable[[random.Random, Terms], list[Event]] = world
    ) -> None:
        self.terms, self.make = terms, make
        self.asked: list[AskedAt] = []
        self.histories = []
        self.point: dict[Key, Mapping[str, Any]] = {}
        for seed in seeds:
            self._decide_one(random.Random(seed))
        self.columns = dict(self._in_columns())

    def _decide_one(self, rng: random.Random) -> None:
        events = self.make(rng, self.terms)
        history = gather((event, Place("world")) for event in events)
        point = Point(self.terms, Index(history.events, (), self.terms.newest.retention_minimum))
        for moment in questions(rng, events):
            for record in point.index.records:
                for purpose in (*PURPOSES, "dreaming"):
                    found = point.decide(record, purpose, moment)
                    self.point[len(self.asked), record, purpose] = told(found)
            self.asked.append(AskedAt(len(self.histories), moment))
        self.histories.append(history)

    def _in_columns(self) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        tables = [
            table.append_column("h", pa.array([number] * table.num_rows))
            for number, table in enumerate(history.as_table() for history in self.histories)
        ]
        keys = list(zip(*self.point, strict=True))
        schema = pa.schema([("m", pa.int32()), ("record", pa.string()), ("purpose", pa.string())])
        purposes = pa.table(dict(zip(schema.names, keys, strict=True)), schema=schema)
        with bounded_connection() as connection:
            columns = Columns(self.terms, connection)
            for table in columns.decide(EventSource((pa.concat_tables(tables),)), None, self.asked, purposes):
                place = table.schema.get_field_index("keep_until")
                plain = table.set_column(place, "keep_until", table["keep_until"].cast(pa.int64()))
                for row in plain.to_pylist():
                    key = row["m"], row["record"], row["purpose"]
                    yield key, {name: row[name] for name in DECISION_COLUMNS}

    def first_difference(self) -> str:
        """The first question that is answered in two ways, with its history; empty if there is none."""
        for key, point in self.point.items():
            if self.columns.get(key) != point:
                asked = self.asked[key[0]]
                events = sorted(self.histories[asked.history].events, key=lambda event: event.at)
                lines = [f"{key[1]} for {key[2]} at {format_moment(asked.moment)} under {self.terms.options}"]
                lines += [f"point:   {point}", f"columns: {self.columns.get(key)}"]
                return "\n".join([*lines, *(str(public_form(event)) for event in events)])
        return ""


def told(decision: Decision) -> Mapping[str, Any]:
    """Every output column of a decision."""
    return {name: getattr(decision, name) for name in DECISION_COLUMNS}


@pytest.mark.parametrize(("name", "reading"), READINGS, ids=NAMES)
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_point_and_columns_agree(name: str, reading: dict[str, str], seed: int) -> None:
    several = Several(load(name, reading), [f"{seed}-{number}" for number in range(WORLDS)])
    assert len(several.columns) == len(several.point)
    assert not several.first_difference()


def test_the_worlds_have_teeth() -> None:
    """An agreement of denials would show little: many answers are yes, and many reasons are met."""
    several = Several(load("anthropic-consumer"), [f"teeth-{number}" for number in range(60)])
    general = [told for (_, _, purpose), told in several.point.items() if purpose == "train.general"]
    assert sum(told["allow"] for told in general) > len(general) / 10
    assert len({told["reason"] for told in general}) > 15
    assert any(not told["erasable"] for told in general)


def main() -> None:
    """Try many more worlds than a test run has time for."""
    rounds, names = int(sys.argv[1]), sys.argv[2:]
    for number in range(rounds):
        for name, reading in READINGS:
            if not names or name in names:
                seeds = [f"more-{number}-{world}" for world in range(100)]
                difference = Several(load(name, reading), seeds).first_difference()
                if difference:
                    sys.exit(difference)
        print(f"round {number + 1} of {rounds}: the same", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
