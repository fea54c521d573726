"""What stands against a record beside the account's own choices: noes for its conversation or project, and signals.

A no there holds whoever said it. Only a later yes of the same person for the same place lifts it, and for what is
said afterwards alone; such a yes gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from troth.history.event import Event
from troth.terms.model import Choice
from troth.types.moment import Moment
from troth.types.vocabulary import PERSONAL_ACTS, SIGNAL_NOES


class Noes(NamedTuple):
    """What came of the noes for one place to one choice."""

    stands: bool
    lifted: Moment | None
    """When the last of them was lifted, where none stands."""


NEVER = Noes(stands=False, lifted=None)


def noes(events: Sequence[Event], choice: Choice, known: Moment) -> Noes:
    """The noes to a choice among the events of one conversation or project, as known at a moment.

    Each person lifts only their own, by an act of theirs. At one instant the no stands.
    """
    acts = [
        (e.account, e.at, away) for e in events if e.at <= known and (away := _away(e, choice)) is not None
    ]
    last = {who: max(at for w, at, away in acts if away and w == who) for who, _, away in acts if away}
    lifted = []
    for who, refused in last.items():
        yeses = [at for w, at, away in acts if not away and w == who and at > refused]
        if not yeses:
            return Noes(stands=True, lifted=None)
        lifted.append(min(yeses))
    return Noes(stands=False, lifted=max(lifted, default=None))


def _away(event: Event, choice: Choice) -> bool | None:
    """True for a no, False for a person's act that takes one back, None for what changes nothing.

    Which yes counts for a whole account the terms say; what lifts a no is an act of a person everywhere.
    """
    if event.choice != choice.name or event.value == "deferred":
        return None
    if event.value == choice.refusal:
        return True
    by_person = (event.mechanism or "dialog") in PERSONAL_ACTS
    return False if by_person and (event.initial_state or "none") in ("none", "off") else None


def here(said: Moment, of_conversation: Noes, of_projects: Sequence[Noes]) -> str:
    """The fact ``here``: a value of ``troth.terms.laws.HERE``."""
    if of_conversation.stands:
        return "conversation"
    if any(one.stands for one in of_projects):
        return "project"
    lifted = [one.lifted for one in (of_conversation, *of_projects) if one.lifted is not None]
    return "lifted" if any(said <= at for at in lifted) else "none"


Project = tuple[str, str]
"""An account, and its own name for a folder."""


class Projects(NamedTuple):
    """The projects of a conversation: what the first beginning that named one said; nothing moves it later."""

    since: Moment
    named: frozenset[Project]
    """Several only where several beginnings of that instant differ: then a no for any of them holds."""


def projects(begun: Iterable[Event]) -> Projects | None:
    """Read them from the beginnings of a conversation, in the order of ``at``."""
    naming = [event for event in begun if event.project is not None]
    if not naming:
        return None
    first = [event for event in naming if event.at == naming[0].at]
    return Projects(naming[0].at, frozenset((e.account or "", e.project or "") for e in first))


def signals(events: Iterable[Event]) -> dict[str, Moment]:
    """When each signal first said no. No other value of it takes that back: no browser speaks for another."""
    said: dict[str, Moment] = {}
    for event in events:
        if event.signal is not None and event.value == SIGNAL_NOES[event.signal]:
            said[event.signal] = min(event.at, said.get(event.signal, event.at))
    return said
