"""Credentials in headers: what follows Bearer, Basic and their like."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.placeholders import is_placeholder, is_sample
from troth.detect.secrets.random_look import looks_random

if TYPE_CHECKING:
    from troth.detect.text.view import View

_SCHEME: Final = re.compile(
    r"\b(?P<scheme>bearer|basic|token|apikey|api-key|digest|negotiate|ntlm|bot|key)(?:[ ]{1,3}|%20"
    r"|\+)[\"'\\]{0,2}"
    r"(?P<it>[A-Za-z0-9+/_\-.~=%!:|]{8,4096})",
    re.IGNORECASE | re.ASCII,
)


def _scheme(view: View, place: int) -> Iterator[Finding]:
    """The credential after the name of a scheme, whose first characters end at a place."""
    text = view.folded
    for match in _SCHEME.finditer(text, max(0, place - 28), min(len(text), place + 4_096)):
        start, end = match.span("it")
        if start >= place:
            return
        while end > start and text[end - 1] in ".:,!%":
            end -= 1
        if end >= place and _is_credential(match["scheme"].lower(), text[start:end]):
            yield secret(start, end, f"secret/header:{match['scheme'].lower()}")


def _is_credential(scheme: str, value: str) -> bool:
    if is_sample(value) or (is_placeholder(value) and scheme != "basic"):
        return False
    if scheme == "basic":
        return _is_basic(value)
    return looks_random(value) if scheme not in {"negotiate", "ntlm"} else len(value) >= 20


def _is_basic(value: str) -> bool:
    """A name, a colon and a password, in base64."""
    try:
        plain = base64.b64decode(
            value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), validate=True
        ).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    user, colon, password = plain.partition(":")
    samples = password and is_placeholder(password) and is_placeholder(user)
    return bool(colon) and plain.isprintable() and len(plain) >= 4 and not samples


HEADER: Final = Recogniser(
    "secret-header",
    ("SECRET",),
    (
        r"(?i)\b(?:bearer|negotiate|ntlm)(?: {1,3}|%20|\+)[\"'\\]{0,2}[A-Za-z0-9+/_\-.~=]{8}",
        r"(?i)auth(?:orization)?[\"'`\]\\]{0,4}[ ]{0,2}[:=,>][ ]{0,2}[\"'`\\fb]{0,4}(?:basic|token"
        r"|api-?key|bot|key) {1,2}[A-Za-z0-9+/_\-.~=]{8}",
        r"\bBasic [A-Za-z0-9+/]{12}",
    ),
    _scheme,
)
