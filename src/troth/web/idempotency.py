"""The same request sent twice is done once: its answer is kept for a day under the key that its sender chose."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from troth.errors import RefusedError, StoreError, TrothError
from troth.types.moment import DAY, Moment
from troth.web.access.secret import Secret
from troth.web.api.endpoint import Asked
from troth.web.tables.open import Tables
from troth.web.tables.schema import idempotency

KEPT = DAY
"""For how long a key is known."""
GIVEN_UP = 60_000_000
"""Microseconds after which a request that never ended may be sent again."""
_PURPOSE = "idempotency"
_KEPT_HEADERS = ("content-type", "location", "etag")


class _Kept(msgspec.Struct, frozen=True):
    headers: dict[str, str]
    body: bytes


async def answered_once(asked: Asked, call: Callable[[], Awaitable[Response]]) -> Response:
    """Answer a request that bears a key: as before, where it was answered before.

    Raises `RefusedError` where the key was used for something else, or the first request is still under way. Where the
    request fails, its key is free again.
    """
    service, key = asked.service, hashlib.sha256((asked.key or "").encode()).digest()
    who = service.secret.mac(_PURPOSE, asked.caller.counted_as.encode()).hex()
    told = _fingerprint(asked)
    known = await service.table(_begin, service.secret, who, key, told, asked.at)
    if known is not None:
        return known
    try:
        response = await call()
    except TrothError:
        await service.table(_give_up, who, key)
        raise
    await service.table(_end, service.secret, who, key, response)
    return response


def _fingerprint(asked: Asked) -> bytes:
    told = (
        asked.endpoint.act,
        dict(asked.path),
        msgspec.to_builtins(asked.query),
        msgspec.to_builtins(asked.body),
    )
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).digest()


def _begin(tables: Tables, secret: Secret, who: str, key: bytes, told: bytes, at: Moment) -> Response | None:
    """Take a key; the kept answer where it was answered before."""
    try:
        with tables.writing() as connection:
            given_up = idempotency.c.status.is_(None) & (idempotency.c.made < at - GIVEN_UP)
            connection.execute(delete(idempotency).where(idempotency.c.made < at - KEPT))
            connection.execute(delete(idempotency).where(_is(who, key), given_up))
            connection.execute(idempotency.insert().values(who=who, key=key, request=told, made=at))
    except StoreError as problem:
        if not isinstance(problem.__cause__, IntegrityError):
            raise
    else:
        return None
    with tables.reading() as connection:
        found = connection.execute(select(idempotency).where(_is(who, key))).first()
    if found is None or found.status is None:
        raise RefusedError(
            "conflict", "the same request is under way", remedy="send it again in a moment", wait=1
        )
    if found.request != told:
        raise RefusedError(
            "key-reused", "this Idempotency-Key was sent with another request", remedy="use a new key"
        )
    kept = msgspec.json.decode(secret.open(_PURPOSE, found.answer), type=_Kept)
    return Response(kept.body, found.status, {**kept.headers, "Idempotent-Replayed": "true"})


def _end(tables: Tables, secret: Secret, who: str, key: bytes, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    sealed = secret.seal(_PURPOSE, msgspec.json.encode(_Kept(headers, bytes(response.body))))
    with tables.writing() as connection:
        done = update(idempotency).where(_is(who, key)).values(status=response.status_code, answer=sealed)
        connection.execute(done)


def _give_up(tables: Tables, who: str, key: bytes) -> None:
    with tables.writing() as connection:
        connection.execute(delete(idempotency).where(_is(who, key)))


def _is(who: str, key: bytes) -> ColumnElement[bool]:
    return (idempotency.c.who == who) & (idempotency.c.key == key)
