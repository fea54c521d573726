"""What must hold of every decision, whatever the terms and whatever happened."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.readings import READINGS
from troth.decide.point.index import Index
from troth.decide.point.reference import Explained, Point
from troth.errors import Place
from troth.history.event import Event
from troth.terms.archive import load
from troth.terms.facts import BASE_FACTS
from troth.terms.model import Rule, Terms, Version
from troth.types.decision import Decision
from troth.types.moment import DAY, Moment
from troth.types.vocabulary import PURPOSES
from worlds import questions, world

TRAINING = ("train.general", "train.safety", "review.human")
BESIDE_THE_CHOICE = ("feedback_given", "flagged_for_safety")
"""Reasons to allow that rest on something else than the choice, and say so."""

LOADED = [load(name, reading) for name, reading in READINGS]

many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
whatever = given(reading=st.integers(0, len(LOADED) - 1), seed=st.integers(0, 2**32))


class Asked:
    """One world under one reading, the moments to ask at, and a generator of chances."""

    def __init__(self, reading: int, seed: int) -> None:
        self.terms = LOADED[reading]
        self.rng = random.Random(seed)
        self.events = world(self.rng, self.terms)
        self.moments = questions(self.rng, self.events)
        self.point = decider(self.terms, self.events)

    def each(self, purposes: tuple[str, ...] = PURPOSES) -> Iterator[tuple[str, str, Moment]]:
        """Every question."""
        for moment in self.moments:
            for record in sorted(self.point.index.records):
                for purpose in purposes:
                    yield record, purpose, moment

    def compare(
        self, other: Callable[[Moment], Point], holds: Callable[[Decision, Decision], bool], *purposes: str
    ) -> None:
        """Hold every decision against the one that another world gives."""
        for moment in self.moments:
            changed = other(moment)
            for record in sorted(self.point.index.records):
                for purpose in purposes or PURPOSES:
                    before = self.point.decide(record, purpose, moment)
                    after = changed.decide(record, purpose, moment)
                    assert holds(before, after), (moment, before, after)

    def with_event(self, fields: Callable[[Moment], dict[str, Any]]) -> Callable[[Moment], Point]:
        """The same world with one event more, at a moment not later than the one asked about."""

        def other(moment: Moment) -> Point:
            at = self.rng.choice([moment, moment, self.rng.choice([e.at for e in self.events]), moment - DAY])
            at = min(at, moment)
            return decider(self.terms, [*self.events, Event(at=at, recorded_at=at, **fields(at))])

        return other


def decider(terms: Terms, events: list[Event]) -> Point:
    return Point(terms, Index(events, (), terms.newest.retention_minimum))


def no_new_yes(before: Decision, after: Decision) -> bool:
    return before.allow or not after.allow


# --- deny by default -------------------------------------------------------------------------------------


@many
@whatever
def test_undecided_is_no_yes(reading: int, seed: int) -> None:
    """A rule allows the undecided for training only where the terms take their silence for a yes."""
    asked = Asked(reading, seed)
    for record, purpose, moment in asked.each(TRAINING):
        found = asked.point.explain(record, purpose, moment)
        if found.decision.allow and found.decision.reason not in BESIDE_THE_CHOICE:
            silent = [
                choice for choice in decisive(found) if found.facts[f"{choice}.standing"] == "undecided"
            ]
            assert all(silence_is_yes(found, choice) for choice in silent)


def decisive(found: Explained) -> set[str]:
    """The choices on which the rule that decided rests."""
    version = found.version
    assert version is not None
    rule = next(rule for rule in version.rules if rule.id == found.decision.rule)
    named = {fact.partition(".")[0] for fact in rule.when if "." in fact}
    assert named
    return named


def silence_is_yes(found: Explained, choice: str) -> bool:
    assert found.version is not None
    asked = next(one for one in found.version.choices if one.name == choice)
    return found.facts["plan"] in asked.default_on


@many
@whatever
def test_who_decided_nothing_trains_nothing(reading: int, seed: int) -> None:
    """Without any choice made, terms that give no default allow no training but by feedback and flags."""
    asked = Asked(reading, seed)
    if any(choice.default_on for version in asked.terms.versions for choice in version.choices):
        return
    point = decider(asked.terms, [event for event in asked.events if event.event != "choice.made"])
    for record, purpose, moment in asked.each(TRAINING):
        decision = point.decide(record, purpose, moment)
        assert not decision.allow or decision.reason in BESIDE_THE_CHOICE


# --- a withdrawal bites ----------------------------------------------------------------------------------


@many
@whatever
def test_a_withdrawal_gives_no_yes(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    choices = [c for v in asked.terms.versions for c in v.choices if not c.period]
    choice = asked.rng.choice(choices)
    who = asked.rng.choice([{"account": "ada"}, {"account": "ben"}, {"organisation": "acme"}])
    mechanism = asked.rng.choice(["settings", "admin"])
    refusal = {"event": "choice.made", "choice": choice.name, "value": choice.refusal, "mechanism": mechanism}
    asked.compare(asked.with_event(lambda _: {**refusal, **who}), no_new_yes, *TRAINING)


# --- the most restrictive wins ---------------------------------------------------------------------------


@many
@whatever
def test_one_deny_more_gives_no_yes(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    denies = some_deny(asked.rng)
    versions = tuple(with_rule(version, denies) for version in asked.terms.versions)
    stricter = decider(replace(asked.terms, versions=versions), asked.events)
    asked.compare(lambda _: stricter, no_new_yes)


def some_deny(rng: random.Random) -> Rule:
    facts = rng.sample([fact for fact, values in BASE_FACTS.items() if values], 2)
    when = {fact: frozenset(rng.sample(BASE_FACTS[fact], rng.randint(1, 2))) for fact in facts}
    purposes = tuple(rng.sample(PURPOSES, 3))
    return Rule("one-more", "deny", purposes, when, "refused", "clause", "", "One more.", Place("test"))


def with_rule(version: Version, rule: Rule) -> Version:
    return replace(version, rules=(*version.rules, rule))


@many
@whatever
def test_a_deny_that_matches_always_wins(reading: int, seed: int) -> None:
    """Whatever allowed a record: one rule that matches its facts and denies is enough."""
    asked = Asked(reading, seed)
    for record, purpose, moment in asked.each():
        found = asked.point.explain(record, purpose, moment)
        if found.decision.allow:
            facts = asked.rng.sample(sorted(found.facts), 3)
            when = {fact: frozenset({found.facts[fact]}) for fact in facts}
            rule = Rule(
                "one-more", "deny", (purpose,), when, "refused", "clause", "", "One more.", Place("test")
            )
            versions = tuple(with_rule(version, rule) for version in asked.terms.versions)
            denied = decider(replace(asked.terms, versions=versions), asked.events)
            assert denied.decide(record, purpose, moment).rule == "one-more"
            break


# --- purposes do not leak --------------------------------------------------------------------------------


@many
@whatever
def test_a_hold_only_forbids_erasing(reading: int, seed: int) -> None:
    """Everything but ``erasable`` is as without it, for every purpose."""
    asked = Asked(reading, seed)
    scope = asked.rng.choice([{}, {"accounts": ("ada",)}, {"conversations": ("c1",)}])

    def same_but_kept(before: Decision, after: Decision) -> bool:
        return replace(after, erasable=before.erasable) == before and after.erasable <= before.erasable

    asked.compare(
        asked.with_event(lambda _: {"event": "hold.placed", "hold": "more", **scope}), same_but_kept
    )


@many
@whatever
def test_a_flag_opens_safety_at_most(reading: int, seed: int) -> None:
    """Under every reading but the one that takes the terms' own words, which name model training."""
    asked = Asked(reading, seed)
    if asked.terms.options.get("flag_use") == "as_published":
        return
    flag = asked.with_event(lambda _: {"event": "conversation.flagged", "conversation": "c1"})
    asked.compare(flag, no_new_yes, *(purpose for purpose in PURPOSES if purpose != "train.safety"))


@many
@whatever
def test_a_rating_opens_training_at_most_and_says_so(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    by = asked.rng.choice([{}, {"account": "ada"}])

    def only_by_feedback(before: Decision, after: Decision) -> bool:
        return no_new_yes(before, after) or after.reason == "feedback_given"

    rating = asked.with_event(lambda _: {"event": "conversation.rated", "conversation": "c1", **by})
    asked.compare(rating, only_by_feedback, "train.general")
    asked.compare(rating, no_new_yes, *(purpose for purpose in PURPOSES if purpose != "train.general"))


@many
@whatever
def test_a_review_opens_nothing(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    review = asked.with_event(lambda _: {"event": "conversation.reviewed", "conversation": "c1"})
    asked.compare(review, no_new_yes)


@many
@whatever
def test_nothing_is_ever_sold(reading: int, seed: int) -> None:
    """No shipped profile allows selling, whatever else it allows."""
    asked = Asked(reading, seed)
    assert not any(asked.point.decide(*question).allow for question in asked.each(("sell",)))


# --- time ------------------------------------------------------------------------------------------------


@many
@whatever
def test_what_is_not_known_yet_changes_nothing(reading: int, seed: int) -> None:
    """Events that happened by then but are recorded later, and events that happen later."""
    asked = Asked(reading, seed)
    others = [e for e in world(asked.rng, asked.terms) if e.event != "record.said"]

    def later(moment: Moment) -> Point:
        unknown = [
            replace_times(event, min(event.at, moment), moment + asked.rng.choice((1, DAY)))
            for event in others
        ]
        future = [replace_times(event, moment + 1, moment + 1) for event in others]
        return decider(asked.terms, [*asked.events, *unknown, *future])

    asked.compare(later, lambda before, after: before == after)


def replace_times(event: Event, at: Moment, recorded_at: Moment) -> Event:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return Event(**{**fields, "at": at, "recorded_at": recorded_at})


@many
@whatever
def test_the_order_of_questions_means_nothing(reading: int, seed: int) -> None:
    """What a decider keeps from one question does not change the answer to another."""
    asked = Asked(reading, seed)
    mixed = list(asked.each())
    asked.rng.shuffle(mixed)
    for question in mixed:
        assert asked.point.decide(*question) == decider(asked.terms, asked.events).decide(*question)


@many
@whatever
def test_order_and_repetition_of_events_mean_nothing(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    again = [*asked.events, *asked.rng.choices(asked.events, k=4)]
    asked.rng.shuffle(again)
    shuffled = decider(asked.terms, again)
    asked.compare(lambda _: shuffled, lambda before, after: before == after)


@many
@whatever
def test_nothing_is_allowed_once_it_must_be_gone(reading: int, seed: int) -> None:
    asked = Asked(reading, seed)
    for record, purpose, moment in asked.each():
        decision = asked.point.decide(record, purpose, moment)
        end = decision.keep_until
        if end is not None and moment >= end:
            assert not decision.allow
        if end is not None and moment < end:
            assert decision.reason != "gone"
            at_the_end = asked.point.decide(record, purpose, end)
            assert not at_the_end.allow or (at_the_end.keep_until or end + 1) > end
