"""The question as it is put off: as often as the settings allow, again after the wait, and at the deadline without "later"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import troth.terms
from troth.ask.shipped import shipped
from troth.errors import RefusedError
from troth.history.event import Event
from troth.operations.live.notices import AskedNotices
from troth.operations.live.people import Person
from troth.operations.live.question import Asking, Deferral, check_deferral, question
from troth.operations.live.standpoint import Standpoint
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import DAY, Moment, Period, as_datetime, parse_moment

CHOICE = "improve_models"
PROFILE = Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer" / "2025-08-28.toml"
START = parse_moment("2025-09-01T09:00:00Z")
TWICE = Deferral(2, Period(0, DAY))
CHANGES = {
    "2025-10-25": "Europe/Berlin",
    "2025-11-01": "America/New_York",
    "2026-03-28": "Europe/Berlin",
    "2026-04-04": "Australia/Sydney",
}
"""Last days after which clocks change where somebody lives, on the day of the deadline."""


def written(folder: Path, published: str, last_day: str | None, **more: str) -> Path:
    """The terms of August 2025, published and in force on another day, with another last day, or none."""
    told = {"version": f'"{published}"', "published": published, "effective": published, **more}
    text = PROFILE.read_text(encoding="utf-8")
    if last_day is None:
        text = re.sub(r"^after_deadline = .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^last_day = .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(
            r"^\[\[rules\]\]\n(?:(?!\n\n)[\s\S])*?improve_models\.deadline[\s\S]*?\n\n",
            "",
            text,
            flags=re.MULTILINE,
        )
    else:
        told["last_day"] = last_day
    for name, value in told.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
    file = folder / f"{published}-until-{last_day}.toml"
    file.write_text(text, encoding="utf-8")
    return file


@cache
def terms_of(folder: Path, last_day: str | None) -> Terms:
    return load(str(written(folder, "2025-08-28", last_day)), {})


class Asked:
    """One person under some terms, whom a product asks."""

    def __init__(self, terms: Terms, deferral: Deferral = TWICE, opened: Moment = START - 90 * DAY) -> None:
        self.standpoint = Standpoint(terms)
        self.notices = AskedNotices(terms, shipped())
        self.deferral = deferral
        self.events: list[Event] = []
        if opened:
            self.tell("account.opened", opened, plan="pro", age="adult")

    def tell(self, kind: str, at: Moment, **more: str) -> None:
        self.events.append(Event(kind, at, at, id=f"e{len(self.events)}", account="ada", **more))

    @property
    def person(self) -> Person:
        return Person("ada", tuple(self.events))

    def at(self, at: Moment) -> Asking:
        return question(self.standpoint, self.notices, self.deferral, self.person, at)

    def check(self, at: Moment) -> None:
        check_deferral(self.standpoint, self.deferral, self.person, CHOICE, at)

    def put_off(self, at: Moment) -> None:
        self.check(at)
        self.tell("choice.made", at, choice=CHOICE, value="deferred", mechanism="dialog")


@pytest.mark.parametrize(("last_day", "zone"), CHANGES.items())
def test_put_off_as_often_as_may_be_it_comes_back_at_the_deadline_and_not_a_microsecond_before(
    tmp_path: Path, last_day: str, zone: str
) -> None:
    asked = Asked(terms_of(tmp_path, last_day))
    deadline = parse_moment(f"{last_day}T00:00:00Z") + DAY
    there = ZoneInfo(zone)
    around = {as_datetime(deadline + n * DAY).astimezone(there).utcoffset() for n in (-1, 1)}
    assert len(around) == 2, "the clocks change there about the deadline"
    asked.put_off(START)
    asked.put_off(START + DAY)
    for at in (START + DAY, START + 2 * DAY, deadline - DAY, deadline - 1):
        found = asked.at(at)
        assert (found.show, found.why, found.may_continue) == (False, "deferred_often", True)
        assert (found.again_at, found.deferrals_left, found.until) == (deadline, 0, deadline)
    found = asked.at(deadline)
    assert (found.show, found.stage, found.deferrals_left) == (True, "existing", 0)
    assert not found.may_continue
    assert asked.at(deadline + 1) == replace(found)
    with pytest.raises(RefusedError, match="cannot be put off"):
        asked.check(deadline)


@pytest.mark.parametrize(("last_day", "zone"), CHANGES.items())
def test_a_wait_of_a_day_is_a_day_where_clocks_change_too_and_ends_at_the_deadline(
    tmp_path: Path, last_day: str, zone: str
) -> None:
    asked = Asked(terms_of(tmp_path, last_day))
    deadline = parse_moment(f"{last_day}T00:00:00Z") + DAY
    first = deadline - DAY - 3_600_000_000
    asked.put_off(first)
    assert [asked.at(first + DAY + n).show for n in (-1, 0)] == [False, True]
    asked.events.pop()
    asked.put_off(deadline - 1)
    assert asked.at(deadline - 1).again_at == deadline
    assert (asked.at(deadline).show, asked.at(deadline).may_continue) == (True, False)


def test_without_a_deadline_who_put_it_off_as_often_as_may_be_is_left_alone(tmp_path: Path) -> None:
    asked = Asked(terms_of(tmp_path, None))
    asked.put_off(START)
    asked.put_off(START + DAY)
    found = asked.at(START + 4_000 * DAY)
    assert (found.show, found.why, found.again_at) == (False, "deferred_often", None)
    with pytest.raises(RefusedError):
        asked.check(START + 4_000 * DAY)


@pytest.mark.parametrize("last_day", ["2025-10-25", None])
def test_where_nothing_may_be_put_off_it_is_asked_all_the_same_and_without_later(
    tmp_path: Path, last_day: str | None
) -> None:
    asked = Asked(terms_of(tmp_path, last_day), Deferral(0, Period(0, DAY)))
    found = asked.at(START)
    assert (found.show, found.deferrals_left, found.may_continue) == (True, 0, True)
    with pytest.raises(RefusedError):
        asked.check(START)


def test_who_signs_up_after_the_deadline_is_not_offered_what_would_not_hold(tmp_path: Path) -> None:
    terms = terms_of(tmp_path, "2025-10-25")
    before, after = START, parse_moment("2025-12-01T00:00:00Z")
    asked = Asked(terms, opened=0)
    assert [asked.at(at).deferrals_left for at in (before, after)] == [2, 0]
    assert asked.at(after).show
    assert asked.at(after).may_continue, "there is no account yet that could be kept from anything"
    asked.put_off(before)
    assert asked.at(before + 1).why == "deferred"


def test_a_renewal_that_was_put_off_comes_back_at_the_deadline_and_stops_nobody(tmp_path: Path) -> None:
    written(tmp_path, "2025-08-28", "2025-09-28")
    other = written(tmp_path, "2026-02-01", "2026-03-28")
    text = other.read_text(encoding="utf-8")
    other.write_text(
        text.replace('product = ["chat", "code", "voice"]', 'product = ["chat", "code"]'), encoding="utf-8"
    )
    asked = Asked(load(str(tmp_path), {}))
    asked.tell("choice.made", START, choice=CHOICE, value="granted", mechanism="dialog")
    start, deadline = parse_moment("2026-02-02T00:00:00Z"), parse_moment("2026-03-29T00:00:00Z")
    assert asked.at(start).stage == "renewal"
    asked.put_off(start)
    asked.put_off(start + DAY)
    assert asked.at(deadline - 1).why == "deferred_often"
    found = asked.at(deadline)
    assert (found.show, found.stage, found.deferrals_left, found.may_continue) == (True, "renewal", 0, True)


STEPS = st.lists(st.integers(1, 12 * DAY), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    steps=STEPS, times=st.integers(0, 4), hours=st.integers(1, 72), last_day=st.sampled_from([*CHANGES, None])
)
def test_later_is_offered_where_it_is_taken_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory,
    steps: Sequence[int],
    times: int,
    hours: int,
    last_day: str | None,
) -> None:
    folder = _folder(tmp_path_factory)
    asked = Asked(terms_of(folder, last_day), Deferral(times, Period(0, hours * 3_600_000_000)))
    assert asked.at(START).show
    at, used = START, 0
    for step in steps:
        at += step
        found = asked.at(at)
        if not found.show:
            if found.again_at is not None:
                assert not asked.at(found.again_at - 1).show
                assert asked.at(found.again_at).show
                assert found.until is not None
                assert found.until <= found.again_at, "what is kept in memory would hide it"
            continue
        if not found.deferrals_left:
            with pytest.raises(RefusedError):
                asked.put_off(at)
            continue
        asked.put_off(at)
        used += 1
        assert not asked.at(at).show, "it was put off"
    assert used <= times


def _folder(factory: pytest.TempPathFactory, made: dict[str, Path] = {}) -> Path:  # noqa: B006 - one for all examples
    if "folder" not in made:
        made["folder"] = factory.mktemp("terms")
    return made["folder"]
