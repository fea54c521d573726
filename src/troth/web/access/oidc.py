"""Signing operators in with OpenID Connect: code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from sqlalchemy import delete, select

from troth.errors import RefusedError
from troth.types.moment import Moment
from troth.web.access.callers import OPERATORS, Caller
from troth.web.access.provider import Provider
from troth.web.access.secret import Secret
from troth.web.settings import Oidc
from troth.web.tables.open import Tables
from troth.web.tables.schema import sign_ins

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519"]
"""Signatures that are taken: with keys of the provider alone, never with a secret that we share."""
LASTS = 600
"""Seconds that somebody has to sign in."""
SKEW = 60
RETURN = "/sign-in/return"
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and the cookie that ties it to this browser."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and where they wanted to go."""

    caller: Caller
    back: str


class SignIn:
    """Signs operators in with one provider."""

    def __init__(
        self,
        settings: Oidc,
        origin: str,
        client_secret: str | None,
        tables: Tables,
        secret: Secret,
        provider: Provider,
    ) -> None:
        self._settings, self._origin, self._client_secret = settings, origin, client_secret
        self._tables, self._secret, self._provider = tables, secret, provider

    def begin(self, back: str, at: Moment) -> Begun:
        """Begin. Raises `RefusedError` where the provider cannot be used, and ``StoreError``."""
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        row = {
            "state": _hash(state), "browser": _hash(browser), "nonce": nonce, "verifier": verifier,
            "back": local_path(back), "expires": at + LASTS * _SECOND,
        }  # fmt: skip
        address = self._provider.configuration().authorization_endpoint
        with self._tables.writing() as connection:
            connection.execute(delete(sign_ins).where(sign_ins.c.expires <= at))
            connection.execute(sign_ins.insert().values(**row))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._origin + RETURN,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in address else "?"
        return Begun(f"{address}{joint}{urlencode(asked)}", browser)

    def finish(self, code: str, state: str, browser: str | None, at: Moment) -> SignedIn:
        """Finish: once for each state, and in the browser that began. Raises `RefusedError`, and ``StoreError``."""
        row = self._spend(state)
        if row is None or row.expires <= at or browser is None:
            raise _refused("this sign-in is over, or was begun elsewhere")
        if not hmac.compare_digest(row.browser, _hash(browser)):
            raise _refused("this sign-in was begun in another browser")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._origin + RETURN,
            "client_id": self._settings.client_id,
            "code_verifier": row.verifier,
        }
        if self._client_secret is not None:
            form["client_secret"] = self._client_secret
        claims = self._claims(self._provider.tokens(form).id_token, row.nonce, at)
        return SignedIn(Caller(self._role(claims), self._who(claims)), row.back)

    def _spend(self, state: str) -> Any:
        """The sign-in with a state, which is over with this."""
        mine = sign_ins.c.state == _hash(state)
        with self._tables.writing() as connection:
            row = connection.execute(select(sign_ins).where(mine)).first()
            connection.execute(delete(sign_ins).where(mine))
        return row

    def _claims(self, token: str, nonce: str, at: Moment) -> Mapping[str, Any]:
        try:
            found = jwt.decode(token, self._key, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as problem:
            raise _refused(f"the provider's token does not hold: {type(problem).__name__}") from None
        claims: Mapping[str, Any] = found.claims
        self._check(claims, nonce, at // _SECOND)
        return claims

    def _key(self, guest: Any) -> Any:
        headers = guest.headers()
        return self._provider.keys(headers.get("kid"))

    def _check(self, claims: Mapping[str, Any], nonce: str, now: int) -> None:
        """What OpenID Connect Core 1.0 wants of an ID token, section 3.1.3.7."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        client = self._settings.client_id
        if claims.get("iss") != self._provider.issuer or client not in audiences:
            raise _refused("the provider's token is for somebody else")
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client:
            raise _refused("the provider's token is for somebody else")
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int) or not isinstance(issued, int):
            raise _refused("the provider's token says no times")
        if expires <= now - SKEW or issued > now + SKEW:
            raise _refused("the provider's token is not valid now")
        told = claims.get("nonce")
        if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
            raise _refused("the provider's token is of another sign-in")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise _refused("the provider's token names nobody")

    def _role(self, claims: Mapping[str, Any]) -> str:
        told = claims.get(self._settings.roles_claim)
        values = {told} if isinstance(told, str) else set(told) if isinstance(told, list) else set()
        for role in OPERATORS:
            if values & set(self._settings.roles.get(role, ())):
                return role
        raise RefusedError(
            "forbidden", "you have no role here", remedy="ask an owner to give you one at the provider"
        )

    def _who(self, claims: Mapping[str, Any]) -> str:
        told = f"{claims['iss']}\x00{claims['sub']}".encode()
        return f"operator:{self._secret.mac('operator', told)[:16].hex()}"


def local_path(back: str) -> str:
    """An address of our own to go back to; whatever leads elsewhere becomes the console."""
    plain = (
        back.isascii() and back.isprintable() and " " not in back and "\\" not in back and len(back) < 1_000
    )
    return back if plain and back.startswith("/") and not back.startswith("//") else "/console"


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _refused(why: str) -> RefusedError:
    return RefusedError("unauthenticated", why, remedy="sign in again")
