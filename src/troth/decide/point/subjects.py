"""Those a history speaks of, accounts, organisations and conversations: read from their events once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from troth.decide.point.against import projects, signals
from troth.decide.point.holds import visible
from troth.decide.point.states import UNDECIDED, Standing, known_or, standings
from troth.decide.point.timelines import NEVER_SET, Latest, Timeline, plans_told, told_at
from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice
from troth.types.moment import FIRST, Moment
from troth.types.vocabulary import AGES, AUDIENCES, MODES

S = TypeVar("S")

ADULT = frozenset({"adult"})
NO_FEATURES: frozenset[object] = frozenset()
AT = attrgetter("at")

MOST_KEPT = 50_000
"""How many subjects are kept at once: what bounds memory, whatever the size of the history."""


class Entry(NamedTuple, Generic[S]):
    """A subject, what it was read from, and the moment from which all of that is known."""

    events: Sequence[Event]
    settled: Moment
    subject: S


class Kept(Generic[S]):
    """Subjects by name, read from their events once.

    A subject is read from all its events, later ones too: it is asked about moments that are past, which
    later events do not change. Only where one was recorded late, and is not known yet at the time of a
    question, is the subject read again, for that question.
    """

    def __init__(self, read: Callable[[Sequence[Event]], S]) -> None:
        self._read = read
        self._nobody = read(())
        self._kept: dict[str, Entry[S]] = {}

    def known(self, name: str, told: Mapping[str, Sequence[Event]], known: Moment) -> S:
        """A subject as it was known at a moment, which all that is asked of it must not be later than."""
        events = told.get(name)
        if events is None:
            return self._nobody
        found = self._kept.get(name)
        if found is None or found.events is not events:
            found = self._keep(name, events)
        if known >= found.settled:
            return found.subject
        return self._read([event for event in events if visible(event, known)])

    def _keep(self, name: str, events: Sequence[Event]) -> Entry[S]:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        settled = max((e.recorded_at for e in events if e.recorded_at > e.at), default=FIRST)
        found = self._kept[name] = Entry(events, settled, self._read(events))
        return found


class Stance:
    """What a party is told to be from one instant on: the newest value of each field."""

    __slots__ = ("ages", "features", "organisation", "plan", "region", "retention", "zero_retention")

    def __init__(self, told: Mapping[str, Latest]) -> None:
        def newest(field: str) -> Latest:
            return told.get(field, NEVER_SET)

        self.plan, self.organisation, self.region = newest("plan"), newest("organisation"), newest("region")
        ages = newest("age").values
        self.ages = frozenset(known_or(age, AGES, "adult") for age in ages) if ages else ADULT
        self.retention = newest("retention").values
        self.zero_retention = True in newest("zero_retention").values
        features = [frozenset(v) for v in newest("features").values if isinstance(v, tuple)]
        self.features = frozenset.intersection(*features) if features else NO_FEATURES


NOTHING_TOLD = Stance({})


class Party:
    """An account or an organisation: what its events set, and how its choices stand.

    Everything is kept by *place*: how many instants at which something happened lie up to a moment.
    """

    __slots__ = (
        "_standings",
        "acknowledged",
        "chose",
        "closings",
        "events",
        "moments",
        "openings",
        "projects",
        "signals",
        "stances",
    )

    def __init__(self, told_of: Sequence[Event], acknowledges: Callable[[Event], int]) -> None:
        self.projects: dict[str, list[Event]] = {}
        """Choices for one of its projects, which are no choices of the account."""
        self.signals = signals(told_of)
        for event in told_of:
            if event.narrow:
                self.projects.setdefault(event.project or "", []).append(event)
        events = [event for event in told_of if not event.narrow and event.signal is None]
        self.events = events
        self.openings = [event.at for event in events if event.event == "account.opened"]
        self.closings = [event.at for event in events if event.event == "account.closed"]
        self.chose = [event.at for event in events if event.event == "choice.made"]
        self.moments: list[Moment] = []
        self.stances = [NOTHING_TOLD]
        self.acknowledged = [-1]
        """The newest version that was acknowledged, by its place among the versions."""
        self._standings: dict[int, list[Standing]] = {}
        told: dict[str, Latest] = {}
        for at, same in groupby(events, key=AT):
            together = list(same)
            new = told_at(at, together)
            told |= new
            self.moments.append(at)
            self.stances.append(Stance(told) if new else self.stances[-1])
            self.acknowledged.append(max(self.acknowledged[-1], *map(acknowledges, together)))

    def place(self, moment: Moment) -> int:
        """The place of a moment, what happened at that very instant included."""
        return bisect_right(self.moments, moment)

    def standings(self, number: int, choice: Choice) -> list[Standing]:
        """How a choice stands at each place; ``number`` is that of its wording (``Editions``)."""
        found = self._standings.get(number)
        if found is None:
            timeline = standings(self.events, choice)
            found = self._standings[number] = [UNDECIDED, *map(timeline.at, self.moments)]
        return found

    def closed(self, said: Moment, moment: Moment) -> Moment | None:
        """When the account was closed after something was said, as of a moment.

        What was said while the account was closed was closed at once. An opening at the instant of a closing
        opens nothing again.
        """
        reopened = [at for at in self.openings if at <= said and at not in self.closings]
        closings = [at for at in self.closings if at <= moment and (not reopened or at > reopened[-1])]
        return max(closings[0], said) if closings else None


class Talk:
    """A conversation: who takes part, how it is held, and what happened to it as a whole."""

    __slots__ = (
        "audience",
        "choices",
        "deletions",
        "flagged",
        "mode",
        "moments",
        "moved",
        "named",
        "projects",
        "quiet",
        "ratings",
        "reviews",
        "signals",
    )

    def __init__(self, told_of: Sequence[Event]) -> None:
        self.choices = [event for event in told_of if event.narrow]
        """Choices for this conversation alone."""
        self.signals = signals(told_of)
        events = [event for event in told_of if event.event.startswith("conversation.")]

        def only(*names: str) -> list[Event]:
            return [event for event in events if event.event in names]

        self.quiet = not events
        """Whether nothing is told of it."""
        self.moments = [event.at for event in events]
        self.deletions = [event.at for event in only("conversation.deleted")]
        self.ratings = only("conversation.rated")
        self.reviews = only("conversation.reviewed")
        self.moved = plans_told(only("conversation.migrated"))
        self.flagged = _flagged(only("conversation.flagged", "conversation.cleared"))
        self.mode = _modes(only("conversation.started"))
        self.audience = _audiences(only("conversation.started", "conversation.audience"))
        self.named = only("conversation.started", "conversation.joined")
        self.projects = projects(only("conversation.started"))


def _flagged(events: Sequence[Event]) -> Timeline[Moment | None]:
    """The latest flag that no clearing at or after it ended."""
    steps: list[tuple[Moment, Moment | None]] = []
    cleared: Moment | None = None
    for event in events:
        if event.event == "conversation.cleared":
            cleared = event.at
        steps.append((event.at, None if cleared == event.at else event.at))
    return Timeline(None, steps)


def _modes(begun: Sequence[Event]) -> Timeline[str]:
    """Incognito once a beginning said so, else unknown once one said something unknown."""
    modes: set[str] = set()
    steps = []
    for event in begun:
        modes.add(known_or(event.mode, MODES, "normal"))
        steps.append((event.at, next((m for m in ("incognito", UNKNOWN) if m in modes), "normal")))
    return Timeline("normal", steps)


def _audiences(events: Sequence[Event]) -> Timeline[str]:
    """The newest audience; of several at one instant private first, then unknown."""
    instants: dict[Moment, set[str]] = {}
    for event in events:
        instants.setdefault(event.at, set()).add(known_or(event.audience, AUDIENCES, "private"))
    return Timeline(
        "private",
        [(at, next(a for a in ("private", UNKNOWN, "public") if a in told)) for at, told in instants.items()],
    )
