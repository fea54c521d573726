"""What must hold of noes for a conversation or project, and of signals, whatever the terms and whatever happened."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.test_point_laws import Asked, decider, no_new_yes, whatever
from troth.decide.point.reference import Point
from troth.decide.versions import Timetable
from troth.history.event import Event
from troth.terms.archive import load
from troth.terms.laws import HANDED_ON, UNLESS_SAID, governs
from troth.terms.model import Choice, Terms
from troth.types.decision import Decision
from troth.types.moment import parse_moment
from troth.types.vocabulary import PURPOSES
from worlds import disputed

many = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Disputed(Asked):
    """A disputed world under one reading."""

    def __init__(self, reading: int, seed: int) -> None:
        super().__init__(reading, seed)
        self.events = disputed(self.rng, self.terms)
        self.moments = sorted({event.at for event in self.events})[-3:]
        self.point = decider(self.terms, self.events)

    def without(self, left_out: Callable[[Event], bool]) -> Point:
        return decider(self.terms, [event for event in self.events if not left_out(event)])


def a_choice(rng: random.Random, terms: Terms) -> Choice:
    return rng.choice([choice for version in terms.versions for choice in version.choices])


def no_to(choice: Choice, **place: str) -> dict[str, Any]:
    return {"event": "choice.made", "choice": choice.name, "value": choice.refusal, **place}


def yes_to(choice: Choice, **place: str) -> dict[str, Any]:
    value = "refused" if choice.refusal == "granted" else "granted"
    return {"event": "choice.made", "choice": choice.name, "value": value, "mechanism": "settings", **place}


@many
@whatever
def test_a_no_for_a_conversation_denies_all_of_it_for_what_the_choice_is_about(
    reading: int, seed: int
) -> None:
    """Whoever said it, whatever else stands, at once; and it changes nothing else, nor how long anything is kept."""
    asked = Disputed(reading, seed)
    choice = a_choice(asked.rng, asked.terms)
    who = asked.rng.choice([{}, {"account": "ada"}, {"account": "a stranger"}])

    for moment in asked.moments:
        no = Event(at=moment, recorded_at=moment, **no_to(choice, conversation="c1", **who))
        after = decider(asked.terms, [*asked.events, no])
        for record in sorted(asked.point.index.records):
            for purpose in PURPOSES:
                one, other = (point.explain(record, purpose, moment) for point in (asked.point, after))
                version = other.version
                about = version is not None and governs(
                    next((c for c in version.choices if c.name == choice.name), NOT_ASKED),
                    purpose,
                    version.rules,
                )
                assert one.decision.keep_until == other.decision.keep_until
                if about:
                    assert not other.decision.allow
                else:
                    assert one.decision == other.decision


NOT_ASKED = Choice("nobody asks this", "account", "", frozenset(), "person", "refused", False, None, "")


@many
@whatever
def test_a_yes_for_a_conversation_or_project_is_no_consent(reading: int, seed: int) -> None:
    """Where no no was said there, it changes nothing at all: not an answer, not a reason, not a date."""
    asked = Disputed(reading, seed)
    choice = a_choice(asked.rng, asked.terms)
    place = asked.rng.choice([{"conversation": "c1"}, {"conversation": "c1", "account": "ada"},
                              {"project": "atlas", "account": "ada"}])  # fmt: skip
    asked.events = [event for event in asked.events if not event.narrow]
    asked.point = decider(asked.terms, asked.events)
    more = asked.with_event(lambda _: yes_to(choice, **place))
    asked.compare(more, lambda before, after: before == after)


@many
@whatever
def test_taking_back_somebody_elses_no_lifts_nothing(reading: int, seed: int) -> None:
    asked = Disputed(reading, seed)
    choice = a_choice(asked.rng, asked.terms)
    place = asked.rng.choice([{"conversation": "c1"}, {"project": "atlas"}])
    more = asked.with_event(lambda _: yes_to(choice, account="a stranger", **place))
    asked.compare(more, lambda before, after: before == after)


@many
@whatever
def test_narrow_choices_and_signals_only_ever_take_away(reading: int, seed: int) -> None:
    """Without them every answer is at least as open."""
    asked = Disputed(reading, seed)
    open_world = asked.without(lambda event: event.narrow or event.signal is not None)
    asked.compare(lambda _: open_world, lambda with_them, without: without.allow or not with_them.allow)


@many
@whatever
def test_a_no_for_a_project_of_the_same_name_reaches_nobody_else(reading: int, seed: int) -> None:
    asked = Disputed(reading, seed)
    choice = a_choice(asked.rng, asked.terms)
    more = asked.with_event(lambda _: no_to(choice, account="a stranger", project="atlas"))
    asked.compare(more, lambda before, after: before == after)


@many
@whatever
def test_what_was_shown_decides_nothing(reading: int, seed: int) -> None:
    asked = Disputed(reading, seed)

    def shown(event: Event) -> Event:
        if event.event != "choice.made":
            return event
        return msgspec.structs.replace(
            event, notice_digest=f"sha256:{'a' * 64}", layout_digest=f"sha256:{'b' * 64}", locale="ar", shown_at=event.at - 1
        )  # fmt: skip

    told = decider(asked.terms, [shown(event) for event in asked.events])
    asked.compare(lambda _: told, lambda before, after: before == after)


@many
@whatever
def test_a_signal_takes_away_what_it_speaks_of_and_nothing_else(reading: int, seed: int) -> None:
    asked = Disputed(reading, seed)
    signal, value = asked.rng.choice([("gpc", "1"), ("aipref", "disallowed")])
    sent = asked.with_event(
        lambda _: {"event": "signal.received", "account": "ada", "signal": signal, "value": value}
    )

    def same(before: Decision, after: Decision) -> bool:
        return before == after

    spoken_of = UNLESS_SAID[signal]
    asked.compare(sent, same, *(purpose for purpose in PURPOSES if purpose not in spoken_of))
    asked.compare(sent, no_new_yes, *spoken_of)


@many
@whatever
def test_no_signal_is_ever_a_yes(reading: int, seed: int) -> None:
    """Neither the values that ask for nothing, nor a no that is missing: they change nothing, also after a no."""
    asked = Disputed(reading, seed)
    signal, value = asked.rng.choice([("gpc", "0"), ("aipref", "allowed"), ("aipref", "unknown")])
    where = asked.rng.choice([{}, {"conversation": "c1"}])
    sent = asked.with_event(
        lambda _: {"event": "signal.received", "account": "ada", "signal": signal, "value": value, **where}
    )
    asked.compare(sent, lambda before, after: before == after)


def test_what_is_handed_on_is_what_global_privacy_control_speaks_of() -> None:
    assert UNLESS_SAID["gpc"] == HANDED_ON == ("share.third_party", "sell")
    assert not any(purpose.startswith("train.") for purpose in UNLESS_SAID["gpc"])


def test_a_choice_for_one_place_acknowledges_no_terms() -> None:
    """The new text binds earlier who acknowledged it: one switch of one conversation is no such act."""
    timetable = Timetable(load("anthropic-consumer"))
    at = parse_moment("2025-09-05T10:00:00Z")
    choice = {"choice": "improve_models", "value": "granted", "account": "ada"}
    whole, talk, project = (
        Event("choice.made", at, at, **choice, **place)  # type: ignore[arg-type]
        for place in ({}, {"conversation": "c1"}, {"project": "atlas"})
    )
    assert timetable.acknowledged(whole) == 1
    assert timetable.acknowledged(talk) == timetable.acknowledged(project) == -1
