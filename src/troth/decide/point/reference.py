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

from troth.decide.point.index import Index
from troth.decide.point.moment_view import Question, View
from troth.decide.point.states import hold_in_force, in_scope, latest
from troth.decide.versions import Timetable
from troth.terms.model import Retention, Terms, Version
from troth.terms.table import Answer, Table
from troth.types.decision import Decision
from troth.types.moment import LAST, Moment
from troth.types.said import Said

UNKNOWN_RECORD = Answer(False, "record_unknown", "", "")
NOT_IN_FORCE = Answer(False, "terms_not_in_force", "", "")
NO_TIME = Answer(False, "time_unknown", "", "")


@dataclass(frozen=True, slots=True)
class Life:
    """How long a record is kept: by the ordinary rule, and with what flags, ratings and reviews add."""

    ordinary_end: Moment
    """`LAST` where the ordinary rule sets no end."""
    keep_until: Moment
    limit: Retention | None
    """The row that sets the ordinary end, as it stands last; None where none does."""

    def retained(self, moment: Moment) -> str:
        """``ordinary``, ``exception`` or ``gone``: at ``keep_until`` itself the record is gone."""
        if moment >= self.keep_until:
            return "gone"
        return "ordinary" if moment < self.ordinary_end else "exception"


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

    def decide(self, record: str, purpose: str, at: Moment) -> Decision:
        """The decision for a record, by id. ``at`` is the time of the question (microseconds, UTC)."""
        return self.explain(record, purpose, at).decision

    def explain(self, record: str, purpose: str, at: Moment) -> Explained:
        """The decision with its facts."""
        said = self.index.records.get(record)
        if said is None or said.recorded_at > at or (said.at is not None and said.at > at):
            return Explained(_decision(record, said, UNKNOWN_RECORD, None, True), None, {}, None)
        question = Question(self.terms, self.timetable, self.index, said, said.account, at)
        answer, view, life = self._ask(question, purpose, at)
        other = self._objecting_party(question, purpose, at) if answer.allow and view.version else None
        if other is not None and view.version is not None:
            answer = Answer(False, "other_party", "", view.version.parties.clause)
        keep = life.keep_until if life and life.keep_until < LAST else None
        decision = _decision(record, said, answer, keep, not self._held(question, at))
        return Explained(decision, view.version, dict(zip(self.timetable.names, view.facts, strict=True)),
                         life, other[1] if other else None)  # fmt: skip

    def _ask(self, question: Question, purpose: str, at: Moment) -> tuple[Answer, View, Life | None]:
        view = question.view(at)
        if question.record.at is None:
            return NO_TIME, view, None
        life = self._life(question)
        if view.version is None:
            return self._not_in_force(view, purpose), view, life
        table = self.timetable.table(view.version)
        facts = _with_retained(view.facts, table, life.retained(at))
        return table.answer(facts, purpose), View(view.version, facts, view.clocks, view.periods), life

    def _not_in_force(self, view: View, purpose: str) -> Answer:
        """Without terms in force nothing is allowed; whose record it is not known to be is said first."""
        unknown = self.timetable.table(self.terms.versions[0]).answer(view.facts, purpose)
        return unknown if unknown.reason == "account_unknown" else NOT_IN_FORCE

    def _life(self, question: Question) -> Life:
        """Step 2: walk the instants; the first end that lies before the next instant stands for good."""
        instants = question.instants()
        ended: Moment | None = None
        ordinary, keep, limit = LAST, LAST, None
        for instant, following in pairwise([*instants, LAST + 1]):
            view = question.view(instant)
            ordinary, kept, row = self._ends(view)
            limit = row if ended is None else limit
            ordinary = ordinary if ended is None else ended
            keep = max(ordinary, kept)
            if keep <= following and keep < LAST:
                return Life(ordinary, keep, limit)
            if ended is None and ordinary <= following and ordinary < LAST:
                ended = ordinary
        return Life(ordinary, keep, limit)

    def _ends(self, view: View) -> tuple[Moment, Moment, Retention | None]:
        """The ordinary end and the latest extension at one instant; `LAST` and 0 where there is none."""
        if view.version is None:
            return LAST, 0, None
        keep = self.timetable.table(view.version).keep(view.facts)
        limits = [(_end(row, view), row) for row in keep.limits]
        extensions = [_end(row, view) for row in keep.extensions]
        end, row = min(limits, key=lambda pair: pair[0], default=(LAST, None))
        return end, max(extensions, default=0), row

    def _objecting_party(
        self, question: Question, purpose: str, at: Moment
    ) -> tuple[bool, str | None] | None:
        """Step 4: the first other party, in the order of ids, who may not be used; None if all may."""
        version = self.timetable.in_force(question.of_account, at)
        if version is None or version.parties.ask == "none" or purpose not in version.parties.purposes:
            return None
        others = sorted(question.parties - {question.account}, key=lambda account: account or "")
        for other in others:
            asked = Question(self.terms, self.timetable, self.index, question.record, other, at)
            answer, view, _ = self._ask(asked, purpose, at)
            if version.parties.ask == "all":
                denied = not answer.allow
            else:
                denied = view.version is None or _denied_by(self.timetable.table(view.version), version, view)
            if denied:
                return True, other
        return None

    def _held(self, question: Question, at: Moment) -> bool:
        """Step 5: whether a hold in force matches the record."""
        region = latest(question.of_account, "region", at).only
        visible = [e for e in self.index.holds if e.at <= at and e.recorded_at <= at]
        said = question.record
        return any(
            hold_in_force(hold, visible, at)
            and in_scope(hold, said.conversation, said.account, question.plan or "",
                         str(region) if region is not None else None, said.at)
            for hold in visible
            if hold.event == "hold.placed"
        )  # fmt: skip


def _denied_by(table: Table, version: Version, view: View) -> bool:
    return any(table.rule_denies(rule, view.facts) for rule in version.parties.rules)


def _end(row: Retention, view: View) -> Moment:
    """When a row of the retention table ends. A clock that never started, or no period, sets no end."""
    clock = view.clocks.get(row.clock)
    length = row.length if row.length is not None else view.periods.get(row.period)
    if clock is None or length is None:
        return LAST if row.kind == "limit" else 0
    return length.after(clock)


def _with_retained(facts: tuple[str, ...], table: Table, retained: str) -> tuple[str, ...]:
    index = table.names.index("retained")
    return (*facts[:index], retained, *facts[index + 1 :])


def _decision(
    record: str, said: Said | None, answer: Answer, keep: Moment | None, erasable: bool
) -> Decision:
    return Decision(
        record=record,
        conversation=said.conversation if said else None,
        account=said.account if said else None,
        allow=answer.allow,
        reason=answer.reason,
        rule=answer.rule,
        clause=answer.clause,
        keep_until=keep,
        erasable=erasable,
    )
