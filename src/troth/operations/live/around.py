"""All that decisions about some conversations rest on, read from store and vault: nothing that was said is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.history.event import Event
from troth.operations.live.people import read_person, read_talk
from troth.operations.workspace.history import event_of
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Terms
from troth.types.moment import FIRST, Moment
from troth.types.said import Said

_OWN = ("role", "kind", "product", "channel", "plan")
_COLUMNS = ("record", "conversation", "account", "at", *_OWN)


@dataclass(frozen=True, slots=True)
class Around:
    """The events and records around some conversations."""

    events: tuple[Event, ...]
    said: tuple[Said, ...]
    """What the vault holds of them; what the history tells was said is among the events."""

    def point(self, terms: Terms, *more: Event) -> Point:
        """What decides about them one by one; with some more events, as if these had happened too."""
        return Point(terms, Index((*self.events, *more), self.said, terms.newest.retention_minimum))

    def records(self, conversation: str) -> list[str]:
        """The ids of everything that was said in a conversation, as vault and history know it."""
        told = [e.record for e in self.events if e.event == "record.said" and e.conversation == conversation]
        kept = [one.record for one in self.said if one.conversation == conversation]
        return list(dict.fromkeys(name for name in (*told, *kept) if name is not None))


def around(
    workspace: Workspace, conversations: Sequence[str], extra: Iterable[Said] = (), also: Iterable[str] = ()
) -> Around:
    """Read what is around conversations: their events and records, all who take part, and the holds.

    ``extra`` are records that somebody describes, ``also`` accounts to be read in any case. Raises ``StoreError``, and
    ``VerificationError`` where the vault is damaged.
    """
    said = [*extra, *_stored(workspace, conversations)]
    events = [event for name in conversations for event in read_talk(workspace.store, name)]
    people = {event.account for event in events} | {one.account for one in said} | set(also)
    for account in sorted(name for name in people if name is not None):
        person = read_person(workspace.store, account)
        events += [*person.events, *person.theirs]
    events += holds(workspace)
    return Around(tuple(dict.fromkeys(events)), tuple(said))


def holds(workspace: Workspace) -> Iterator[Event]:
    """Every event of a hold. Raises ``StoreError``."""
    for row in workspace.store.opened(kinds=("hold",)):
        yield event_of(row.payload)


def _stored(workspace: Workspace, conversations: Sequence[str]) -> Iterator[Said]:
    if not conversations:
        return
    for batch in workspace.vault.records(conversations):
        rows = batch.select(list(_COLUMNS))
        place = _COLUMNS.index("at")
        moments = rows.column(place).cast(pa.int64()).to_pylist()
        for row, at in zip(rows.drop_columns(["at"]).to_pylist(), moments, strict=True):
            yield _said(row, at)


def _said(row: dict[str, Any], at: Moment | None) -> Said:
    others = {name: row[name] for name in _OWN}
    return Said(row["record"], row["conversation"], row["account"], at, FIRST if at is None else at, **others)
