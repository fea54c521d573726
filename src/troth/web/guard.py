"""What stands around every request: its number, its line in the log, its headers, and an answer whatever goes wrong."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from troth.errors import RefusedError
from troth.web.logs import log_failure, log_request
from troth.web.metrics import Metrics
from troth.web.problems import problem_response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ROUTE = "troth.route"
"""Where a handler says under which name its requests are logged and counted: the address with its parameters' names."""
_CORS_METHODS = b"GET, POST, DELETE"
_CORS_HEADERS = b"Authorization, Content-Type, Idempotency-Key, If-None-Match"
_LONGEST_HEADER = 8_192
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_UNLESS_TOLD = (
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """An ASGI application around another one."""

    def __init__(
        self, app: App, origin: str, allowed: tuple[str, ...], metrics: Callable[[], Metrics | None]
    ) -> None:
        """``allowed`` are the origins whose pages may call; ``metrics`` gives where to count, once there is."""
        self._app = app
        self._allowed = frozenset(one.encode() for one in allowed)
        self._metrics = metrics
        own = ((b"strict-transport-security", b"max-age=31536000"),) if origin.startswith("https:") else ()
        self._always = (*_ALWAYS, *own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self, scope, receive, send).run()


class _Exchange:
    """One request and its answer."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard, self._scope, self._receive, self._send = guard, scope, receive, send
        self._number = secrets.token_hex(8)
        self._status = 0
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"")
        self._origin = origin if origin in guard._allowed else b""

    async def run(self) -> None:
        began = time.perf_counter()
        self._scope["troth.request"] = self._number
        try:
            await self._answer()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the caller gets an answer, and the log its place
            await self._failed(problem)
        finally:
            self._tell(time.perf_counter() - began)

    async def _answer(self) -> None:
        if any(len(name) + len(value) > _LONGEST_HEADER for name, value in self._scope["headers"]):
            raise RefusedError("headers", "a field of the header is too long", remedy="send less")
        if self._scope["method"] == "OPTIONS" and self._origin:
            await self._preflight()
            return
        await self._guard._app(self._scope, self._receive, self._sent)

    async def _failed(self, problem: Exception) -> None:
        if self._status:  # the answer has begun, and cannot be taken back
            log_failure("broken", problem, request=self._number)
            return
        response = problem_response(problem, self._number)
        await response(self._scope, self._receive, self._sent)

    async def _preflight(self) -> None:
        headers = [
            (b"access-control-allow-methods", _CORS_METHODS),
            (b"access-control-allow-headers", _CORS_HEADERS),
            (b"access-control-max-age", b"600"),
            (b"content-length", b"0"),
        ]
        await self._sent({"type": "http.response.start", "status": 204, "headers": headers})
        await self._sent({"type": "http.response.body", "body": b""})

    async def _sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = self._headers(list(message.get("headers", ())))
        await self._send(message)

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in headers}
        headers.append((b"x-request-id", self._number.encode()))
        headers += self._guard._always
        headers += [(name, value) for name, value in _UNLESS_TOLD if name not in there]
        if self._origin:
            if b"access-control-allow-origin" not in there:  # two of them are none
                headers.append((b"access-control-allow-origin", self._origin))
            headers.append(
                (b"access-control-expose-headers", b"Date, ETag, Retry-After, X-Request-Id, Location")
            )
        if self._guard._allowed:
            headers.append((b"vary", b"Origin"))
        return headers

    def _tell(self, seconds: float) -> None:
        route = str(self._scope.get(ROUTE) or getattr(self._scope.get("route"), "path", "none"))
        method = self._scope["method"] if self._scope["method"] in _METHODS else "other"
        metrics = self._guard._metrics()
        if metrics is not None:
            metrics.answered(method, route, self._status, seconds)
        log_request(method, route, self._status, seconds, self._number)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
