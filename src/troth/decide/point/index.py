"""A history laid out for questions about one record: events by what they speak of, and what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from troth.errors import HistoryError
from troth.history.event import Event
from troth.types.moment import Period, parse_period
from troth.types.said import Said

Events = list[Event]


class Index:
    """Events by what they speak of, each list in the order of ``at``; and what was said."""

    def __init__(
        self, events: Iterable[Event], records: Iterable[Said] = (), retention_minimum: Period | None = None
    ) -> None:
        self.accounts: Mapping[str, Events] = defaultdict(list)
        self.organisations: Mapping[str, Events] = defaultdict(list)
        self.conversations: Mapping[str, Events] = defaultdict(list)
        self.deletions: Mapping[str, Events] = defaultdict(list)
        self.holds: Events = []
        self.records: dict[str, Said] = {}
        self.spoken: Mapping[str, list[Said]] = defaultdict(list)
        self.without_effect: Events = []
        """Events whose value the terms forbid: history, but without effect."""
        for event in sorted(events, key=lambda e: e.at):
            if forbidden(event, retention_minimum):
                self.without_effect.append(event)
            else:
                self._file(event)
        for said in records:
            self._say(said)

    def _file(self, event: Event) -> None:
        if event.event == "record.said":
            self._say(said_of(event))
        elif event.event == "record.deleted":
            self.deletions[event.record or ""].append(event)
        elif event.event.startswith("hold."):
            self.holds.append(event)
        elif event.conversation is not None:
            self.conversations[event.conversation or ""].append(event)
        elif event.organisation is not None and event.account is None:
            self.organisations[event.organisation].append(event)
        else:
            self.accounts[event.account or ""].append(event)

    def _say(self, said: Said) -> None:
        known = self.records.get(said.record)
        if known is None:
            self.records[said.record] = said
            self.spoken[said.conversation].append(said)
        elif known != said:
            joined = agree(known, said)
            self.records[said.record] = joined
            turns = self.spoken[said.conversation]
            turns[turns.index(known)] = joined


def forbidden(event: Event, retention_minimum: Period | None) -> bool:
    """Whether the terms forbid what an event sets: an organisation's retention below their minimum."""
    if event.event != "organisation.changed" or event.retention is None or retention_minimum is None:
        return False
    return parse_period(event.retention).shortest < retention_minimum.shortest


def said_of(event: Event) -> Said:
    """The record of a ``record.said`` event."""
    return Said(
        record=event.record or "",
        conversation=event.conversation or "",
        account=event.account,
        at=event.at,
        recorded_at=event.recorded_at,
        role=event.role or "user",
        kind=event.kind or "text",
        product=event.product or "chat",
        channel=event.channel or "first_party",
        plan=event.plan,
    )


def agree(first: Said, second: Said) -> Said:
    """One record from a history (``first``) and a log, which must agree wherever both speak.

    Raises `HistoryError` where they do not. What only one of them tells is taken from it; when it was learned
    is what the history says.
    """
    for name in ("conversation", "role", "kind", "product", "channel"):
        if getattr(first, name) != getattr(second, name):
            raise _disagreement(first, name)
    for name in ("account", "at", "plan"):
        values = {getattr(first, name), getattr(second, name)} - {None}
        if len(values) > 1:
            raise _disagreement(first, name)
    return Said(
        record=first.record,
        conversation=first.conversation,
        account=first.account if first.account is not None else second.account,
        at=first.at if first.at is not None else second.at,
        recorded_at=first.recorded_at,
        role=first.role,
        kind=first.kind,
        product=first.product,
        channel=first.channel,
        plan=first.plan if first.plan is not None else second.plan,
    )


def _disagreement(said: Said, name: str) -> HistoryError:
    return HistoryError(
        f"record {said.record!r} has one {name} in the history and another in the log",
        remedy="mend the one that is wrong; Troth does not choose",
    )
