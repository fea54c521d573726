"""From a request to an answer: who asks, how often, whether they may, what they sent; then the endpoint answers."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from troth.errors import RefusedError
from troth.operations.live.access import access_act
from troth.web.access.callers import PERSON, PRODUCT, Caller
from troth.web.access.credentials import Credentials
from troth.web.access.rights import RIGHTS, Right, require_right
from troth.web.api.endpoint import JSON, Answer, Asked, Endpoint
from troth.web.guard import ROUTE
from troth.web.idempotency import answered_once
from troth.web.service import Service

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z", re.ASCII)
_ENCODER = msgspec.json.Encoder()


class Dispatch:
    """Answers requests to endpoints."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.credentials = Credentials(service)

    def route(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers requests to an endpoint."""

        async def answer(request: Request) -> Response:
            request.scope[ROUTE] = endpoint.path
            return await self._answer(endpoint, request)

        answer.__name__ = endpoint.act.replace(".", "_")
        return answer

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        caller = await self.credentials.caller(request)
        count_request(self.service, caller)
        await admit(self.service, caller, endpoint.act)
        asked = await self._read(endpoint, request, caller)
        if endpoint.keyed and asked.key is not None:
            return await answered_once(asked, lambda: self._call(endpoint, asked))
        return await self._call(endpoint, asked)

    async def _read(self, endpoint: Endpoint, request: Request, caller: Caller) -> Asked:
        return Asked(
            service=self.service,
            caller=caller,
            endpoint=endpoint,
            path=request.path_params,
            query=read_query(request, endpoint.query),
            body=await self._body(endpoint, request),
            headers=request.headers,
            key=_idempotency_key(request),
            at=self.service.now(),
        )

    async def _body(self, endpoint: Endpoint, request: Request) -> Any:
        if endpoint.body is None and not _has_body(request):
            return None
        limits = self.service.settings.limits
        data = await read_body(request, limits.body, limits.body_seconds)
        if endpoint.body is None:
            if data:
                raise RefusedError("invalid", "this takes no body", remedy="send the request without one")
            return None
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise RefusedError("media-type", "the body is not JSON", remedy=f"send Content-Type: {JSON}")
        try:
            return msgspec.json.decode(data, type=endpoint.body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
            raise RefusedError("invalid", _plain(problem), remedy="see /openapi.json") from None

    async def _call(self, endpoint: Endpoint, asked: Asked) -> Response:
        return render(endpoint, asked, await endpoint.call(asked))


def count_request(service: Service, caller: Caller) -> None:
    """Raise `RefusedError` where somebody asks more often than they may."""
    limits = service.settings.limits
    rates = {PERSON: limits.per_person, PRODUCT: limits.per_key}
    service.limits.take(caller.counted_as, rates.get(caller.role, limits.per_operator))


async def admit(service: Service, caller: Caller, act: str, rights: Mapping[str, Right] = RIGHTS) -> None:
    """Raise `RefusedError` unless somebody may do something by a table of rights.

    What an operator does, or is refused, is durable before it is answered.
    """
    try:
        require_right(caller, act, rights)
    except RefusedError:
        if caller.is_operator:
            await service.write([access_act(act, caller.who, caller.role, allowed=False)])
        raise
    if caller.is_operator:
        await service.write([access_act(act, caller.who, caller.role, allowed=True)])


def render(endpoint: Endpoint, asked: Asked, answer: Answer) -> Response:
    """The response of an answer, with its tag, or 304 where the caller has it already."""
    body = answer.body if isinstance(answer.body, bytes) else _ENCODER.encode(answer.body)
    status = answer.status or endpoint.status
    headers = dict(answer.headers)
    if endpoint.tagged:
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers["ETag"] = tag
        headers["Cache-Control"] = "private, no-cache"
        if tag in (
            one.strip().removeprefix("W/") for one in asked.headers.get("if-none-match", "").split(",")
        ):
            return Response(None, 304, headers)
    if status == 204:
        return Response(None, status, headers)
    return Response(body, status, headers, endpoint.media)


def read_query(request: Request, form: type) -> Any:
    """The parameters of an address. Raises `RefusedError` for one that is not known, wrong, or given twice."""
    given = request.query_params
    fields: dict[str, str] = {}
    for name, value in given.multi_items():
        if name in fields:
            raise RefusedError("invalid", f"the parameter {name!r} is given twice", remedy="give it once")
        fields[name] = value
    try:
        return msgspec.convert(fields, form, strict=False)
    except (msgspec.ValidationError, ValueError) as problem:
        raise RefusedError("invalid", _plain(problem), remedy="see /openapi.json") from None


def _has_body(request: Request) -> bool:
    """Whether a request brings a body, or may."""
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """The body of a request. Raises `RefusedError` where it is too long, too slow or compressed."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise RefusedError("media-type", "the body is compressed", remedy="send it as it is")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise too_large(most)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise too_large(most)
                pieces.append(piece)
    except TimeoutError:
        raise RefusedError("slow", "the body did not arrive in time", remedy="send it in one go") from None
    except ClientDisconnect:
        raise RefusedError("slow", "the body broke off", remedy="send it again") from None
    return b"".join(pieces)


def too_large(most: int) -> RefusedError:
    """What is said of a body that is too long."""
    return RefusedError("too-large", f"the body has more than {most:,} bytes", remedy="send less at once")


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.match(key):
        raise RefusedError(
            "invalid", "the Idempotency-Key is not 1 to 255 printable characters", remedy="send a UUID"
        )
    return key


def _plain(problem: Exception) -> str:
    """What is wrong, in one line that has no control characters."""
    text = "the body is not JSON" if isinstance(problem, RecursionError) else str(problem)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:500]
