"""Legal holds: which records may not be erased. A hold changes nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from troth.history.event import Event
from troth.types.moment import Moment
from troth.types.said import Said


class Holds:
    """The holds of a history, by what their scope names."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._anybody: list[Event] = []
        self._of_account: dict[str, list[Event]] = defaultdict(list)
        self._of_conversation: dict[str, list[Event]] = defaultdict(list)
        self._releases: dict[str | None, list[Event]] = defaultdict(list)
        for event in events:
            if event.event == "hold.released":
                self._releases[event.hold].append(event)
            else:
                self._file(event)

    def _file(self, hold: Event) -> None:
        if hold.accounts is not None:
            for account in set(hold.accounts):
                self._of_account[account].append(hold)
        elif hold.conversations is not None:
            for conversation in set(hold.conversations):
                self._of_conversation[conversation].append(hold)
        else:
            self._anybody.append(hold)

    def in_force(self, said: Said, known: Moment) -> list[Event]:
        """The holds in force, as known at a moment, that may have a record in their scope."""
        named = (
            *self._anybody,
            *self._of_account.get(said.account or "", ()),
            *self._of_conversation.get(said.conversation, ()),
        )
        return [hold for hold in named if self._stands(hold, known)] if named else []

    def _stands(self, hold: Event, known: Moment) -> bool:
        """Whether a hold has been placed and not released. A release at its very instant is none."""
        return visible(hold, known) and not any(
            hold.at < release.at and visible(release, known) for release in self._releases.get(hold.hold, ())
        )


def visible(event: Event, known: Moment) -> bool:
    """Whether an event had happened and was known at a moment."""
    return event.at <= known and event.recorded_at <= known


def in_scope(hold: Event, said: Said, plan: str | None, region: str | None) -> bool:
    """Whether all fields of a hold's scope match. A time not known matches: held is held."""
    return (
        (hold.accounts is None or said.account in hold.accounts)
        and (hold.conversations is None or said.conversation in hold.conversations)
        and (hold.plans is None or plan in hold.plans)
        and (hold.exclude_plans is None or plan not in hold.exclude_plans)
        and (hold.regions is None or region in hold.regions)
        and (hold.exclude_regions is None or region not in hold.exclude_regions)
        and (hold.since is None or said.at is None or hold.since <= said.at)
        and (hold.until is None or said.at is None or said.at < hold.until)
    )
