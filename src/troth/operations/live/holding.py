"""Legal holds: placing, releasing and listing them. A hold stops erasure and permits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.operations.workspace.history import event_of
from troth.operations.workspace.opened import Workspace
from troth.store.subjects import Subject
from troth.types.moment import Moment, format_moment

PLACED = "hold.placed"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands."""

    placed: Event
    released: Moment | None


def placing(hold: str, scope: Mapping[str, Any], at: Moment, name: str) -> Event:
    """The event that places a hold. ``name`` is its id. Raises ``HistoryError`` for a scope that is none."""
    given = {key: value for key, value in scope.items() if value is not None}
    fields = {"event": PLACED, "at": format_moment(at), "id": name, "hold": hold, **given}
    return read_event(fields, Place("hold"))


def releasing(hold: str, at: Moment, name: str) -> Event:
    """The event that releases a hold."""
    return Event("hold.released", at, at, id=name, hold=hold)


def some_holds(workspace: Workspace, most: int, since: int) -> tuple[list[Hold], int | None]:
    """Holds from an index of the ledger on, in its order, and then those that are no entry yet.

    At most so many entries are looked at, those that release holds too; a hold that was placed again is told where it was
    placed last. Then the index to go on from, where there may be more. Raises ``StoreError``.
    """
    page = workspace.store.page("hold", most, since=since)
    events = [event_of(row.payload) for row in page.rows]
    found = [(event, hold_of(workspace, event.hold or "")) for event in events if event.event == PLACED]
    standing = [hold for event, hold in found if hold is not None and hold.placed == event]
    return standing, None if page.last is None else page.last + 1


def hold_of(workspace: Workspace, name: str) -> Hold | None:
    """The hold of a name, as it stands; None where there never was one. Raises ``StoreError``."""
    rows = workspace.store.opened(owner=Subject("hold", name))
    events = [event_of(row.payload) for row in rows if row.kind == "hold"]
    placed = [event for event in events if event.event == PLACED]
    released = max((event.at for event in events if event.event != PLACED), default=None)
    if not placed:
        return None
    return Hold(placed[-1], None if released is None or released <= placed[-1].at else released)
