"""A history: the events of some files, checked against one another, in the order of nothing.

The order of writing means nothing; only ``at`` and ``recorded_at`` do. An event given twice counts once and
is reported; one id with two contents, or one record said in two ways, is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import pyarrow as pa

from troth.errors import HistoryError, Place
from troth.history.event import Event, event_bytes
from troth.history.vocabulary import EVENT_SCHEMA
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class History:
    """Events, each once."""

    events: tuple[Event, ...]
    repeated: int = 0
    """How many events were given again with the same content."""

    def as_table(self) -> pa.Table:
        """The events as an Arrow table of `EVENT_SCHEMA`."""
        columns = {name: [getattr(event, name) for event in self.events] for name in EVENT_SCHEMA.names}
        return pa.table(columns, schema=EVENT_SCHEMA)

    def known_at(self, moment: Moment) -> History:
        """The events that had happened and were known at a moment."""
        return History(tuple(e for e in self.events if e.at <= moment and e.recorded_at <= moment))

    def digest(self) -> str:
        """Of the set of events: the same whatever their order, files and repetitions."""
        return digest_of_events(self.events)


def digest_of_events(events: Iterable[Event]) -> str:
    """``sha256:`` over the sorted SHA-256 digests of the canonical bytes of each event."""
    total = hashlib.sha256()
    for leaf in sorted({hashlib.sha256(event_bytes(event)).digest() for event in events}):
        total.update(leaf)
    return "sha256:" + total.hexdigest()


def gather(placed: Iterable[tuple[Event, Place]]) -> History:
    """A history of events with their places. Raises `HistoryError` where two of them contradict one another."""
    seen: dict[Event, None] = {}
    by_id: dict[str, tuple[Event, Place]] = {}
    said: dict[str, tuple[Event, Place]] = {}
    repeated = 0
    for event, place in placed:
        if event in seen:
            repeated += 1
            continue
        if event.id is not None:
            _same(by_id, event.id, event, place, f"event id {event.id!r} is used again with other content")
        if event.event == "record.said" and event.record is not None:
            bare = _without_id(event)
            _same(said, event.record, bare, place, f"record {event.record!r} is said again in another way")
        seen[event] = None
    return History(tuple(seen), repeated)


def _without_id(event: Event) -> Event:
    return event if event.id is None else msgspec.structs.replace(event, id=None)


def _same(known: dict[str, tuple[Event, Place]], key: str, event: Event, place: Place, what: str) -> None:
    earlier = known.setdefault(key, (event, place))
    if earlier[0] != event:
        raise HistoryError(what, place=place, remedy=f"it stands first at {earlier[1]}; keep the right one")


def empty() -> History:
    """No events."""
    return History(())


def merge(histories: Sequence[History]) -> History:
    """Several histories as one."""
    return gather((event, Place("history")) for history in histories for event in history.events)
