"""The smallest change of choices that alters an answer: found by making the choices and asking again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from troth.decide.point.reference import Explained, Point
from troth.history.event import Event
from troth.operations.neighbourhood import Neighbourhood
from troth.terms.model import Choice, Terms
from troth.types.moment import Moment
from troth.types.reasons import REASONS

PERIODS = ("indefinite", "P36M", "P18M", "P3M")
"""The periods that are tried where a choice carries one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice that somebody could make."""

    choice: str
    value: str
    period: str | None
    by: str
    """``account`` or ``organisation``."""
    who: str
    objection: bool
    """Whether granting it is the no."""

    @property
    def permits(self) -> bool:
        """Whether it is a yes, and no objection."""
        return (self.value == "granted") != self.objection

    def event(self, at: Moment) -> Event:
        """The choice, made at a moment."""
        return Event(
            event="choice.made",
            at=at,
            recorded_at=at,
            account=self.who if self.by == "account" else None,
            organisation=self.who if self.by == "organisation" else None,
            choice=self.choice,
            value=self.value,
            period=self.period,
            mechanism="settings" if self.by == "account" else "admin",
        )

    def __str__(self) -> str:
        who = f"the organisation {self.who!r}" if self.by == "organisation" else f"the person {self.who!r}"
        verb = {"granted": "says yes to", "refused": "says no to"}[self.value]
        if self.objection:
            verb = {"granted": "makes the", "refused": "takes back the"}[self.value]
        period = f" with the period {self.period}" if self.period else ""
        return f"{who} {verb} {self.choice}{period}"


@dataclass(frozen=True, slots=True)
class Change:
    """What would alter an answer, or why nothing would."""

    offers: tuple[Offer, ...]
    """The choices, made at the time of the question; empty where none alters the answer."""
    reason: str
    """The reason of the other answer, or why no choice alters this one."""

    def __str__(self) -> str:
        if not self.offers:
            return self.reason
        other = REASONS[self.reason]
        return f"If {_joined(self.offers)}, it is {'allowed' if other.allows else 'denied'}: {other.text}"


def smallest_change(terms: Terms, around: Neighbourhood, record: str, purpose: str, at: Moment) -> Change:
    """Make each choice at the time asked, then each two, and so on; ask again a microsecond later."""
    minimum = terms.newest.retention_minimum

    def asked(offers: Sequence[Offer]) -> Explained:
        index = around.index(minimum, [offer.event(at) for offer in offers])
        return Point(terms, index).explain(record, purpose, at + 1)

    now = asked(())
    choices = list(_choices(terms, around, record))
    if not choices:
        return Change((), _nobody(terms, now, around, record))
    furthest: tuple[Sequence[Offer], str] = ((), now.decision.reason)
    for offers in _combined(choices):
        then = asked(offers)
        if then.decision.allow != now.decision.allow:
            return Change(offers, then.decision.reason)
        if all(offer.permits != now.decision.allow for offer in offers):
            furthest = (offers, then.decision.reason)
    return Change((), _none(now, *furthest))


def _choices(terms: Terms, around: Neighbourhood, record: str) -> Iterator[list[Offer]]:
    """For each choice of the terms, and each who may make it: the ways to make it.

    Whose choice counts for the record, the decision tells: the choice of anybody else changes nothing.
    """
    said = around.index(terms.newest.retention_minimum).records.get(record)
    if said is None or said.account is None:
        return
    own = [e for e in around.events if e.account == said.account and e.organisation is not None]
    organisations = sorted({event.organisation for event in own if event.organisation is not None})
    choices = {choice.name: choice for version in terms.versions for choice in version.choices}
    for choice in choices.values():
        if choice.by != "organisation":
            yield list(_offers(choice, "account", said.account))
        if choice.by != "account":
            yield from (list(_offers(choice, "organisation", one)) for one in organisations)


def _offers(choice: Choice, by: str, who: str) -> Iterator[Offer]:
    objection = choice.refusal == "granted"
    for period in PERIODS if choice.period else (None,):
        yield Offer(choice.name, "granted", period, by, who, objection)
    yield Offer(choice.name, "refused", None, by, who, objection)


def _combined(choices: Sequence[Sequence[Offer]]) -> Iterator[tuple[Offer, ...]]:
    """Every way to make some of the choices, few of them first."""
    for count in range(1, len(choices) + 1):
        for some in combinations(choices, count):
            yield from product(*some)


def _nobody(terms: Terms, now: Explained, around: Neighbourhood, record: str) -> str:
    """Why there is no choice to make."""
    known = around.index(terms.newest.retention_minimum).records.get(record)
    if known is None:
        return "No choice alters it: no record of this id is known."
    if known.account is None:
        return "No choice alters it: it is not known whose record it is."
    if any(version.choices for version in terms.versions):
        return "No choice alters it: the choices are an organisation's, and the account belongs to none."
    return f"No choice alters it, for these terms leave none: {REASONS[now.decision.reason].text}"


def _none(now: Explained, offers: Sequence[Offer], reason: str) -> str:
    """Why no choice alters the answer: what stands in the way after every choice that might help."""
    stays = f"it stays {'allowed' if now.decision.allow else 'denied'}: {REASONS[reason].text}"
    return (
        f"No choice alters it: even if {_joined(offers)}, {stays}"
        if offers
        else f"No choice alters it: {stays}"
    )


def _joined(offers: Sequence[Offer]) -> str:
    return ", and ".join(str(offer) for offer in offers)
