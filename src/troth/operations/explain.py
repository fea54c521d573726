"""``troth explain``: one decision with everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.decide.point.reference import Explained, Point
from troth.history.read import open_history
from troth.operations.changes import Change, smallest_change
from troth.operations.connection import bounded_connection
from troth.operations.decide import DecideInputs, Progress, silent
from troth.operations.events import Events
from troth.operations.neighbourhood import Neighbourhood, neighbourhood
from troth.operations.notices import Notices, notices
from troth.operations.records import staged_records
from troth.terms.archive import load
from troth.terms.facts import FACT_WORDS
from troth.terms.laws import LAW_WORDS
from troth.terms.model import Retention, Rule, Source, Terms
from troth.types.decision import Decision
from troth.types.moment import LAST, Moment
from troth.types.reasons import REASONS
from troth.types.vocabulary import SIGNAL_NOES


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the record."""

    name: str
    value: str
    words: str
    looked_at: bool
    """Whether the rule that decided looks at it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long the record is kept, and by what."""

    until: Moment | None
    ordinarily: Moment | None
    """The end by the ordinary rule, before what flags, ratings and reviews add."""
    limit: Retention | None
    extensions: tuple[Retention, ...]
    """The rows that would keep it on; they count where they end later."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision with everything that it rests on."""

    decision: Decision
    version: str
    """Name and version of the terms in force; empty where none was."""
    facts: tuple[Fact, ...]
    rule: Rule | None
    """The rule that decided; None where the answer does not come from a rule."""
    source: Source | None
    kept: Kept | None
    holds: tuple[str, ...]
    """The holds in force that match the record."""
    other_party: str | None
    """The other person in the conversation whose standing denies, where one does."""
    conflict: str
    """What a signal's no stands against, in a sentence; empty where nothing else would allow it."""
    change: Change
    notices: Notices
    repeated_events: int


CHOICE_WORDS = {
    "standing": "how the choice {} stands now",
    "reach": "whether it was said under the standing yes to {}, or before it, or the talk was resumed",
    "at_said": "how the choice {} stood when it was said",
    "deadline": "whether the last day to choose {} has passed",
    "here": "whether a no to {} stands for its conversation or its project, or was lifted after it was said",
}


def explain(record: str, inputs: DecideInputs, progress: Progress = silent) -> Explanation:
    """Decide one record, and say why. Raises the errors of terms, histories and logs."""
    terms = load(inputs.terms, inputs.options)
    with bounded_connection() as connection:
        source = open_history(list(inputs.history), connection)
        events = Events(source, connection)
        noticed = notices(events, terms)
        with staged_records(
            inputs.records, inputs.mapping, inputs.keep_going, connection, progress
        ) as staged:
            around = neighbourhood(record, staged.files, events, connection)
    point = Point(terms, around.index(terms.newest.retention_minimum))
    found = point.explain(record, inputs.purpose, inputs.at)
    rule = _rule(found)
    return Explanation(
        decision=found.decision,
        version=f"{terms.name}@{found.version.version}" if found.version else "",
        facts=tuple(_facts(found, rule)),
        rule=rule,
        source=_source(found, rule),
        kept=_kept(found, point),
        holds=() if found.decision.erasable else tuple(_holds(terms, around, record, inputs.at)),
        other_party=found.other_party,
        conflict=_conflict(found, point, inputs.purpose),
        change=smallest_change(terms, around, record, inputs.purpose, inputs.at),
        notices=noticed,
        repeated_events=source.repeated,
    )


def _rule(found: Explained) -> Rule | None:
    rules = found.version.rules if found.version else ()
    return next((rule for rule in rules if rule.id == found.decision.rule), None)


def _source(found: Explained, rule: Rule | None) -> Source | None:
    sources = found.version.sources if found.version else ()
    return next((source for source in sources if rule is not None and source.id == rule.source), None)


def _facts(found: Explained, rule: Rule | None) -> Iterator[Fact]:
    for name, value in found.facts.items():
        choice, _, part = name.rpartition(".")
        words = {**FACT_WORDS, **LAW_WORDS}[name] if not choice else CHOICE_WORDS[part].format(choice)
        yield Fact(name, value, words, rule is not None and name in rule.when)


def _conflict(found: Explained, point: Point, purpose: str) -> str:
    """What would stand without the signals, where that is a yes: both are told, and the no stands."""
    if found.decision.reason != "signal_refused" or found.version is None:
        return ""
    said_no = [name for name in SIGNAL_NOES if found.facts[name] == "yes"]
    unsignalled = {**found.facts, **dict.fromkeys(SIGNAL_NOES, "no")}
    other = point.timetable.table(found.version).answer(tuple(unsignalled.values()), purpose)
    if not other.allow:
        return ""
    return (
        f"{' and '.join(said_no)} said no; without that it would be allowed by {other.rule} ({other.reason}): "
        f"{REASONS[other.reason].text} The no stands."
    )


def _kept(found: Explained, point: Point) -> Kept | None:
    life = found.life
    if life is None or found.version is None:
        return None
    keep = point.timetable.table(found.version).keep(tuple(found.facts.values()))
    ordinarily = None if life.ordinary_end >= LAST else life.ordinary_end
    return Kept(found.decision.keep_until, ordinarily, life.limit, keep.extensions)


def _holds(terms: Terms, around: Neighbourhood, record: str, at: Moment) -> Iterator[str]:
    """The holds that match the record: those that, each alone, forbid erasing it."""
    placed = {event.hold: None for event in around.events if event.event == "hold.placed"}
    others = tuple(event for event in around.events if event.hold is None)
    for name in placed:
        own = tuple(event for event in around.events if event.hold == name)
        alone = Neighbourhood((*others, *own), around.said)
        point = Point(terms, alone.index(terms.newest.retention_minimum))
        if not point.decide(record, "serve", at).erasable:
            yield name or ""
