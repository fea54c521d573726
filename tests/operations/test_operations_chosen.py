"""How many chose what over time: counted in SQL as decisions read choices one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worlds
from troth.decide.point.states import standings
from troth.history.event import Event
from troth.history.vocabulary import EVENT_SCHEMA
from troth.operations.connection import bounded_connection
from troth.operations.live.chosen import STATES, ChosenOverTime, count_chosen
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import DAY, Moment, parse_moment

TERMS = load("anthropic-consumer", {})
START = parse_moment("2025-06-01T00:00:00Z")


def counted(events: Sequence[Event], folder: Path, at: Moment, terms: Terms = TERMS) -> ChosenOverTime:
    path = folder / "history.parquet"
    columns = {name: [getattr(event, name) for event in events] for name in EVENT_SCHEMA.names}
    pq.write_table(pa.table(columns, schema=EVENT_SCHEMA), path)
    with bounded_connection() as connection:
        (found,) = count_chosen(connection, path, terms, at)
    return found


def state(events: Sequence[Event], at: Moment, terms: Terms = TERMS) -> str | None:
    """How one account stands at a moment, by the reference; None where it is not open."""
    known = [one for one in events if one.at <= at]
    is_open, plan = False, None
    for _, same in groupby(known, key=lambda one: one.at):
        now = list(same)
        names = {one.event for one in now}
        is_open = False if "account.closed" in names else is_open or "account.opened" in names
        plans = {one.plan for one in now if one.plan is not None}
        plan = plans.pop() if len(plans) == 1 else plan
    if not is_open:
        return None
    if plan in {name for version in terms.versions for name in version.organisation_plans}:
        return "organisation"
    (choice,) = terms.newest.choices
    own = [one for one in known if one.event == "choice.made" and not one.narrow]
    return str(standings(own, choice).at(at).state)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_step_counts_what_the_reference_says_of_each_account(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)
    events = sorted(worlds.wild(rng, TERMS), key=lambda one: one.at)
    at = max((one.recorded_at for one in events), default=START) + rng.randrange(3) * DAY
    known = [one for one in events if one.at <= at and one.recorded_at <= at]
    kept = ("account.opened", "account.changed", "account.closed", "choice.made")
    accounts = {one.account for one in known if one.account is not None}
    found = counted(events, tmp_path_factory.mktemp("chosen"), at)
    for step in [found.steps[0], *rng.sample(found.steps, min(5, len(found.steps))), found.steps[-1]]:
        moment = step.ends - 1 if step.ends < at else at
        expected = Counter(
            state([one for one in known if one.account == name and one.event in kept], moment)
            for name in accounts
        )
        assert dict(zip(STATES, step.counts, strict=True)) == {name: expected[name] for name in STATES}


def opened(account: str, at: Moment, **more: str) -> Event:
    return Event("account.opened", at, at, account=account, plan=more.pop("plan", "pro"), **more)


def chose(account: str, value: str, at: Moment, **more: str) -> Event:
    told = {"mechanism": "dialog", "initial_state": "none", **more}
    return Event("choice.made", at, at, account=account, choice="improve_models", value=value, **told)


def now(events: Sequence[Event], folder: Path) -> dict[str, int]:
    found = counted(events, folder, START + 10 * DAY)
    return dict(zip(STATES, found.steps[-1].counts, strict=True))


@pytest.mark.parametrize(
    ("acts", "stands"),
    [
        ([], "undecided"),
        ([chose("a", "granted", START, initial_state="on")], "undecided"),
        ([chose("a", "deferred", START)], "undecided"),
        ([chose("a", "granted", START, conversation="c")], "undecided"),
        ([chose("a", "granted", START), chose("a", "refused", START)], "refused"),
        ([chose("a", "granted", START), chose("a", "refused", START + 1)], "withdrawn"),
        ([chose("a", "granted", START + 11 * DAY)], "undecided"),
    ],
)
def test_an_act_counts_as_decisions_read_it(tmp_path: Path, acts: list[Event], stands: str) -> None:
    told = now([opened("a", START - 1), *acts], tmp_path)
    assert told == {**dict.fromkeys(STATES, 0), stands: 1}


def test_who_is_closed_or_was_never_opened_is_not_counted(tmp_path: Path) -> None:
    closed = Event("account.closed", START + DAY, START + DAY, account="a")
    assert set(now([opened("a", START), closed, chose("b", "granted", START)], tmp_path).values()) == {0}


def test_whose_organisation_decides_is_counted_apart(tmp_path: Path) -> None:
    told = now([opened("a", START, plan="team", organisation="o"), chose("a", "granted", START)], tmp_path)
    assert told == {**dict.fromkeys(STATES, 0), "organisation": 1}


def test_a_long_past_is_told_in_weeks_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    events = [opened(str(place), START + place * 100 * DAY) for place in range(12)]
    found = counted(events, tmp_path, START + 1_200 * DAY)
    assert found.days == 7
    assert len(found.steps) == 120
    assert sum(found.steps[0].counts) == sum(one.at < found.steps[0].ends for one in events)
    assert sum(found.steps[-1].counts) == 12
    assert counted([], tmp_path, START).steps[-1].counts == (0,) * len(STATES)
