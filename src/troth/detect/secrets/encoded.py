"""Secrets in base64 and in URL-encoded text: a run is decoded where it is likely to hold one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.judge import is_secret
from troth.detect.secrets.left import Left
from troth.detect.secrets.names import class_of

if TYPE_CHECKING:
    from troth.detect.text.view import View

_NEAR: Final = 300
_KEY_NEAR: Final = 12_000
_RUN: Final = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}", re.ASCII)
_BEFORE: Final = re.compile(r"[A-Za-z0-9+/_\-]*", re.ASCII)
_INSIDE: Final = re.compile(
    r"(?P<name>[\w.\-]{2,60})[\"']?\s{0,3}(?:=>|[:=])\s{0,3}(?P<mark>[\"']?)(?P<value>[^\s\"'<>,;&]{4,200})",
    re.ASCII,
)
_KEY: Final = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY")


def _run(text: str, place: int, near: int) -> tuple[int, int]:
    """The run of base64 around a place, as far as it is looked at."""
    before = _BEFORE.match(text[max(0, place - near) : place][::-1])
    start = place - (before.end() if before else 0)
    match = _RUN.match(text, start, place + near)
    return start, match.end() if match else place


def _encoded(view: View, place: int) -> Iterator[Finding]:
    """A run of base64 that says "password" or the like when it is decoded, and a value."""
    start, end = _run(view.folded, place, _NEAR)
    plain = _decoded(view.folded[start:end])
    for match in _INSIDE.finditer(plain):
        kind = class_of(match["name"])
        left = Left((match["name"],), "=", match["mark"], False, "")
        if kind and is_secret(match["value"], kind, left, True):
            yield secret(start, end, "secret/encoded")
            return


def _encoded_key(view: View, place: int) -> Iterator[Finding]:
    """A run of base64 that holds a private key."""
    yield secret(*_run(view.folded, place, _KEY_NEAR), "secret/encoded:private-key")


def _decoded(run: str) -> str:
    """The text in a run of base64, at whichever of the four places it may begin."""
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    for skip in range(4):
        part = run[skip:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            plain = base64.b64decode(part + "=" * (-len(part) % 4)).decode("ascii", "replace")
        except (binascii.Error, ValueError):
            continue
        if any(word in plain.lower() for word in ("passw", "secret", "token", "api")):
            return plain
    return ""


def _three(word: str) -> tuple[str, ...]:
    """What is the same in base64 wherever a word begins: at the first, second and third byte of three."""
    forms = []
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + word.encode()).decode()
        whole = (shift + len(word)) // 3 * 4
        forms.append(code[(0, 2, 3)[shift] : whole])
    return tuple(forms)


_WORDS: Final = (
    "password",
    "PASSWORD",
    "Password",
    "passwd",
    "secret_key",
    "SECRET_KEY",
    "api_key",
    "API_KEY",
    "access_token",
)


def _anchor(words: tuple[str, ...]) -> str:
    return "|".join(form.replace("+", r"\+") for word in words for form in _three(word))


ENCODED: Final = Recogniser("secret-encoded", ("SECRET",), (rf"(?:{_anchor(_WORDS)})",), _encoded)
ENCODED_KEY: Final = Recogniser(
    "secret-encoded-key",
    ("SECRET",),
    (rf"(?:{_anchor((' PRIVATE KEY--',))})[A-Za-z0-9+/]{{8}}",),
    _encoded_key,
)
