"""Tokens with which a product vouches for its signed-in person: JWT, HS256, with the token secret of its key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable

LIFE = 300
"""Seconds; the service takes none that lives longer than ten minutes."""


def person_token(
    account: str, *, key: str, secret: str, audience: str, now: Callable[[], float] = time.time
) -> str:
    """A token for one person, to be handed to their own page alone.

    ``key`` is the number of the product's key and ``secret`` its token secret, as ``troth key new --tokens`` printed them;
    ``audience`` is the service's. ``now`` gives seconds since 1970 (UTC).
    """
    header = {"alg": "HS256", "kid": key, "typ": "JWT"}
    claims = {"sub": account, "aud": audience, "exp": int(now()) + LIFE, "jti": secrets.token_hex(16)}
    signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{signed}.{_part(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
