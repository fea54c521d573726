"""How choices stand, and how far signals reach. An event at the very instant asked about has happened.

Where two events of one instant differ, the protective reading stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.decide.point.timelines import Timeline
from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice, Signal
from troth.types.moment import Moment, Period, parse_period
from troth.types.vocabulary import PERSONAL_ACTS


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
    set_at: Moment | None = None
    """The instant of the newest act."""


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


def standings(events: Sequence[Event], choice: Choice) -> Timeline[Standing]:
    """How a choice stands from each act on: one step for each instant.

    At one instant a refusal beats a grant. A standing grant begins with the first after the last refusal.
    """
    acts: dict[Moment, list[tuple[Event, bool]]] = {}
    for event in events:
        away = takes_away(event, choice)
        if away is not None:
            acts.setdefault(event.at, []).append((event, away))
    steps: list[tuple[Moment, Standing]] = []
    now, ever_granted = UNDECIDED, False
    for at, same in acts.items():
        if any(away for _, away in same):
            since = now.since if now.state in ("refused", "withdrawn") else at
            now = Standing("withdrawn" if ever_granted else "refused", since, True, None, at)
        else:
            ever_granted = True
            since = now.since if now.state == "granted" else at
            period = shortest_period([event.period for event, _ in same])
            now = Standing("granted", since, now.ever_refused, period, at)
        steps.append((at, now))
    return Timeline(UNDECIDED, steps)


def shortest_period(texts: Sequence[str | None]) -> Period | None:
    """The shortest of some periods; None where none of them ends."""
    periods = [parse_period(text) for text in texts if text is not None and text != "indefinite"]
    return min(periods, key=lambda period: period.shortest, default=None)


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
