"""The question to show a person now, or none, and why; and whether they may go on without an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from troth.errors import RefusedError
from troth.history.event import Event
from troth.operations.live.notices import Notice, Notices, best_locale
from troth.operations.live.people import Person
from troth.operations.live.standpoint import Stand, Standpoint, Stands, next_change
from troth.terms.model import Choice, Version
from troth.types.moment import Moment, Period
from troth.types.vocabulary import PERSONAL_ACTS

USED_UP = "deferred_often"
"""Why a question is not shown that was put off as often as it may be."""
WHY = {
    "existing": "You have not decided yet.",
    "signup": "You are signing up.",
    "renewal": "What you said yes to has changed in substance.",
    "deferred": "You put the question off; it comes again later.",
    USED_UP: "You put the question off as often as it may be: it is not shown again by itself until the deadline.",
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
    """How often the question may still be put off. Where it is shown and this is 0, there is no "later"."""
    again_at: Moment | None = None
    """When a question that was put off is shown again; None: not by itself."""
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
    found, one = _asker(standpoint, deferral, person, at).answer()
    if one is not None and found.show:
        version = standpoint.terms.versions[standpoint.timetable.published(at)]
        found = replace(found, notice=_notice(notices, version, one, locale))
    until = next_change(standpoint.instants, (*person.events, *person.theirs), at)
    if found.until is not None:
        until = found.until if until is None else min(until, found.until)
    return replace(found, until=until)


def check_deferral(
    standpoint: Standpoint, deferral: Deferral, person: Person, choice: str, shown: Moment
) -> None:
    """Raise `RefusedError` where a choice could not be put off at the moment at which its question was shown.

    It looks at what `question` looks at: where that offers to decide later, this takes it.
    """
    found = _asker(standpoint, deferral, person, shown).asks(choice)
    if found is not None and (found.show or found.why == USED_UP) and not found.deferrals_left:
        raise RefusedError(
            "conflict",
            "this question cannot be put off any more",
            remedy="choose yes or no; both count at once",
        )


def is_asked(choice: Choice) -> bool:
    """Whether a choice is a question that is put to people: yes or no, and silence is no yes.

    An objection, and how long something is to be kept, are found in the settings; nobody is stopped for them.
    """
    return not choice.period and choice.refusal == "refused"


@dataclass(frozen=True, slots=True)
class _Asker:
    """One person at one moment."""

    standpoint: Standpoint
    deferral: Deferral
    events: tuple[Event, ...]
    """The person's events that are known at the moment."""
    stands: Stands
    at: Moment

    def answer(self) -> tuple[Asking, Choice | None]:
        """What is asked of everything that may be, or why nothing is; and of which choice it speaks."""
        why = self._nobody_asks()
        if why is not None:
            return _none(why), None
        answers = [(self._of(one), one.choice) for one in self._asked()]
        if not answers:
            return _none("nothing_asked"), None
        again = [one.again_at for one, _ in answers if one.again_at is not None]
        told, choice = min(answers, key=lambda pair: _order(pair[0]))
        may_continue = all(one.may_continue for one, _ in answers)
        return replace(told, may_continue=may_continue, until=min(again, default=None)), choice

    def asks(self, choice: str) -> Asking | None:
        """What is asked of one choice; None where nothing is."""
        if self._nobody_asks() is not None:
            return None
        return next((self._of(one) for one in self._asked() if one.choice.name == choice), None)

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

    def _asked(self) -> list[Stand]:
        """The choices that are put to this person: while they sign up their plan is not known, and only their own are."""
        asked = [one for one in self.stands.choices if is_asked(one.choice)]
        return [one for one in asked if one.by == "account"] if self._signs_up else asked

    @property
    def _signs_up(self) -> bool:
        return self.stands.state == "unknown"

    def _of(self, stand: Stand) -> Asking:
        """What one choice asks."""
        if stand.by == "organisation":
            return _none("organisation_decides")
        stage = self._stage(stand)
        if stage is None:
            return _none("answered")
        if stage != "renewal" and stand.passed:
            return replace(_shown(stage, stand, 0), may_continue=self._signs_up)
        off = self._deferred(stand)
        if not off:
            return _shown(stage, stand, self.deferral.times)
        left = max(self.deferral.times - len(off), 0)
        again = self._again(stand, off[-1], left)
        if again is not None and self.at >= again:
            return _shown(stage, stand, left)
        why = "deferred" if left else USED_UP
        return Asking(why, False, None, True, None, stand.deadline, "", left, again)

    def _again(self, stand: Stand, last: Moment, left: int) -> Moment | None:
        """When a question that was put off at a moment is shown again: at the latest at a deadline that lay ahead then."""
        ends = [] if stand.deadline is None or stand.deadline <= last else [stand.deadline]
        if left:
            ends.append(self.deferral.wait.after(last))
        return min(ends, default=None)

    def _stage(self, stand: Stand) -> str | None:
        """Why a choice is asked now; None where it is answered, or the plan's terms take silence as a yes."""
        if self._signs_up:
            return "signup" if stand.state == "undecided" else None
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


def _asker(standpoint: Standpoint, deferral: Deferral, person: Person, at: Moment) -> _Asker:
    known = tuple(event for event in person.events if event.at <= at and event.recorded_at <= at)
    return _Asker(standpoint, deferral, known, standpoint.stands(person, at), at)


def _order(asking: Asking) -> int:
    """Of several choices the one is told that is shown, else one that was put off."""
    return 0 if asking.show else 1 if asking.why in ("deferred", USED_UP) else 2


def _shown(stage: str, stand: Stand, left: int) -> Asking:
    return Asking(stage, True, stage, True, None, stand.deadline, stand.choice.after_deadline, left)


def _notice(notices: Notices, version: Version, choice: Choice, locale: str) -> Notice | None:
    offered = notices.locales(version, choice)
    return notices.notice(version, choice, best_locale(locale, offered)) if offered else None


def _none(why: str) -> Asking:
    return Asking(why, False, None, True)
