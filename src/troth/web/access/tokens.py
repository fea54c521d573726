"""Tokens of persons: a short-lived JWT in which a product vouches for the person who is signed in with it.

A token names its key (``kid``), audience, account (``sub``), end (at most ten minutes ahead) and number (``jti``). It is
signed with the key's own token secret (HS256) or with the Ed25519 key that was registered for it; which of the two, the
key says and never the token.
"""

from __future__ import annotations

import base64
import hashlib
import re
import warnings
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey, OKPKey

from troth.errors import RefusedError
from troth.types.moment import Moment
from troth.web.access.keys import Key

LONGEST = 600
"""Seconds that a token may live."""
SKEW = 30
"""Seconds by which the clocks of product and service may differ."""
LARGEST = 4_096
"""Characters of a token."""
_SECOND = 1_000_000
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z", re.ASCII)


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alg: str
    kid: str
    typ: str = "JWT"


class _Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sub: str
    aud: str
    exp: int
    jti: str
    iat: int | None = None
    nbf: int | None = None
    iss: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was checked."""

    account: str
    jti: str
    expires: Moment
    hash: bytes


def key_of(text: str) -> str:
    """The number of the key that a token names. Raises `RefusedError` where it is no token."""
    if len(text) > LARGEST or not _FORM.match(text):
        raise _refused("it is not a token")
    try:
        part = text.partition(".")[0]
        return msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=_Header).kid
    except (msgspec.MsgspecError, ValueError):
        raise _refused("its header is not one of alg, kid and typ") from None


def check_token(text: str, key: Key, audience: str, at: Moment) -> Token:
    """Check a token against the key that it names. ``at`` is the present moment. Raises `RefusedError`."""
    claims = _claims(text, key)
    now = at // _SECOND
    if claims.aud != audience:
        raise _refused("it is for another audience")
    if claims.exp <= now - SKEW:
        raise _refused("it has expired")
    if claims.exp - now > LONGEST + SKEW or (claims.iat is not None and claims.exp - claims.iat > LONGEST):
        raise _refused(f"it lives longer than {LONGEST} seconds")
    if max(claims.iat or 0, claims.nbf or 0) > now + SKEW:
        raise _refused("it is not valid yet")
    if not 0 < len(claims.sub) <= 512 or not 0 < len(claims.jti) <= 128 or not claims.sub.isprintable():
        raise _refused("it names no account or no number")
    return Token(claims.sub, claims.jti, claims.exp * _SECOND, hashlib.sha256(text.encode()).digest())


def _claims(text: str, key: Key) -> _Claims:
    own: Any
    if key.token_secret is not None:
        own, algorithms = OctKey.import_key(key.token_secret), ["HS256"]
    elif key.public_key is not None:
        own, algorithms = OKPKey.import_key(key.public_key), ["Ed25519", "EdDSA"]
    else:
        raise _refused("the key that it names vouches for nobody")
    try:
        with warnings.catch_warnings():
            # Most libraries still write EdDSA where RFC 9864 has Ed25519; the key allows no other curve.
            warnings.simplefilter("ignore", SecurityWarning)
            found = jwt.decode(text, own, algorithms=algorithms)
        return msgspec.convert(found.claims, _Claims)
    except (JoseError, msgspec.ValidationError, ValueError) as problem:
        raise _refused(f"it does not hold: {type(problem).__name__}") from None


def _refused(why: str) -> RefusedError:
    return RefusedError(
        "unauthenticated", f"this token is not valid: {why}", remedy="have the product make a new one"
    )
