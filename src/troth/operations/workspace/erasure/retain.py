"""``troth retain``: what the terms say must be gone by a time, and, where it is asked for, its destruction."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import LedgerError, StoreError, UsageError
from troth.history.event import Event
from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.erasure.erase import TRIES, cited_now
from troth.operations.workspace.erasure.erasing import AT_ONCE, Batch, Parts, destroy, destroy_parts
from troth.operations.workspace.erasure.going import Due, Going, Parting, Staying
from troth.operations.workspace.erasure.holds_of import hold_names
from troth.operations.workspace.erasure.judged import judged
from troth.operations.workspace.erasure.unfinished import erasing_alone
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import CitedCheckpoint, ErasureReviewed
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import DAY, Moment, format_moment

AHEAD = 2 * DAY
"""How far beyond the newest entry of the ledger a time may lie for which something is destroyed: a clock may be wrong."""
WHY = "the time for which the terms keep it is over"
PARTED_AT_ONCE = 512
"""Conversations of which a part stays, in one act: what stays of them is held in memory by its ids."""
NAMED = 100
"""Rows that a report lists. All are counted."""


@dataclass(frozen=True, slots=True)
class RetainRequest:
    """What is due at a time (UTC) by some terms; with ``apply`` it is destroyed."""

    workspace: Path
    terms: str
    at: Moment
    options: Mapping[str, str] = field(default_factory=dict)
    apply: bool = False


@dataclass(slots=True)
class Retained:
    """What was due, what of it went, and what stays past its date and why."""

    at: Moment
    due: list[Due] = field(default_factory=list)
    """By row of the retention table and by account, as it stood before anything was destroyed."""
    records: int = 0
    """Records that are due and go, or went."""
    conversations: int = 0
    """Conversations that go as a whole."""
    parts: int = 0
    """Conversations of which a part goes; what stays of them gets another key."""
    overdue: list[Staying] = field(default_factory=list)
    """What is past its date and stays: held; or with the rest of its conversation, where it cannot be parted."""
    stays: int = 0
    holds: tuple[str, ...] = ()
    """The holds that stand."""
    entries: list[tuple[int, int]] = field(default_factory=list)


def retain(request: RetainRequest, progress: Progress = silent) -> Retained:
    """List what is due, or destroy it; doing it again does nothing more.

    When a call with ``apply`` returns, nothing that is stored is past its date at that time, but what the report lists with
    its reason; the ledger says so. Raises `UsageError` where ``apply`` is asked for a time that has not come, or that lies
    more than `AHEAD` beyond the newest entry of the ledger, and the errors of terms, store, vault and ledger.
    """
    terms = load(request.terms, request.options)
    with opened(request.workspace) as found:
        if request.apply:
            _check_time(found, request.at)
        with erasing_alone(found) if request.apply else nullcontext():
            return _Retention(found, request, terms, progress).run()


def _check_time(workspace: Workspace, at: Moment) -> None:
    if at > now():
        raise UsageError(
            f"{format_moment(at)} has not come yet",
            remedy="give a time that has, or leave --apply out to see what will be due",
        )
    latest = _newest(workspace) + AHEAD
    if at > latest:
        raise UsageError(
            f"{format_moment(at)} is more than two days after the newest entry of the ledger: the clock may be wrong",
            remedy=f"if it is right, apply it first with --at {format_moment(latest)}: that leaves an entry",
        )


def _newest(workspace: Workspace) -> Moment:
    head = workspace.store.head()
    if head is None:
        raise LedgerError("the ledger has not begun", remedy="make the workspace again with troth init")
    return head.at


class _Retention:
    """One call."""

    def __init__(
        self, workspace: Workspace, request: RetainRequest, terms: Terms, progress: Progress
    ) -> None:
        self._workspace, self._request, self._terms, self._progress = workspace, request, terms, progress
        self._done = Retained(request.at)

    def run(self) -> Retained:
        """Judge and destroy in turns until nothing came in between."""
        for number in range(TRIES):
            if self._once(first=number == 0):
                return self._done
        raise StoreError(
            "new events kept coming in, and nothing could be decided",
            remedy="do it again when it is quieter; what was destroyed stays destroyed",
        )

    def _once(self, *, first: bool) -> bool:
        self._progress("judge", 0, None)
        cited = cited_now(self._workspace, self._progress)
        # Not before the newest entry: what was logged by then, a hold above all, is in force.
        at = max(self._request.at, _newest(self._workspace))
        with judged(self._workspace, self._terms, None, at, cited.size) as verdicts:
            condition = "standing IN ('due', 'overdue') AND keep_until <= ?"
            going = Going(verdicts, condition, [self._request.at], self._workspace.store.commitments)
            self._done.overdue, self._done.stays = going.staying(NAMED), going.stays()
            self._done.holds = hold_names(self._workspace, cited.size)
            if first:
                self._done.due = going.due(NAMED)
            for leaving in going.leaving(AT_ONCE):
                records = {one.conversation: one.records for one in leaving}
                if self._request.apply and not self._take(going.records_of(leaving), records, cited):
                    return False
                self._done.conversations += len(leaving)
                self._done.records += sum(records.values())
                self._progress("retain", self._done.conversations, None)
            for parting in going.parting(PARTED_AT_ONCE):
                if self._request.apply and not self._part(parting, cited):
                    return False
                self._done.parts += len(parting.records)
                self._done.records += len(parting.going)
                self._progress("retain", self._done.conversations + self._done.parts, None)
            if self._request.apply:
                self._review(going, cited)
        return True

    def _take(self, said: list[str], records: Mapping[str, int], cited: CitedCheckpoint) -> bool:
        destroyed = destroy(self._workspace, Batch(records, said, (), cited, WHY), self._progress)
        if destroyed is not None:
            self._done.entries.append((destroyed.intent, destroyed.done))
        return destroyed is not None

    def _part(self, parting: Parting, cited: CitedCheckpoint) -> bool:
        """A part goes. Who took part stays known, so that their no counts as long as anything of the conversation stays."""
        joined = [
            Event("conversation.joined", at, at, account=account, conversation=conversation)
            for conversation, account, said in parting.people
            for at in [self._request.at if said is None else said]
        ]
        self._workspace.store.append(event_items(joined, fresh_salts))
        parts = Parts(parting.records, parting.going, parting.staying, cited, WHY)
        destroyed = destroy_parts(self._workspace, parts, self._progress)
        if destroyed is not None:
            self._done.entries.append((destroyed.intent, destroyed.done))
        return destroyed is not None

    def _review(self, going: Going, cited: CitedCheckpoint) -> None:
        """Say in the ledger that what was due is destroyed, and what stays past its date."""
        told = ErasureReviewed(format_moment(self._request.at), cited, going.kept(), self._terms.digest)
        self._workspace.store.append([act("erasure", told, every_time=True)])
        sequence_pending(self._workspace, self._progress)
