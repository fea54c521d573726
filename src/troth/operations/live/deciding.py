"""Decisions now: for a record, for some, and for whole conversations with the reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from troth.decide.point.reference import Point
from troth.operations.live.around import Around, around
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Terms
from troth.types.decision import Decision
from troth.types.moment import Moment
from troth.types.reasons import REASONS
from troth.types.said import Said

MOST = 1_000
"""Records that are decided at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record that is to be decided, in its conversation."""

    conversation: str
    record: str
    said: Said | None = None
    """What whoever asks knows of it, where neither vault nor history need to: both must agree where both speak."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a conversation may be used for a purpose, and why."""

    conversation: str
    records: int
    allowed: int
    reason: str
    """The reason of most records: of those that are allowed, where any is; ``record_unknown`` where there is none."""
    words: str
    erasable: bool
    """False while a legal hold forbids erasing a record of it."""


def decide(
    workspace: Workspace, terms: Terms, wanted: Sequence[Wanted], purpose: str, at: Moment
) -> list[Decision]:
    """Decide records as of ``at``, in the given order; what nobody knows of is denied.

    Raises ``StoreError``, ``VerificationError``, and ``HistoryError`` where two sources contradict one another.
    """
    conversations = list(dict.fromkeys(one.conversation for one in wanted))
    found = around(workspace, conversations, [one.said for one in wanted if one.said is not None])
    point = found.point(terms)
    return [point.decide(one.record, purpose, at) for one in wanted]


def reach(
    workspace: Workspace, terms: Terms, conversations: Sequence[str], purpose: str, at: Moment
) -> list[Reach]:
    """Whether conversations may be used, in the given order. Raises as `decide` does."""
    found = around(workspace, conversations)
    point = found.point(terms)
    return [_reach(point, found, name, purpose, at) for name in conversations]


def _reach(point: Point, found: Around, conversation: str, purpose: str, at: Moment) -> Reach:
    decisions = [point.decide(record, purpose, at) for record in found.records(conversation)]
    allowed = sum(one.allow for one in decisions)
    told = Counter(one.reason for one in decisions if one.allow == (allowed > 0))
    reason = told.most_common(1)[0][0] if told else "record_unknown"
    words = REASONS[reason].text
    return Reach(conversation, len(decisions), allowed, reason, words, all(one.erasable for one in decisions))
