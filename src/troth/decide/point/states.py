"""What stood when: small folds over the events of one account, organisation or conversation.

Each takes events in the order of ``at`` and a moment, and looks at what had happened by then, an event at
that very instant included. Where two events of one instant differ, the protective reading stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice, Signal
from troth.types.moment import Moment, Period, parse_period
from troth.types.vocabulary import PERSONAL_ACTS


@dataclass(frozen=True, slots=True)
class Latest:
    """The values of a field at the latest instant that set it; several where that instant contradicts itself."""

    values: frozenset[object]
    at: Moment

    @property
    def only(self) -> object | None:
        """The one value; None where there is none, or more than one."""
        return next(iter(self.values)) if len(self.values) == 1 else None


NONE = Latest(frozenset(), 0)


def latest(events: Sequence[Event], field: str, moment: Moment) -> Latest:
    """The values of a field at the latest instant, not after ``moment``, that set it."""
    at: Moment | None = None
    values = []
    for event in reversed(events):
        value = getattr(event, field)
        if value is None or event.at > moment:
            continue
        if at is not None and event.at != at:
            break
        at = event.at
        values.append(value)
    return NONE if at is None else Latest(frozenset(values), at)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one choice stands."""

    state: str
    """``undecided``, ``granted``, ``refused`` or ``withdrawn``."""
    since: Moment | None
    """When the standing grant, or the standing refusal, began."""
    ever_refused: bool
    period: Period | None
    """Of the newest grant, for choices of a period; None where it never ends, or there is none."""


UNDECIDED = Standing("undecided", None, False, None)


def counts(event: Event, choice: Choice) -> bool:
    """Whether a grant counts: by default only an act of the person, on a control not set beforehand."""
    if choice.acts == "any":
        return True
    acts = (*PERSONAL_ACTS, "admin") if choice.acts == "express" else PERSONAL_ACTS
    return (event.mechanism or "dialog") in acts and (event.initial_state or "none") in ("none", "off")


def takes_away(event: Event, choice: Choice) -> bool | None:
    """True for a refusal, False for a grant that counts, None for what changes nothing."""
    if event.value == "deferred" or event.choice != choice.name:
        return None
    if event.value == choice.refusal:
        return True
    if not counts(event, choice) or (choice.period and event.period is None):
        return None
    return False


def standing(events: Sequence[Event], choice: Choice, moment: Moment, *, said: bool = False) -> Standing:
    """How a choice stood at a moment; with ``said``, for what was said at that moment.

    A record said at the very instant of a grant counts as before it, of a refusal as after it. At one
    instant a refusal beats a grant. A standing grant begins with the first grant after the last refusal.
    """
    state, since, ever_granted, ever_refused, period = "undecided", None, False, False, None
    acts = [(e, away) for e in events if e.at <= moment and (away := takes_away(e, choice)) is not None]
    for at, group in groupby(acts, key=lambda act: act[0].at):
        same = list(group)
        if any(away for _, away in same):
            if state not in ("refused", "withdrawn"):
                since = at
            state = "withdrawn" if ever_granted else "refused"
            ever_refused, period = True, None
        elif not (said and at == moment):
            if state != "granted":
                since = at
            state, ever_granted = "granted", True
            period = shortest_period([event.period for event, _ in same])
    return Standing(state, since, ever_refused, period)


def shortest_period(texts: Sequence[str | None]) -> Period | None:
    """The shortest of some periods; None where none of them ends."""
    periods = [parse_period(text) for text in texts if text is not None and text != "indefinite"]
    return min(periods, key=lambda period: period.shortest, default=None)


def opened_and_closed(events: Sequence[Event], said: Moment, moment: Moment) -> tuple[bool, Moment | None]:
    """Whether an account had been opened when something was said, and when it was closed after that.

    The closing is looked for up to ``moment``; what was said while the account was closed was closed at once.
    """
    opened, closed = False, None
    for event in events:
        if event.at > moment:
            break
        if event.event == "account.closed":
            if event.at >= said:
                closed = event.at if closed is None else closed
            else:
                closed = said
        elif event.event == "account.opened" and event.at <= said:
            opened = True
            if not any(e.event == "account.closed" and e.at == event.at for e in events):
                closed = None
    return opened, closed


def flagged_since(events: Sequence[Event], moment: Moment) -> Moment | None:
    """The latest flag that no clearing at or after it ended."""
    flags = [e.at for e in events if e.event == "conversation.flagged" and e.at <= moment]
    clearings = [e.at for e in events if e.event == "conversation.cleared" and e.at <= moment]
    if not flags or (clearings and max(clearings) >= max(flags)):
        return None
    return max(flags)


def covers(signal: Signal, said: Moment, at: Moment) -> bool:
    """Whether a rating or review reaches a record: said up to it, and not too long before."""
    return said <= at and (signal.reaches_back is None or signal.reaches_back.after(said) > at)


def in_force(signal: Signal | None, since: Moment | None, moment: Moment) -> bool:
    """Whether a signal given at ``since`` still counts."""
    if signal is None or since is None:
        return False
    return signal.lasts is None or moment < signal.lasts.after(since)


def known_or(value: object | None, known: Sequence[str], default: str) -> str:
    """The value if it is in a closed list, the default if there is none, else unknown."""
    if value is None:
        return default
    return str(value) if value in known else UNKNOWN


def hold_in_force(placed: Event, holds: Sequence[Event], moment: Moment) -> bool:
    """Whether a placed hold has not been released by a moment. A release at its very instant is none."""
    return placed.at <= moment and not any(
        e.event == "hold.released" and e.hold == placed.hold and placed.at < e.at <= moment for e in holds
    )


def in_scope(
    hold: Event, conversation: str, account: str | None, plan: str, region: str | None, said: Moment | None
) -> bool:
    """Whether all fields of a hold's scope match. A time not known matches: what is held may not be erased."""
    return (
        (hold.accounts is None or account in hold.accounts)
        and (hold.conversations is None or conversation in hold.conversations)
        and (hold.plans is None or plan in hold.plans)
        and (hold.exclude_plans is None or plan not in hold.exclude_plans)
        and (hold.regions is None or region in hold.regions)
        and (hold.exclude_regions is None or region not in hold.exclude_regions)
        and (hold.since is None or said is None or hold.since <= said)
        and (hold.until is None or said is None or said < hold.until)
    )
