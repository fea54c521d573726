"""Requests of people, and the day by which each is to be answered."""

from __future__ import annotations

import secrets
from typing import Literal

import msgspec

from troth.types.moment import format_moment
from troth.web.access.rights import reaches_everybody
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Cursor, Limit
from troth.web.tables.requests import Request, add_request, close_request, list_requests
from troth.web.work.jobs import job_id

Kind = Literal["access", "export", "correct", "erase", "object"]
State = Literal["open", "answered", "refused"]


class RequestBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person asks for. Who asks by a person's token leaves `account` out."""

    kind: Kind
    account: Account | None = None


class RequestTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request. Once it is closed, nothing says any more whose it was."""

    id: str
    kind: Kind
    state: State
    made: str
    due: str
    overdue: bool
    account: str | None = None
    closed: str | None = None


class RequestsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests."""

    account: Account | None = None
    state: State | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Requests(msgspec.Struct, frozen=True, omit_defaults=True):
    """Requests: what is due first comes first."""

    requests: list[RequestTold]
    next: str | None = None


class CloseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it ended."""

    state: Literal["answered", "refused"]


async def make(asked: Asked) -> Answer:
    """Take a request in."""
    service, account = asked.service, asked.account(asked.body.account)
    number = job_id(asked.caller.counted_as, asked.key, secrets.token_hex(16))
    due = service.settings.law.after(asked.at)
    kind = asked.body.kind
    found = await service.table(add_request, service.secret, number, kind, account, asked.at, due)
    return Answer(_told(found, asked))


async def show(asked: Asked) -> Answer:
    """List requests."""
    query: RequestsQuery = asked.query
    service = asked.service
    everybody = reaches_everybody(asked.caller, asked.endpoint.act)
    account = query.account if everybody else asked.account(query.account)
    about = f"requests\x00{account or ''}\x00{query.state or ''}"
    after = asked.place(about, tuple[int, str])
    found = await service.table(list_requests, service.secret, account, query.state, after, query.limit + 1)
    page = found[: query.limit]
    place = (page[-1].due, page[-1].id) if len(found) > len(page) else None
    return Answer(Requests([_told(one, asked) for one in page], asked.cursor(about, place)))


async def close(asked: Asked) -> Answer:
    """Close one."""
    service = asked.service
    found = await service.table(
        close_request, service.secret, asked.path["request"], asked.body.state, asked.at
    )
    return Answer(_told(found, asked))


def _told(found: Request, asked: Asked) -> RequestTold:
    return RequestTold(
        id=found.id,
        kind=found.kind,  # type: ignore[arg-type]
        state=found.state,  # type: ignore[arg-type]
        made=format_moment(found.made),
        due=format_moment(found.due),
        overdue=found.state == "open" and asked.at >= found.due,
        account=found.account,
        closed=None if found.closed is None else format_moment(found.closed),
    )


ENDPOINTS = (
    Endpoint(
        "requests.make", "POST", "/v1/requests", "Take a person's request in",
        "A request to see, get, correct or erase what is held, or an objection. By when it is to be answered follows from"
        " `law` in service.toml.",
        make, RequestTold, body=RequestBody, status=201, others=("key-reused",),
        example={"kind": "access", "account": "ada"},
    ),
    Endpoint(
        "requests.list", "GET", "/v1/requests", "Requests and when they are due", "Those that are due first come first.",
        show, Requests, RequestsQuery,
    ),
    Endpoint(
        "requests.close", "POST", "/v1/requests/{request}/close", "Close a request",
        "Says that a request was answered, or refused. Whose it was is forgotten then.",
        close, RequestTold, body=CloseBody, others=("not-found", "conflict"), example={"state": "answered"},
    ),
)  # fmt: skip
