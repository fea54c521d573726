"""All that a record's decision rests on: what was said in its conversation, and the events about its people.

Whatever the size of the logs and of the history, this is little; the reference decision is asked over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from troth.decide.point.index import Index
from troth.history.event import Event
from troth.operations.events import Events
from troth.types.moment import FIRST, Period
from troth.types.said import Said


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The events and records around one record."""

    events: tuple[Event, ...]
    said: tuple[Said, ...]
    """What the logs tell was said in the conversation."""

    def index(self, minimum: Period | None, more: Sequence[Event] = ()) -> Index:
        """Lay them out for the reference decision, with some events more.

        Raises ``HistoryError`` where history and log contradict one another.
        """
        return Index((*self.events, *more), self.said, minimum)


def neighbourhood(
    record: str, files: Sequence[Path], events: Events, connection: duckdb.DuckDBPyConnection
) -> Neighbourhood:
    """Find what is around a record; nothing, where neither logs nor history know it."""
    homes = _logged(connection, files, "conversation", "record", record)
    homes += events.rows(
        "SELECT conversation FROM {events} WHERE event = 'record.said' AND record = ?", [record]
    )
    conversation = homes[0][0] if homes else None
    rows = _logged(connection, files, _SAID, "conversation", conversation)
    said = tuple(_said(dict(zip(_NAMES, row, strict=True))) for row in rows)
    found = [*events.chosen("conversation = ? OR record = ? OR event LIKE 'hold.%'", [conversation, record])]
    named = {event.account for event in found} | {one.account for one in said}
    people = sorted(account for account in named if account is not None)
    found += _of_people(people, events)
    return Neighbourhood(tuple(dict.fromkeys(found)), said)


def _logged(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: str, key: str, value: object
) -> list[tuple[Any, ...]]:
    """The rows of record files in which a column has a value."""
    if not files or value is None:
        return []
    query = f"SELECT {columns} FROM read_parquet(?) WHERE {key} = ?"
    return connection.execute(query, [[str(file) for file in files], value]).fetchall()


def _of_people(people: list[str], events: Events) -> Iterator[Event]:
    """The events of some accounts, and of the organisations that they belong to."""
    own = [*events.chosen("conversation IS NULL AND list_contains(?::VARCHAR[], account)", [people])]
    organisations = sorted({event.organisation for event in own if event.organisation is not None})
    yield from own
    yield from events.chosen("account IS NULL AND list_contains(?::VARCHAR[], organisation)", [organisations])


_SAID = 'record, conversation, account, epoch_us("at"), role, kind, product, channel, plan'
_NAMES = ("record", "conversation", "account", "said", "role", "kind", "product", "channel", "plan")


def _said(row: Mapping[str, Any]) -> Said:
    at = row["said"]
    others = {name: row[name] for name in ("role", "kind", "product", "channel", "plan")}
    learned = FIRST if at is None else at
    return Said(row["record"], row["conversation"], row["account"], at, learned, **others)
