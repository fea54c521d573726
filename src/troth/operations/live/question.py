"""The question to show a person now, or none, and why; and whether they may go on without an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from troth.history.event import Event
from troth.operations.live.notices import Notice, Notices, best_locale
from troth.operations.live.people import Person
from troth.operations.live.standpoint import Stand, Standpoint, Stands, next_change
from troth.terms.model import Choice
from troth.types.moment import Moment, Period
from troth.types.vocabulary import PERSONAL_ACTS

WHY = {
    "existing": "You have not decided yet.",
    "signup": "You are signing up.",
    "renewal": "What you said yes to has changed in substance.",
    "deferred": "You put the question off; it comes again later.",
    "deferred_often": "You put the question off as often as it may be; it is not shown again by itself.",
    "answered": "You have decided, and nothing has changed in substance since.",
    "organisation_decides": "Your organisation decides this, and you cannot undo it here.",
    "not_covered": "These terms do not cover your plan.",
    "not_adult": "The question is asked of adults only; without a yes nothing is used.",
    "account_closed": "The account is closed.",
    "nothing_published": "No terms are published yet.",
    "nothing_asked": "The terms ask nothing that needs an answer.",
}
"""Why a question is shown, or none is: a code, and what a person reads."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """How often a question may be put off, and for how long each time."""

    times: int
    wait: Period


@dataclass(frozen=True, slots=True)
class Asking:
    """The question to show, or none."""

    why: str
    """A key of `WHY`."""
    show: bool
    stage: str | None
    """``existing``, ``signup`` or ``renewal`` where a question is shown."""
    may_continue: bool
    """False where the time to choose is over and the person has not chosen: the product waits for an answer."""
    notice: Notice | None = None
    deadline: Moment | None = None
    after_deadline: str = ""
    deferrals_left: int = 0
    again_at: Moment | None = None
    """When a question that was put off is shown again."""
    until: Moment | None = None
    """The first moment at which this answer may be another one, if nothing is recorded; None: never."""


def question(
    standpoint: Standpoint,
    notices: Notices,
    deferral: Deferral,
    person: Person,
    at: Moment,
    locale: str = "en",
) -> Asking:
    """The question to show a person at a moment. The same person, moment and terms give the same answer."""
    known = tuple(event for event in person.events if event.at <= at and event.recorded_at <= at)
    found = _Asker(standpoint, notices, deferral, known, standpoint.stands(person, at), at, locale).answer()
    until = next_change(standpoint.instants, (*person.events, *person.theirs), at)
    if found.again_at is not None:
        until = found.again_at if until is None else min(until, found.again_at)
    return replace(found, until=until)


def is_asked(choice: Choice) -> bool:
    """Whether a choice is a question that is put to people: yes or no, and silence is no yes.

    An objection, and how long something is to be kept, are found in the settings; nobody is stopped for them.
    """
    return not choice.period and choice.refusal == "refused"


@dataclass(frozen=True, slots=True)
class _Asker:
    """One person at one moment."""

    standpoint: Standpoint
    notices: Notices
    deferral: Deferral
    events: tuple[Event, ...]
    """The person's events that are known at the moment."""
    stands: Stands
    at: Moment
    locale: str

    def answer(self) -> Asking:
        why = self._nobody_asks()
        if why is not None:
            return _none(why)
        asked = [one for one in self.stands.choices if is_asked(one.choice)]
        if self.stands.state == "unknown":  # the account is not opened yet: they are signing up
            asked = [one for one in asked if one.by == "account"]
            answers = [self._at_signup(one) for one in asked]
        else:
            answers = [self._of(one) for one in asked]
        if not answers:
            return _none("nothing_asked")
        shown = next((one for one in answers if one.show), answers[0])
        return replace(shown, may_continue=all(one.may_continue for one in answers))

    def _nobody_asks(self) -> str | None:
        """Why this person is asked nothing at all; None where they may be."""
        if self.stands.published is None:
            return "nothing_published"
        if self.stands.state == "unknown":
            return None
        if self.stands.state == "closed":
            return "account_closed"
        if self.stands.under_organisation:
            return "organisation_decides"
        if not self.stands.covered:
            return "not_covered"
        return "not_adult" if self.stands.age != "adult" else None

    def _at_signup(self, stand: Stand) -> Asking:
        """What one choice asks of somebody whose account is not opened yet: their plan and age are not known."""
        if stand.state != "undecided":
            return _none("answered")
        return self._shown("signup", stand, self.deferral.times)

    def _of(self, stand: Stand) -> Asking:
        """What one choice asks."""
        if stand.by == "organisation":
            return _none("organisation_decides")
        stage = self._stage(stand)
        if stage is None:
            return _none("answered")
        if stage != "renewal" and stand.passed:
            return replace(self._shown(stage, stand, 0), may_continue=False)
        off = self._deferred(stand)
        left = max(self.deferral.times - len(off), 0)
        again = self.deferral.wait.after(off[-1]) if off else self.at
        if self.at < again and (left or stand.deadline is not None):
            again = again if stand.deadline is None else min(again, stand.deadline)
            return Asking(
                "deferred", False, None, True, deadline=stand.deadline, deferrals_left=left, again_at=again
            )
        if not left and stand.deadline is None:
            return _none("deferred_often")
        return self._shown(stage, stand, left)

    def _stage(self, stand: Stand) -> str | None:
        """Why a choice is asked now; None where it is answered, or the plan's terms take silence as a yes."""
        if stand.state in ("refused", "withdrawn"):
            return None
        since = self.standpoint.asked_since(stand.choice.name, self.at)
        if stand.state == "granted":
            yes = [
                event.at
                for event in self.events
                if event.choice == stand.choice.name and event.value == "granted" and not event.narrow
            ]
            return "renewal" if max(yes, default=since) < since else None
        if stand.on_unless_refused:
            return None
        opened = [event.at for event in self.events if event.event == "account.opened"]
        return "signup" if opened and min(opened) >= since else "existing"

    def _deferred(self, stand: Stand) -> list[Moment]:
        """When a person put the question off, since it is what it is now, the oldest first."""
        since = self.standpoint.asked_since(stand.choice.name, self.at)
        return sorted(
            event.at
            for event in self.events
            if event.choice == stand.choice.name
            and event.value == "deferred"
            and not event.narrow
            and event.at >= since
            and (event.mechanism or "dialog") in PERSONAL_ACTS
        )

    def _shown(self, stage: str, stand: Stand, left: int) -> Asking:
        version = self.stands.published or self.standpoint.terms.newest
        offered = self.notices.locales(version, stand.choice)
        notice = (
            self.notices.notice(version, stand.choice, best_locale(self.locale, offered)) if offered else None
        )
        return Asking(stage, True, stage, True, notice, stand.deadline, stand.choice.after_deadline, left)


def _none(why: str) -> Asking:
    return Asking(why, False, None, True)
