"""Standard Webhooks signatures (standardwebhooks.com): HMAC-SHA256 over number, time and body."""

from __future__ import annotations

import base64
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret, as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(secret: str, number: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of one delivery. ``seconds`` is the time of sending, since 1970 (UTC)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    told = b".".join((number.encode(), str(seconds).encode(), body))
    signature = base64.b64encode(hmac.digest(key, told, "sha256")).decode()
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": number,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
        "User-Agent": "troth",
    }
