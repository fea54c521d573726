"""Signing in and out: operators with OpenID Connect, persons with a token that their product made, each into a session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from troth.errors import RefusedError, StoreError
from troth.operations.live.access import access_act
from troth.types.moment import Moment
from troth.web.access.callers import PERSON, Caller
from troth.web.access.keys import Key
from troth.web.access.oidc import RETURN, SignedIn, SignIn, local_path
from troth.web.access.provider import Provider
from troth.web.access.sessions import (
    COOKIE,
    LASTS,
    PERSON_LASTS,
    NewSession,
    check_csrf,
    drop_cookie,
    end_session,
    find_session,
    new_session,
    set_cookie,
)
from troth.web.access.tokens import Token, check_token, key_of
from troth.web.dispatch import read_body
from troth.web.guard import ROUTE
from troth.web.tables.open import Tables
from troth.web.tables.schema import tokens

if TYPE_CHECKING:
    from troth.web.service import Service

BROWSER = "__Host-troth-sign-in"
LARGEST_FORM = 16_384
FORM = "application/x-www-form-urlencoded"
SIGN_IN = "operators.sign-in"
SIGN_OUT = "operators.sign-out"
_SKEW = 60_000_000


class Entering:
    """The addresses under which sessions begin and end."""

    def __init__(self, service: Service, provider: Provider | None = None) -> None:
        self._service = service
        oidc = service.settings.oidc
        self._sign_in: SignIn | None = None
        if oidc is not None:
            secret = None if oidc.secret_env is None else os.environ.get(oidc.secret_env)
            found = provider if provider is not None else Provider(oidc.issuer)
            self._sign_in = SignIn(
                oidc, service.settings.origin, secret, service.tables, service.secret, found
            )

    def add(self, app: FastAPI) -> None:
        """Add the addresses."""
        app.add_route("/sign-in", self.begin, methods=["GET"])
        app.add_route(RETURN, self.finish, methods=["GET"])
        app.add_route("/sign-out", self.end, methods=["POST"])
        app.add_route("/enter", self.enter, methods=["POST"])

    async def begin(self, request: Request) -> Response:
        """Send an operator to the provider."""
        request.scope[ROUTE] = "/sign-in"
        sign_in = self._open()
        # Nobody is known yet, and each attempt is a row for ten minutes.
        self._service.limits.take("sign-in", self._service.settings.limits.unknown)
        back = local_path(request.query_params.get("back", "/console"))
        begun = await self._service.apart(lambda: sign_in.begin(back, self._service.now()))
        cookie = f"{BROWSER}={begun.browser}; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"
        return _to(begun.address, cookie)

    async def finish(self, request: Request) -> Response:
        """Take an operator back from the provider, into a session."""
        request.scope[ROUTE] = RETURN
        sign_in, told = self._open(), request.query_params
        code, state = told.get("code"), told.get("state")
        if code is None or state is None or "error" in told:
            raise RefusedError("forbidden", "the provider did not sign you in", remedy="sign in again")
        self._service.limits.take("sign-in return", self._service.settings.limits.unknown)
        browser = request.cookies.get(BROWSER)
        found: SignedIn = await self._service.apart(
            lambda: sign_in.finish(code, state, browser, self._service.now())
        )
        caller = found.caller
        await self._service.write([access_act(SIGN_IN, caller.who, caller.role, allowed=True)])
        made = await self._session(caller, LASTS, request)
        return _to(
            found.back, set_cookie(made), f"{BROWSER}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
        )

    async def enter(self, request: Request) -> Response:
        """Take a person in with a token, which is worth nothing after that."""
        request.scope[ROUTE] = "/enter"
        service = self._service
        origin = request.headers.get("origin")
        if origin != service.settings.origin and origin not in service.settings.allowed_origins:
            raise RefusedError(
                "csrf", "the form is of a page that may not send it", remedy="see allowed-origins"
            )
        form = await read_form(request)
        try:
            key, token = await self._token(form.get("token", ""))
        except RefusedError:
            # As with keys, all who fail share one bucket: nobody who tries tokens out keeps others from entering.
            service.limits.take("enter", service.settings.limits.unknown)
            raise
        caller = Caller(PERSON, f"person:{key.id}", token.account, key=key.id)
        made = await self._session(caller, PERSON_LASTS, request)
        back = local_path(form.get("back", "/privacy"))
        return _to(back if back != "/console" else "/privacy", set_cookie(made))

    async def _token(self, text: str) -> tuple[Key, Token]:
        """A person's token and the key that vouches for it. Raises `RefusedError` where it does not hold, or was spent."""
        service = self._service
        key = await service.apart(lambda: service.keys.key(key_of(text)))
        token = check_token(text, key, service.settings.audience, service.now())
        await service.table(_spend, key.id, token, service.now())
        return key, token

    async def end(self, request: Request) -> Response:
        """Sign out."""
        request.scope[ROUTE] = "/sign-out"
        service, cookie = self._service, request.cookies.get(COOKIE)
        if cookie is not None:
            caller = await service.table(find_session, cookie, service.now())
            form = await read_form(request)
            check_csrf(caller, form.get("csrf"), request.headers.get("origin"), service.settings.origin)
            if caller.is_operator:
                await service.write([access_act(SIGN_OUT, caller.who, caller.role, allowed=True)])
            await service.table(end_session, cookie)
        return _to("/", drop_cookie())

    async def _session(self, caller: Caller, seconds: int, request: Request) -> NewSession:
        old = request.cookies.get(COOKIE)
        return await self._service.table(new_session, caller, self._service.now(), seconds, old)

    def _open(self) -> SignIn:
        if self._sign_in is None:
            raise RefusedError(
                "closed",
                "the console is closed: service.toml says nothing of how operators sign in",
                remedy="add [oidc] to service.toml (docs/service.md), or use a key: troth key new",
            )
        return self._sign_in


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, each once. Raises `RefusedError`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise RefusedError("media-type", "this is no form", remedy=f"send Content-Type: {FORM}")
    data = await read_body(request, LARGEST_FORM, 10.0)
    try:
        fields = parse_qs(data.decode(), strict_parsing=bool(data), max_num_fields=50)
    except ValueError:
        raise RefusedError("invalid", "this form cannot be read", remedy="send it again") from None
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _spend(tables: Tables, issuer: str, token: Token, at: Moment) -> None:
    """Take a token's number, once. Raises `RefusedError` where it was taken before."""
    row = {
        "issuer": issuer,
        "jti": token.jti.encode(),
        "hash": token.hash,
        "entered": 1,
        "expires": token.expires + _SKEW,
    }
    try:
        with tables.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires < at))
            connection.execute(tokens.insert().values(**row))
    except StoreError as problem:
        if not isinstance(problem.__cause__, IntegrityError):
            raise
        raise RefusedError(
            "unauthenticated", "this token was used before", remedy="have the product make a new one"
        ) from None


def _to(address: str, *cookies: str) -> Response:
    """A redirect with cookies."""
    response = Response(None, 303, {"Location": address})
    for cookie in cookies:
        response.headers.append("Set-Cookie", cookie)
    return response
