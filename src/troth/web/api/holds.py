"""Legal holds."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from troth.errors import HistoryError, RefusedError
from troth.history.event import Event
from troth.operations.live.choosing import event_id
from troth.operations.live.holding import Hold, hold_of, placing, releasing, some_holds
from troth.types.moment import format_moment
from troth.web.api.endpoint import Answer, Asked, Endpoint, PageQuery
from troth.web.api.fields import Name, Text, Time, Word

Names = Annotated[list[Name], Meta(min_length=1, max_length=10_000)]
Words = Annotated[list[Word], Meta(min_length=1, max_length=100)]


class HoldBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hold, its reason, and what it covers: whatever matches all that is given; nothing given covers everything."""

    hold: Name
    accounts: Names | None = None
    conversations: Names | None = None
    plans: Words | None = None
    exclude_plans: Words | None = None
    regions: Words | None = None
    exclude_regions: Words | None = None
    since: Time | None = None
    until: Time | None = None
    why: Text | None = None


class HoldTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hold as it stands."""

    hold: str
    placed: str
    stands: bool
    released: str | None = None
    accounts: list[str] | None = None
    conversations: list[str] | None = None
    plans: list[str] | None = None
    exclude_plans: list[str] | None = None
    regions: list[str] | None = None
    exclude_regions: list[str] | None = None
    since: str | None = None
    until: str | None = None
    why: str | None = None


class Holds(msgspec.Struct, frozen=True, omit_defaults=True):
    """Holds, in the order in which they were placed. There may be fewer than asked for, and more behind ``next``."""

    holds: list[HoldTold]
    next: str | None = None


_ABOUT = "holds"
_SCOPE = ("accounts", "conversations", "plans", "exclude_plans", "regions", "exclude_regions")


async def show(asked: Asked) -> Answer:
    """List them."""
    since, most = asked.place(_ABOUT, int) or 0, asked.query.limit
    found, place = await asked.service.read(lambda workspace: some_holds(workspace, most, since))
    return Answer(Holds([_told(one) for one in found], asked.cursor(_ABOUT, place)))


async def place(asked: Asked) -> Answer:
    """Place one."""
    body: HoldBody = asked.body
    scope = {name: getattr(body, name) for name in (*_SCOPE, "since", "until", "why")}
    event = placing(body.hold, scope, asked.at, event_id(asked.caller.counted_as, asked.key))
    if await asked.service.read(lambda workspace: hold_of(workspace, body.hold)) is not None:
        raise RefusedError("conflict", "there was a hold of this name before", remedy="use another name")
    await _record(asked, event)
    return Answer(_told(Hold(event, None)))


async def release(asked: Asked) -> Answer:
    """Release one."""
    name = asked.path["hold"]
    known = await asked.service.read(lambda workspace: hold_of(workspace, name))
    if known is None:
        raise RefusedError("not-found", "there is no such hold", remedy="/v1/holds has every one")
    if known.released is not None:
        return Answer(_told(known))
    event = releasing(name, asked.at, event_id(asked.caller.counted_as, asked.key))
    await _record(asked, event)
    return Answer(_told(Hold(known.placed, event.at)))


async def _record(asked: Asked, event: Event) -> None:
    try:
        await asked.service.record(event)
    except HistoryError as problem:
        raise RefusedError("key-reused", problem.what, remedy=problem.remedy) from None


def _told(found: Hold) -> HoldTold:
    placed = found.placed
    lists = {name: None if getattr(placed, name) is None else list(getattr(placed, name)) for name in _SCOPE}
    return HoldTold(
        hold=placed.hold or "",
        placed=format_moment(placed.at),
        stands=found.released is None,
        released=None if found.released is None else format_moment(found.released),
        since=None if placed.since is None else format_moment(placed.since),
        until=None if placed.until is None else format_moment(placed.until),
        why=placed.why,
        **lists,
    )


ENDPOINTS = (
    Endpoint(
        "holds.list", "GET", "/v1/holds", "Legal holds", "Every hold with what it covers, those that were released too.",
        show, Holds, PageQuery,
    ),
    Endpoint(
        "holds.place", "POST", "/v1/holds", "Place a hold",
        "Stops the erasure of whatever it covers, from now on. It permits no use of anything.",
        place, HoldTold, body=HoldBody, status=201, others=("conflict", "key-reused"), keyed=True,
        example={"hold": "case-1", "accounts": ["ada"], "why": "Order of a court of 3 June"},
    ),
    Endpoint(
        "holds.release", "DELETE", "/v1/holds/{hold}", "Release a hold", "To release it again changes nothing.",
        release, HoldTold, others=("not-found", "key-reused"),
    ),
)  # fmt: skip
