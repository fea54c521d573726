"""Machine signals such as Global Privacy Control: recorded once for each change, and treated as the terms say."""

from __future__ import annotations

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.operations.live.people import Person
from troth.types.moment import Moment, format_moment

RECEIVED = "signal.received"
GPC = "gpc"


def signal_event(person: Person, signal: str, value: str, at: Moment, name: str) -> Event | None:
    """The event of a signal, or None where the person's newest one says the same already. ``name`` is its id.

    Raises ``HistoryError`` for a signal or value that the vocabulary does not have.
    """
    told = [event for event in person.events if event.event == RECEIVED and _of(event, signal)]
    if told and max(told, key=lambda event: event.at).value == value:
        return None
    fields = {
        "event": RECEIVED,
        "at": format_moment(at),
        "id": name,
        "account": person.account,
        "signal": signal,
        "value": value,
    }
    return read_event(fields, Place("signal"))


def _of(event: Event, signal: str) -> bool:
    return getattr(event, "signal", None) == signal
