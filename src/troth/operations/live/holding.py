"""Legal holds: placing, releasing and listing them. A hold stops erasure and permits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.operations.live.around import holds
from troth.operations.workspace.opened import Workspace
from troth.types.moment import Moment, format_moment


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands."""

    placed: Event
    released: Moment | None


def placing(hold: str, scope: Mapping[str, Any], at: Moment, name: str) -> Event:
    """The event that places a hold. ``name`` is its id. Raises ``HistoryError`` for a scope that is none."""
    given = {key: value for key, value in scope.items() if value is not None}
    fields = {"event": "hold.placed", "at": format_moment(at), "id": name, "hold": hold, **given}
    return read_event(fields, Place("hold"))


def releasing(hold: str, at: Moment, name: str) -> Event:
    """The event that releases a hold."""
    return Event("hold.released", at, at, id=name, hold=hold)


def every_hold(workspace: Workspace) -> list[Hold]:
    """Every hold, in the order in which they were placed. Raises ``StoreError``."""
    placed: dict[str, Event] = {}
    released: dict[str, Moment] = {}
    for event in holds(workspace):
        name = event.hold or ""
        if event.event == "hold.placed":
            placed[name] = event
        else:
            released[name] = max(event.at, released.get(name, event.at))
    return [
        Hold(event, released[name] if released.get(name, event.at) > event.at else None)
        for name, event in sorted(placed.items(), key=lambda pair: (pair[1].at, pair[0]))
    ]
