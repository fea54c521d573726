"""What is laid around a record decides it as the whole history does, and a change that is named is one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.errors import HistoryError, Place
from troth.history.event import Event, public_form
from troth.history.history import gather
from troth.history.read import open_history
from troth.operations.changes import smallest_change
from troth.operations.connection import bounded_connection
from troth.operations.events import Events
from troth.operations.neighbourhood import neighbourhood
from troth.terms.archive import load, shipped_names
from troth.types.vocabulary import PURPOSES
from worlds import questions, world

SEEDS = range(4)


def some_world(name: str, seed: int) -> tuple[random.Random, list[Event]]:
    """A random world that does not contradict itself."""
    rng = random.Random(f"{name} {seed}")
    while True:
        events = world(rng, load(name))
        try:
            return rng, list(gather((event, Place("world")) for event in events).events)
        except HistoryError:
            continue


def written(events: list[Event], path: Path) -> str:
    path.write_text("".join(json.dumps(public_form(event)) + "\n" for event in events), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", shipped_names())
@pytest.mark.parametrize("seed", SEEDS)
def test_the_neighbourhood_decides_as_the_whole(name: str, seed: int, tmp_path: Path) -> None:
    terms = load(name)
    rng, events = some_world(name, seed)
    minimum = terms.newest.retention_minimum
    whole = Point(terms, Index(events, (), minimum))
    moments = questions(rng, events)
    with bounded_connection() as connection:
        source = Events(open_history([written(events, tmp_path / "h.jsonl")], connection), connection)
        for record in sorted(whole.index.records):
            near = neighbourhood(record, (), source, connection)
            assert set(near.events) <= set(events)
            point = Point(terms, near.index(minimum))
            for at in moments:
                for purpose in PURPOSES[:3]:
                    assert point.decide(record, purpose, at) == whole.decide(record, purpose, at)


@pytest.mark.parametrize("name", shipped_names())
def test_a_change_that_is_named_alters_the_answer(name: str, tmp_path: Path) -> None:
    terms = load(name)
    minimum = terms.newest.retention_minimum
    rng, events = some_world(name, 99)
    moments = questions(rng, events)
    with bounded_connection() as connection:
        source = Events(open_history([written(events, tmp_path / "h.jsonl")], connection), connection)
        for record in sorted(Index(events, (), minimum).records):
            near = neighbourhood(record, (), source, connection)
            for at in moments:
                change = smallest_change(terms, near, record, "train.general", at)
                made = [offer.event(at) for offer in change.offers]
                before = Point(terms, near.index(minimum)).decide(record, "train.general", at + 1)
                after = Point(terms, near.index(minimum, made)).decide(record, "train.general", at + 1)
                assert (before.allow != after.allow) == bool(change.offers)
                assert str(change)


def test_events_in_large_files_are_looked_at_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr("troth.history.read.MANY_EVENTS", 1)
    _, events = some_world("anthropic-consumer", 1)
    history = gather((event, Place("world")) for event in events)
    pq.write_table(history.as_table(), tmp_path / "h.parquet")
    with bounded_connection() as connection:
        source = open_history([str(tmp_path / "h.parquet")], connection)
        assert source.queries
        found = list(Events(source, connection).chosen("true"))
    assert sorted(map(str, found)) == sorted(map(str, history.events))
