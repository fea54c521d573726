"""Those a history speaks of, accounts, organisations and conversations: read from their events once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from troth.decide.point.holds import visible
from troth.decide.point.states import Standing, known_or, standings
from troth.decide.point.timelines import NEVER_SET, Latest, Timeline, plans_told, told_at
from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice
from troth.types.moment import FIRST, Moment
from troth.types.vocabulary import AGES, AUDIENCES, MODES

S = TypeVar("S")

ADULT = frozenset({"adult"})
AT = attrgetter("at")

MOST_KEPT = 100_000
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
    """How things stand with a party from one instant on: the newest value of each field."""

    __slots__ = ("_party", "_since", "_standings", "acknowledged", "ages", "features", "organisation", "plan",
                 "region", "retention", "zero_retention")  # fmt: skip

    def __init__(self, party: Party, since: Moment, told: Mapping[str, Latest], acknowledged: int) -> None:
        self._party, self._since = party, since
        self.acknowledged = acknowledged
        """The place of the newest version that was acknowledged; -1 for none."""
        self.plan, self.organisation = told.get("plan", NEVER_SET), told.get("organisation", NEVER_SET)
        region = told.get("region", NEVER_SET).only
        self.region = None if region is None else str(region)
        """None where none is told, or two at once."""
        ages = told.get("age", NEVER_SET).values
        self.ages = frozenset(known_or(age, AGES, "adult") for age in ages) if ages else ADULT
        self.zero_retention = True in told.get("zero_retention", NEVER_SET).values
        self.retention = told.get("retention", NEVER_SET).values
        features = [frozenset(v) for v in told.get("features", NEVER_SET).values if isinstance(v, tuple)]
        self.features = frozenset.intersection(*features) if features else frozenset()
        self._standings: dict[int, Standing] = {}

    def standing(self, number: int, choice: Choice) -> Standing:
        """How a choice stands; ``number`` is that of its wording (``Editions``)."""
        found = self._standings.get(number)
        if found is None:
            found = self._standings[number] = self._party.standings(number, choice).at(self._since)
        return found


class Party:
    """An account or an organisation: what its events set, and how its choices stand."""

    __slots__ = ("_stances", "_standings", "chose", "closings", "events", "moments", "openings")

    def __init__(self, events: Sequence[Event], acknowledges: Callable[[Event], int]) -> None:
        self.events = events
        self.openings = [event.at for event in events if event.event == "account.opened"]
        self.closings = [event.at for event in events if event.event == "account.closed"]
        self.chose = [event.at for event in events if event.event == "choice.made"]
        self._standings: dict[int, Timeline[Standing]] = {}
        told: dict[str, Latest] = {}
        acknowledged = -1
        self.moments: list[Moment] = []
        self._stances = [Stance(self, FIRST, told, acknowledged)]
        for at, same in groupby(events, key=AT):
            together = list(same)
            told = {**told, **told_at(at, together)}
            acknowledged = max(acknowledged, *map(acknowledges, together))
            self.moments.append(at)
            self._stances.append(Stance(self, at, told, acknowledged))

    def at(self, moment: Moment) -> Stance:
        """How things stand at a moment."""
        return self._stances[bisect_right(self.moments, moment)]

    def standings(self, number: int, choice: Choice) -> Timeline[Standing]:
        """How a choice stands from each act on."""
        timeline = self._standings.get(number)
        if timeline is None:
            timeline = self._standings[number] = standings(self.events, choice)
        return timeline

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
        "deletions",
        "flagged",
        "mode",
        "moments",
        "moved",
        "named",
        "quiet",
        "ratings",
        "reviews",
    )

    def __init__(self, events: Sequence[Event]) -> None:
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
