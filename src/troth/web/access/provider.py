"""What is fetched from an OpenID provider: its configuration, its keys, and the tokens for a code.

Whoever stands between can read nothing over https, and can keep answers away.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from troth.errors import RefusedError

LARGEST = 1 << 20
"""Bytes of an answer that are read."""
TIMEOUT = 10.0
"""Seconds that an answer may take."""
KEPT = 3_600.0
"""Seconds for which configuration and keys are kept."""
_AGAIN = 60.0
"""Seconds after which keys are fetched again for one that is not among them."""

Fetch = Callable[[str, bytes | None], bytes]
"""From an address, and a form to be posted, to the answer. Raises ``OSError``."""


class Configuration(msgspec.Struct, frozen=True):
    """What a provider tells of itself (OpenID Connect Discovery 1.0); its other words are not needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Tokens(msgspec.Struct, frozen=True):
    """What a provider gives for a code."""

    id_token: str


@dataclass(slots=True)
class _Known:
    configuration: Configuration
    keys: KeySet
    at: float


class Provider:
    """One provider, at its issuer's address."""

    def __init__(self, issuer: str, fetch: Fetch | None = None) -> None:
        self.issuer = issuer
        self._fetch = fetch if fetch is not None else fetched
        self._known: _Known | None = None

    def configuration(self) -> Configuration:
        """What it tells of itself. Raises `RefusedError` where it cannot be reached, or is another one."""
        return self._current().configuration

    def keys(self, wanted: str | None) -> KeySet:
        """Its keys; fetched again where the wanted one is not among those that are known."""
        known = self._current()
        there = any(key.kid == wanted for key in known.keys.keys)
        if not there and time.monotonic() - known.at > _AGAIN:
            self._known = None
            known = self._current()
        return known.keys

    def tokens(self, form: Mapping[str, str]) -> Tokens:
        """The tokens for a code. Raises `RefusedError` where it gives none."""
        address = self.configuration().token_endpoint
        try:
            return msgspec.json.decode(self._fetch(address, urlencode(form).encode()), type=Tokens)
        except (OSError, msgspec.MsgspecError) as problem:
            raise RefusedError(
                "forbidden", "the provider gives no token for this code", remedy="sign in again"
            ) from problem

    def _current(self) -> _Known:
        if self._known is None or time.monotonic() - self._known.at > KEPT:
            self._known = self._look()
        return self._known

    def _look(self) -> _Known:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            told = msgspec.json.decode(self._fetch(address, None), type=Configuration)
            self._check(told)
            keys = KeySet.import_key_set(json.loads(self._fetch(told.jwks_uri, None)))
        except (OSError, ValueError, KeyError, msgspec.MsgspecError, JoseError) as problem:
            raise RefusedError(
                "closed",
                "the provider with which operators sign in cannot be used now",
                remedy="look at [oidc] in service.toml, and at the provider",
            ) from problem
        return _Known(told, keys, time.monotonic())

    def _check(self, told: Configuration) -> None:
        """Raise ``ValueError`` where a configuration is of another provider, or leaves https."""
        if told.issuer != self.issuer:
            raise ValueError("its issuer is another one")
        for one in (told.authorization_endpoint, told.token_endpoint, told.jwks_uri):
            if urlsplit(one).scheme != urlsplit(self.issuer).scheme:
                raise ValueError("one of its addresses is of another scheme")


def fetched(address: str, form: bytes | None) -> bytes:
    """Fetch an address; redirects are not followed. Raises ``OSError``."""
    request = Request(address, form, {"Accept": "application/json"})  # noqa: S310 - settings let only http and https through
    try:
        with build_opener(ProxyHandler({}), _NoRedirect).open(request, timeout=TIMEOUT) as answer:
            data: bytes = answer.read(LARGEST + 1)
    except HTTPError as refusal:
        with refusal:
            raise OSError(f"status {refusal.code}") from None
    except HTTPException as problem:
        raise OSError(str(problem)) from problem
    if len(data) > LARGEST:
        raise OSError("the answer is too long")
    return data


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: codes and secrets go where the provider's configuration says, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        """Leave the answer what it is."""
