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
from troth.detect.secrets.placeholders import is_placeholder, is_sample
from troth.detect.secrets.random_look import looks_random
from troth.detect.secrets.tokens import TOKENS

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


_NAMES: Final = ("passw", "secret", "token", "api")
_LONG: Final = (
    "postgres://", "postgresql://", "mysql://", "mongodb://", "mongodb+srv://", "redis://", "amqp://", "github_pat_",
    "sk_live_", "sk-proj-", "sk-ant-",
)  # fmt: skip
"""What addresses of databases, and tokens, begin with."""
_SHORT: Final = ("ghp_", "glpat-", "AKIA", "xoxb-", "xoxp-", "AIza")
"""The same, too short to be known but where a run begins."""
_SERVICES: Final = frozenset((
    "aws/access-key", "github/token", "github/fine-grained", "gitlab/personal", "google/api", "stripe/key", "slack/bot",
    "openai/project", "anthropic/key",
))  # fmt: skip
_TOKEN: Final = re.compile(
    rf"(?:{'|'.join(one.anchors[0] for one in TOKENS if one.name.removeprefix('secret-') in _SERVICES)})[\w\-]{{8,80}}",
    re.ASCII,
)
_ADDRESS: Final = re.compile(r"[a-z]://[^\s:@/]{0,80}:(?P<password>[^\s@/]{3,160})@\w", re.ASCII)


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
    token, address = _TOKEN.search(plain), _ADDRESS.search(plain)
    if (token and looks_random(token.group()[4:]) and not is_sample(token.group())) or (
        address and not is_placeholder(address["password"])
    ):
        yield secret(start, end, "secret/encoded")
        return
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
        if any(word in plain for word in (*_LONG, *_SHORT)) or any(word in plain.lower() for word in _NAMES):
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
    *_LONG,
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


def _first(word: str) -> str:
    """What base64 of a text begins with that begins with a word."""
    return base64.b64encode(word.encode()).decode()[: len(word) * 8 // 6]


ENCODED: Final = Recogniser(
    "secret-encoded",
    ("SECRET",),
    (rf"(?:{_anchor(_WORDS)})", rf"\b(?:{'|'.join(map(_first, _SHORT))})[A-Za-z0-9+/]{{16}}"),
    _encoded,
)
ENCODED_KEY: Final = Recogniser(
    "secret-encoded-key",
    ("SECRET",),
    (rf"(?:{_anchor((' PRIVATE KEY--',))})[A-Za-z0-9+/]{{8}}",),
    _encoded_key,
)
