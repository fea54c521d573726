"""JSON Web Tokens: the header must parse."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.broken import joined
from troth.detect.secrets.found import secret
from troth.detect.secrets.placeholders import is_sample

if TYPE_CHECKING:
    from troth.detect.text.view import View

_SIGNED: Final = re.compile(
    r"(eyJ[A-Za-z0-9_\-]{8,2000}={0,2})\.eyJ[A-Za-z0-9_\-]{4,16000}={0,2}(?:\.("
    r"[A-Za-z0-9_\-]{4,2000}={0,2})?)?",
    re.ASCII,
)
_ENCRYPTED: Final = re.compile(
    r"(eyJ[A-Za-z0-9_\-]{8,2000})(?:\.[A-Za-z0-9_\-]{0,12000}){3}\.([A-Za-z0-9_\-]{10,200})", re.ASCII
)
_BEGINS: Final = re.compile(r"(?:(?<![A-Za-z0-9_\-.])|(?<=\\n)|(?<=%20))eyJ", re.ASCII)
_LONGEST: Final = 20_000


def _jwt(view: View, place: int) -> Iterator[Finding]:
    """The token whose header begins before a place."""
    text = view.folded
    start = place - 15
    if start < 0 or not _BEGINS.match(text, start) or not _has_dot(text, start):
        return
    for form in (_SIGNED, _ENCRYPTED):
        match = form.match(text, start, start + _LONGEST)
        if match and _is_header(match.group(1)) and not is_sample(match.group(2) or ""):
            yield secret(start, match.end(), "secret/jwt")
            return
    whole = joined(text, start, 60, 400)
    match = _SIGNED.match(whole.text) if whole else None
    if whole and match and match.end() in whole.ends and _is_header(match.group(1)):
        yield secret(start, whole.ends[match.end()], "secret/jwt")


def _has_dot(text: str, start: int) -> bool:
    """A header is short: where no dot follows soon, nothing longer is looked at."""
    return text.find(".", start, start + 2_100) > 0


def _is_header(part: str) -> bool:
    part = part.rstrip("=")
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and bool(header.keys() & {"alg", "typ", "kid", "enc"})


JWT: Final = Recogniser("secret-jwt", ("SECRET",), (r"eyJ[A-Za-z0-9_\-]{12}",), _jwt)
