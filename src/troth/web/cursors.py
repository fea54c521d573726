"""Cursors: where a list goes on. They are opaque, and signed for the list that they were made for."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TypeVar

import msgspec

from troth.errors import RefusedError
from troth.web.access.secret import Secret

T = TypeVar("T")
_PURPOSE = "cursor"
_MAC = 16


def write_cursor(secret: Secret, about: str, place: object) -> str:
    """A cursor of one list. ``about`` says which list, of whom."""
    data = msgspec.json.encode(place)
    mac = secret.mac(_PURPOSE, about.encode() + b"\x00" + data)[:_MAC]
    return base64.urlsafe_b64encode(mac + data).decode().rstrip("=")


def read_cursor(secret: Secret, about: str, text: str, form: type[T]) -> T:
    """The place that a cursor tells. Raises `RefusedError` where it was not made for this list."""
    wrong = RefusedError(
        "invalid",
        "this cursor is not one of this list",
        remedy="begin without one, and go on with those given",
    )
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        mac, data = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, secret.mac(_PURPOSE, about.encode() + b"\x00" + data)[:_MAC]):
            raise wrong
        return msgspec.json.decode(data, type=form)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise wrong from None
