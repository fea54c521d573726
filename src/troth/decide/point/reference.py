"""The reference decision: one record, one purpose, one time. This is the meaning; ``columns`` must agree.

1. A record that is not known at the time of the question is denied.
2. Its life is walked from the moment it was said: at each instant at which something changed, the retention
   table says until when it is kept. What is gone at an instant stays gone, whatever comes later.
3. The facts at the time of the question go to the decision table.
4. Where the terms ask it, every other person in the conversation is asked as if they had said it.
5. A hold forbids erasing and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from troth.decide.point.holds import Holds, in_scope
from troth.decide.point.index import Index
from troth.decide.point.moment_view import Facts, Question, View, World
from troth.decide.point.quiet import Quiet
from troth.decide.versions import Timetable
from troth.terms.model import Retention, Terms, Version
from troth.terms.table import Answer
from troth.types.decision import Decision
from troth.types.moment import LAST, Moment
from troth.types.said import Said

UNKNOWN_RECORD = Answer(False, "record_unknown", "", "")
NOT_IN_FORCE = Answer(False, "terms_not_in_force", "", "")
NO_TIME = Answer(False, "time_unknown", "", "")


class Life(NamedTuple):
    """How long a record is kept: by the ordinary rule, and with what flags, ratings and reviews add."""

    ordinary_end: Moment
    """`LAST` where the ordinary rule sets no end."""
    keep_until: Moment
    limit: Retention | None
    """The row that sets the ordinary end, as it stands last; None where none does."""
    row: Retention | None
    """The row that sets ``keep_until``: the limit, or an extension that reaches further."""

    def retained(self, moment: Moment) -> str:
        """``ordinary``, ``exception`` or ``gone``: at ``keep_until`` itself the record is gone."""
        if moment >= self.keep_until:
            return "gone"
        return "ordinary" if moment < self.ordinary_end else "exception"


class Asked(NamedTuple):
    """What one question came to."""

    answer: Answer
    version: Version | None
    facts: Facts
    life: Life | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision with the facts it rests on."""

    decision: Decision
    version: Version | None
    facts: Mapping[str, str]
    life: Life | None
    other_party: str | None = None
    """The other person whose standing denies, where one does."""


class Point:
    """Decides one record at a time over a history in memory."""

    def __init__(self, terms: Terms, index: Index) -> None:
        self.terms, self.index = terms, index
        self.timetable = Timetable(terms)
        self._world = World(terms, self.timetable)
        self._quiet = Quiet(self._world.editions)
        self._holds = Holds(index.holds)
        self._retained = self.timetable.names.index("retained")

    def decide(self, record: str, purpose: str, at: Moment) -> Decision:
        """The decision for a record, by id. ``at`` is the time of the question (microseconds, UTC)."""
        return self._decide(record, purpose, at)[0]

    def explain(self, record: str, purpose: str, at: Moment) -> Explained:
        """The decision with its facts."""
        decision, asked, other = self._decide(record, purpose, at)
        if asked is None:
            return Explained(decision, None, {}, None)
        facts = dict(zip(self.timetable.names, asked.facts, strict=True))
        return Explained(decision, asked.version, facts, asked.life, other)

    def _decide(self, record: str, purpose: str, at: Moment) -> tuple[Decision, Asked | None, str | None]:
        said = self.index.records.get(record)
        if said is None or said.recorded_at > at or (said.at is not None and said.at > at):
            return _decision(record, said, UNKNOWN_RECORD, None, erasable=True), None, None
        question = Question(self._world, self.index, said, said.account, at)
        asked = self._ask(question, purpose)
        answer, other = asked.answer, None
        if answer.reason == "gone" and asked.life is not None and asked.life.row is not None:
            answer = Answer(False, "gone", asked.life.row.id, asked.life.row.clause)
        if answer.allow and asked.version is not None:
            objects, other = self._objecting_party(question, asked.version, purpose)
            if objects:
                answer = Answer(False, "other_party", "", asked.version.parties.clause)
        keep = asked.life.keep_until if asked.life and asked.life.keep_until < LAST else None
        return _decision(record, said, answer, keep, erasable=not self._held(question)), asked, other

    def _ask(self, question: Question, purpose: str) -> Asked:
        """Steps 2 and 3."""
        view = question.view(question.known)
        version, table = view.edition.version, view.edition.table
        if question.record.at is None:
            return Asked(NO_TIME, version, view.facts, None)
        life = self._life(question, view)
        if table is None:
            return Asked(self._not_in_force(view, purpose), version, view.facts, life)
        retained, place = life.retained(question.known), self._retained
        facts = view.facts
        if retained != facts[place]:
            facts = (*facts[:place], retained, *facts[place + 1 :])
        return Asked(table.answer(facts, purpose), version, facts, life)

    def _not_in_force(self, view: View, purpose: str) -> Answer:
        """Without terms in force nothing is allowed; whose record it is not known to be is said first."""
        unknown = self.timetable.table(self.terms.versions[0]).answer(view.facts, purpose)
        return unknown if unknown.reason == "account_unknown" else NOT_IN_FORCE

    def _life(self, question: Question, now: View) -> Life:
        """Step 2. What nothing can have ended yet needs no walk: it ends as it stands now."""
        if self._quiet.nothing_ended(question, now):
            ordinary, kept, limit, extension = _ends(question, now)
            return Life(ordinary, max(ordinary, kept), limit, limit if ordinary >= kept else extension)
        return self._walk(question)

    def _walk(self, question: Question) -> Life:
        """Walk the instants; the first end that lies before the next instant stands for good."""
        ended: Moment | None = None
        ordinary, kept, limit, extension = LAST, LAST, None, None
        for instant, following in pairwise([*question.instants(), LAST + 1]):
            ordinary, kept, row, extension = _ends(question, question.view(instant))
            limit = row if ended is None else limit
            ordinary = ordinary if ended is None else ended
            if max(ordinary, kept) <= following and max(ordinary, kept) < LAST:
                break
            if ended is None and ordinary <= following and ordinary < LAST:
                ended = ordinary
        return Life(ordinary, max(ordinary, kept), limit, limit if ordinary >= kept else extension)

    def _objecting_party(self, question: Question, version: Version, purpose: str) -> tuple[bool, str | None]:
        """Step 4: the first other party, in the order of ids, who may not be used; none if all may."""
        if version.parties.ask == "none" or purpose not in version.parties.purposes:
            return False, None
        for other in sorted(question.parties - {question.account}, key=lambda account: account or ""):
            asked = self._ask(
                Question(self._world, self.index, question.record, other, question.known), purpose
            )
            denied = not asked.answer.allow if version.parties.ask == "all" else self._objects(asked)
            if denied:
                return True, other
        return False, None

    def _objects(self, asked: Asked) -> bool:
        """Whether one of the rules denies that the version in force for a party names for parties."""
        if asked.version is None:
            return True
        table = self.timetable.table(asked.version)
        return any(table.rule_denies(rule, asked.facts) for rule in asked.version.parties.rules)

    def _held(self, question: Question) -> bool:
        """Step 5: whether a hold in force matches the record."""
        if self._holds.events is not self.index.holds:
            self._holds = Holds(self.index.holds)
        said = question.record
        holds = self._holds.in_force(said, question.known)
        if not holds:
            return False
        region = question.region(question.known)
        return any(in_scope(hold, said, question.plan or "", region) for hold in holds)


def _ends(question: Question, view: View) -> tuple[Moment, Moment, Retention | None, Retention | None]:
    """The ordinary end and the latest extension at one instant, with their rows; `LAST` and 0 where there is none."""
    if view.edition.table is None:
        return LAST, 0, None, None
    keep = view.edition.table.keep(view.facts)
    end, limit = LAST, None
    for row in keep.limits:
        ends = _end(row, question, view)
        if limit is None or ends < end:
            end, limit = ends, row
    kept, extension = 0, None
    for row in keep.extensions:
        ends = _end(row, question, view)
        if ends > kept:
            kept, extension = ends, row
    return end, kept, limit, extension


def _end(row: Retention, question: Question, view: View) -> Moment:
    """When a row of the retention table ends. A clock that never started, or no period, sets no end."""
    length = row.length if row.length is not None else question.period(row.period, view)
    clock = question.clock(row.clock, view) if length is not None else None
    if clock is None or length is None:
        return LAST if row.kind == "limit" else 0
    return length.after(clock)


def _decision(
    record: str, said: Said | None, answer: Answer, keep: Moment | None, *, erasable: bool
) -> Decision:
    return Decision(
        record,
        said.conversation if said else None,
        said.account if said else None,
        answer.allow,
        answer.reason,
        answer.rule,
        answer.clause,
        keep,
        erasable,
    )
