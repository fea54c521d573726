"""Global Privacy Control: the header of a person's browser is recorded once, and treated as the terms say."""

from __future__ import annotations

import contextlib

from troth.errors import HistoryError
from troth.operations.live.choosing import event_id
from troth.operations.live.signalling import GPC, signal_event
from troth.operations.live.watch import Kept
from troth.web.api.endpoint import Asked

HEADER = "sec-gpc"
ON = "1"


async def note_gpc(asked: Asked, kept: Kept) -> Kept:
    """Record ``Sec-GPC: 1``, unless the person's newest signal is the same; any other value says nothing."""
    if asked.headers.get(HEADER, "").strip() != ON or not kept.person.known:
        return kept
    # All browsers of one person say the same: one id for each change, so that two at once are one event.
    before = sum(event.event == "signal.received" for event in kept.person.events)
    name = event_id(f"gpc\x00{kept.person.account}", f"{before}")
    event = signal_event(kept.person, GPC, ON, asked.at, name)
    if event is None:
        return kept
    with contextlib.suppress(HistoryError):  # it was recorded meanwhile, under the same id with another stamp
        await asked.service.record(event)
    return await asked.service.person(kept.person.account)
