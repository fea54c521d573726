"""Webhooks: who is told what, and sending it again."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from sqlalchemy.exc import IntegrityError

from troth.errors import RefusedError, StoreError
from troth.types.moment import format_moment
from troth.web.api.endpoint import Answer, Asked, Endpoint, PageQuery
from troth.web.hooks.events import TYPES
from troth.web.hooks.table import (
    Delivery,
    Webhook,
    add_webhook,
    end_webhook,
    list_deliveries,
    list_webhooks,
    replay_delivery,
    require_webhook,
)
from troth.web.hooks.targets import check_target
from troth.web.work.jobs import job_id

Type = Literal[
    "choice.made", "terms.acknowledged", "signal.received", "account.opened", "account.changed", "account.closed",
    "organisation.changed", "conversation.deleted", "record.deleted", "hold.placed", "hold.released",
]  # fmt: skip


class WebhookBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to, and what of."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    events: Annotated[list[Type], Meta(min_length=1, max_length=len(TYPES))]


class WebhookTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A receiver. Its secret is told when it is made, and never again."""

    id: str
    url: str
    events: list[str]
    made: str
    secret: str | None = None
    ended: str | None = None


class Webhooks(msgspec.Struct, frozen=True):
    """Every receiver."""

    webhooks: list[WebhookTold]


class DeliveryTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event for one receiver, and how far it came."""

    id: str
    event: str
    type: str
    state: Literal["waiting", "sent", "failed", "gone"]
    attempts: int
    made: str
    answer: int | None = None


class Deliveries(msgspec.Struct, frozen=True, omit_defaults=True):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryTold]
    next: str | None = None


async def show(asked: Asked) -> Answer:
    """List receivers."""
    return Answer(Webhooks([_told(one) for one in await asked.service.table(list_webhooks)]))


async def make(asked: Asked) -> Answer:
    """Add a receiver."""
    body: WebhookBody = asked.body
    service = asked.service
    check_target(body.url, inside=service.sender.inside)
    number = job_id(asked.caller.counted_as, asked.key, secrets.token_hex(16))
    events = tuple(dict.fromkeys(body.events))
    try:
        found, secret = await service.table(add_webhook, service.secret, number, body.url, events, asked.at)
    except StoreError as problem:
        if not isinstance(problem.__cause__, IntegrityError):
            raise
        raise RefusedError("key-reused", "this key was used before", remedy="use a new key") from None
    return Answer(_told(found, secret), headers={"Location": f"/v1/webhooks/{found.id}/deliveries"})


async def end(asked: Asked) -> Answer:
    """End a receiver."""
    return Answer(_told(await asked.service.table(end_webhook, asked.path["webhook"], asked.at)))


async def sent(asked: Asked) -> Answer:
    """List what was sent."""
    service, number, most = asked.service, asked.path["webhook"], asked.query.limit
    await service.table(require_webhook, number)
    about = f"deliveries\x00{number}"
    found = await service.table(list_deliveries, number, asked.place(about, tuple[int, str]), most + 1)
    page = found[:most]
    place = (page[-1].made, page[-1].id) if len(found) > most else None
    return Answer(Deliveries([_delivery(one) for one in page], asked.cursor(about, place)))


async def replay(asked: Asked) -> Answer:
    """Send one again."""
    return Answer(_delivery(await asked.service.table(replay_delivery, asked.path["delivery"], asked.at)))


def _told(found: Webhook, secret: str | None = None) -> WebhookTold:
    ended = None if found.ended is None else format_moment(found.ended)
    return WebhookTold(found.id, found.url, list(found.events), format_moment(found.made), secret, ended)


def _delivery(found: Delivery) -> DeliveryTold:
    made = format_moment(found.made)
    state = found.state
    return DeliveryTold(found.id, found.event, found.type, state, found.attempts, made, found.answer)  # type: ignore[arg-type]


ENDPOINTS = (
    Endpoint("webhooks.list", "GET", "/v1/webhooks", "Webhooks", "Who is told what.", show, Webhooks),
    Endpoint(
        "webhooks.make", "POST", "/v1/webhooks", "Add a webhook",
        "Events are sent as CloudEvents, signed as Standard Webhooks with the secret of this answer, until they arrive."
        " Only public https addresses are called.",
        make, WebhookTold, body=WebhookBody, status=201, others=("key-reused",), keyed=True,
        example={"url": "https://hooks.example.org/troth", "events": ["choice.made"]},
    ),
    Endpoint(
        "webhooks.end", "DELETE", "/v1/webhooks/{webhook}", "End a webhook", "It is told nothing more.",
        end, WebhookTold, others=("not-found",),
    ),
    Endpoint(
        "deliveries.list", "GET", "/v1/webhooks/{webhook}/deliveries", "What was sent to a webhook",
        "Each event with how often it was tried and what the receiver answered, for thirty days.",
        sent, Deliveries, PageQuery, others=("not-found",),
    ),
    Endpoint(
        "deliveries.replay", "POST", "/v1/deliveries/{delivery}/replay", "Send an event again",
        "It is read from the store again: of what was erased nothing is sent.",
        replay, DeliveryTold, status=202, others=("not-found",),
    ),
)  # fmt: skip
