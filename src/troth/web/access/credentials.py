"""From the header of a request to who asks: a key, a person's token, or the cookie of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from troth.errors import RefusedError
from troth.web.access.callers import PERSON, Caller
from troth.web.access.keys import Key, number_of
from troth.web.access.sessions import COOKIE, check_csrf, find_session
from troth.web.access.tokens import check_token, key_of

if TYPE_CHECKING:
    from troth.web.service import Service

_SAFE = ("GET", "HEAD", "OPTIONS")
_REMEMBERED = 20_000
_SKEW = 30_000_000


class Credentials:
    """Finds out who asks; tokens that were checked are remembered until they end."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tokens: dict[str, tuple[int, Caller]] = {}

    async def caller(self, request: Request) -> Caller:
        """Who asks. Raises `RefusedError` where nobody valid does."""
        try:
            return await self._caller(request)
        except RefusedError as problem:
            if problem.kind == "unauthenticated":
                # All who fail share one bucket: trying keys out is slow, however many try.
                self._service.limits.take("", self._service.settings.limits.unknown)
            raise

    async def _caller(self, request: Request) -> Caller:
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, given = header.partition(" ")
            if scheme.lower() != "bearer" or not given:
                raise RefusedError(
                    "unauthenticated",
                    "credentials are of another sort",
                    remedy="send Authorization: Bearer …",
                )
            return await (self._key(given) if given.startswith("troth_") else self._token(given))
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            raise RefusedError(
                "unauthenticated", "the request shows no credentials", remedy="send Authorization: Bearer …"
            )
        found = await self._service.table(find_session, cookie, self._service.now())
        if request.method not in _SAFE:
            headers = request.headers
            own = self._service.settings.origin
            check_csrf(found, headers.get("x-csrf-token"), headers.get("origin"), own)
        return found

    async def _key(self, text: str) -> Caller:
        keys = self._service.keys
        if keys.remembered(number_of(text)):
            return _of_key(keys.check(text))
        return _of_key(await self._service.apart(lambda: keys.check(text)))

    async def _token(self, text: str) -> Caller:
        number = key_of(text)
        key = await self._living(number)
        at = self._service.now()
        known = self._tokens.get(text)
        if known is not None and at < known[0]:
            return known[1]
        token = check_token(text, key, self._service.settings.audience, at)
        caller = Caller(PERSON, f"person:{key.id}", token.account, key=key.id)
        if len(self._tokens) >= _REMEMBERED:
            self._tokens.clear()
        self._tokens[text] = (token.expires + _SKEW, caller)
        return caller

    async def _living(self, number: str) -> Key:
        keys = self._service.keys
        if keys.remembered(number):
            return keys.key(number)
        return await self._service.apart(lambda: keys.key(number))


def _of_key(key: Key) -> Caller:
    scopes = frozenset(key.scopes) if key.scopes else None
    return Caller(key.role, f"key:{key.id}", None, key.organisation, scopes, key.id)
