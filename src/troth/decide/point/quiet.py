"""Quiet records: those whose life holds no end yet, which is told without walking it.

Nothing is told of the conversation of a quiet record, nobody deleted it, and its account was never closed. So
no clock runs but from when it was said or later; and where even the shortest limit that may ever speak of it,
counted from then, is not over, no instant of its life can have ended it. What ends it, if anything does, is
what stands now. This says the same as the walk, sooner; where it does not apply, the walk is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.decide.point.editions import Edition, Editions
from troth.decide.point.moment_view import NO_EMPLOYER, OWN_FACTS, Question, View
from troth.terms.facts import BASE_FACTS
from troth.terms.model import INDEFINITE, Retention
from troth.types.moment import LAST, Moment

FACTS = {
    "mode": "normal",
    "audience": "private",
    "deleted": "no",
    "flagged": "no",
    "rated": "no",
    "reviewed": "no",
    "moved_to": "none",
}
"""What is true of every quiet record, all its life long."""

CHOICES = len(BASE_FACTS)
"""From where on facts are those of choices."""

EMPLOYER_FACTS = ("zero_retention", "files", "own_retention")

NEVER_RUN = ("deleted", "flagged", "rated", "reviewed")
"""Clocks that never start for it. No other starts before it was said."""


class Quiet:
    """Tells which records of a profile may go without a walk."""

    def __init__(self, editions: Editions) -> None:
        rows = [(edition, row) for edition in editions.all for row in edition.retention]
        self._limits = [(edition, row) for edition, row in rows if row.kind == "limit"]
        self._watches_deadlines = any(fact.endswith(".deadline") for _, row in rows for fact in row.when)
        self._shortest: dict[tuple[object, ...], Moment] = {}

    def nothing_ended(self, question: Question, now: View) -> bool:
        """Whether no instant of a record's life can have ended it, and its last instant is as now.

        Between two instants only a deadline may pass, and somebody may go on speaking, unnoticed.
        """
        if not question.quiet or self._watches_deadlines or "resumed" in now.facts[CHOICES:]:
            return False
        return question.said + self._soonest(question) > question.known

    def _soonest(self, question: Question) -> Moment:
        """The least time after which a limit may end such a record; `LAST` where none ever does."""
        said = question.record
        key = (question.plan, said.channel, said.product, said.kind, said.role, question.employer is None)
        found = self._shortest.get(key)
        if found is None:
            lengths = [
                _least(row) for edition, row in self._limits if _may_end(row, _fixed(question, edition))
            ]
            found = self._shortest[key] = min(lengths, default=LAST)
        return found


def _fixed(question: Question, edition: Edition) -> Mapping[str, str]:
    """The facts that no time changes."""
    own = question.own(edition)
    employer = () if question.employer is not None else zip(EMPLOYER_FACTS, NO_EMPLOYER, strict=True)
    return dict([*FACTS.items(), *employer, *zip(OWN_FACTS, own, strict=True)])


def _may_end(row: Retention, fixed: Mapping[str, str]) -> bool:
    """Whether a limit may ever match, and count from some moment."""
    matches = all(fact not in fixed or fixed[fact] in values for fact, values in row.when.items())
    return matches and row.clock not in NEVER_RUN and row.period != INDEFINITE


def _least(row: Retention) -> Moment:
    """The least time that a limit may give; nothing is known of a period that people choose."""
    return row.length.shortest if row.length is not None else 0
