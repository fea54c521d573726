"""Deciding again: the reference decision for every record, conversation by conversation.

What a record's decision rests on is the history, and what was said in its own conversation. So the records of
one conversation at a time are laid beside the events, and memory does not grow with the number of records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from troth.decide.point.index import Index
from troth.decide.point.reference import Explained, Point
from troth.history.event import Event
from troth.history.history import History
from troth.terms.model import Terms
from troth.types.moment import Moment
from troth.types.said import Said


class Judge:
    """Decides the records of one release."""

    def __init__(self, terms: Terms, history: History, purpose: str, at: Moment) -> None:
        self._purpose, self._at = purpose, at
        self._minimum = terms.newest.retention_minimum
        self._told: dict[str, list[Event]] = defaultdict(list)
        self._home: dict[str, str] = {}
        others = []
        for event in history.events:
            if event.event == "record.said":
                self._told[event.conversation or ""].append(event)
                self._home[event.record or ""] = event.conversation or ""
            else:
                others.append(event)
        self._whole = Index(others, (), self._minimum)
        self._point = Point(terms, self._whole)

    def explain(self, conversation: str, said: Sequence[Said]) -> Iterator[Explained]:
        """The decision on each record of a whole conversation, in order.

        Raises ``HistoryError`` where the history tells of a record in another way than the log.
        """
        part = Index(self._told.get(conversation, ()), said, self._minimum)
        part.accounts, part.organisations = self._whole.accounts, self._whole.organisations
        part.conversations, part.deletions = self._whole.conversations, self._whole.deletions
        part.holds = self._whole.holds
        self._point.index = part
        for one in said:
            yield self._point.explain(one.record, self._purpose, self._at)

    def elsewhere(self, said: Said) -> bool:
        """Whether the history tells of a record in another conversation."""
        return self._home.get(said.record, said.conversation) != said.conversation
