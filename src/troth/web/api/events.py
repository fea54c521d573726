"""What the product records of its people: accounts, conversations, and what was said. Choices have their own address."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from troth.errors import HistoryError, Place, RefusedError
from troth.history.event import read_event
from troth.types.moment import DAY
from troth.web.api.endpoint import Answer, Asked, Endpoint

MOST = 1_000
_AHEAD = DAY
"""How far ahead of the service's clock an event may lie: what is announced ahead is recorded by an operator."""
_ALLOWED = ("account.", "organisation.", "conversation.", "record.")


class EventsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events in the public format of histories (docs/formats/history.md), each with an `id` of its own."""

    events: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=MOST)]


class EventsRecorded(msgspec.Struct, frozen=True):
    """How many events are durable now."""

    recorded: int


async def record(asked: Asked) -> Answer:
    """Record events, all or none."""
    events = []
    for number, raw in enumerate(asked.body.events, 1):
        event = read_event(raw, Place("events", number))
        if not event.event.startswith(_ALLOWED):
            raise RefusedError(
                "forbidden",
                f"{event.event} is not recorded here",
                remedy="choices, acknowledgements and holds have addresses of their own",
            )
        if event.id is None:
            raise RefusedError(
                "invalid", f"event {number} has no id", remedy="give each an id: sent again it counts once"
            )
        if event.at > asked.at + _AHEAD or event.recorded_at > asked.at + _AHEAD:
            raise RefusedError(
                "invalid", f"event {number} lies more than a day ahead", remedy="mend the clock"
            )
        events.append(event)
    try:
        await asked.service.record(*events)
    except HistoryError as problem:
        raise RefusedError("conflict", problem.what, remedy=problem.remedy) from None
    return Answer(EventsRecorded(len(events)))


ENDPOINTS = (
    Endpoint(
        "events.record", "POST", "/v1/events", "Record what happened",
        "Accounts opened, changed and closed, conversations, what was said, ratings and flags: at most 1,000 events, all or"
        " none, durable when it is answered. The same event again counts once; its id with other content is a conflict.",
        record, EventsRecorded, body=EventsBody, status=201, others=("conflict",),
        example={"events": [{"event": "account.opened", "id": "a-1", "at": "2025-09-01T09:00:00Z", "account": "ada",
                             "plan": "pro"}]},
    ),
)  # fmt: skip
