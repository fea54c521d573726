"""Secrets whose name and value stand in two fields: ``name: DB_PASSWORD``, ``value: ...``; and those of SQL and netrc."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.judge import is_secret
from troth.detect.secrets.left import Left
from troth.detect.secrets.names import class_of
from troth.detect.secrets.values import value_at

if TYPE_CHECKING:
    from troth.detect.text.view import View

_PAIR: Final = re.compile(
    r"(?P<name>(?:pass|pwd|secret|token|key|cred)[\w.\-]{0,30})\\?[\"']?(?:\s{0,3},)?\s{0,30}"
    r"(?:</\w{1,20}>\s{0,30}<)?\\?[\"']?\b(?:value|defaultValue|secretValue|val|content)"
    r"\\?[\"']?\s{0,2}[:=>]\s{0,3}(?P<mark>\\?[\"']?)\Z",
    re.IGNORECASE,
)


_MORE: Final = re.compile(r"[\w.\-]{0,60}")


def _pair(view: View, place: int) -> Iterator[Finding]:
    """The value of a field that follows the field with the name."""
    text, start = view.folded, place - 1
    before = text[max(0, start - 160) : start]
    match = _PAIR.search(before)
    if match is None:
        return
    more = _MORE.match(before[: match.start()][::-1])
    name = (more.group()[::-1] if more else "") + match["name"]
    kind = class_of(name)
    if kind is None:
        return
    left = Left((name,), "=", match["mark"], False, "")
    value = value_at(text, start, match["mark"], "")
    if value and is_secret(text[value.start : value.end], kind, left, value.quoted):
        yield secret(value.start, value.end, "secret/password" if kind == "password" else "secret/key")


_SPACED: Final = re.compile(
    r"(?:\bidentified\s{1,3}(?:with\s\w{1,40}\s)?by(?:\s{1,3}password)?|\bpassword"
    r"|\bConvertTo-SecureString(?:\s{1,2}-String)?"
    r"|\b(?:login|user|username|account)\s{1,3}\S{1,60}\s{1,12}(?:password|pass|pw))(?:\s{1,4}"
    r"|\()(?P<mark>\\?[\"']?)\Z",
    re.IGNORECASE,
)


def _spaced(view: View, place: int) -> Iterator[Finding]:
    """The value after the words of SQL, of PowerShell, of a file of logins."""
    text, start = view.folded, place - 1
    match = _SPACED.search(text[max(0, start - 120) : start])
    if match is None or (not match["mark"] and "login" not in match.group().lower()[:8]):
        return
    value = value_at(text, start, match["mark"], "")
    left = Left(("password",), "or", match["mark"], True, "")
    if value and is_secret(text[value.start : value.end], "password", left, value.quoted):
        yield secret(value.start, value.end, "secret/password")


_LETTER: Final = r"[!#$%*+\-./0-9@A-Z^_a-z~]"
_JWK: Final = re.compile(
    r"\\?\"(?:d|k|p|q|dp|dq|qi)\\?\"\s{0,3}:\s{0,3}\\?\"(?P<it>[A-Za-z0-9_\-]{16,1400})(?=\\?\")", re.ASCII
)
_KTY: Final = re.compile(r"\\?\"kty\\?\"\s{0,3}:", re.ASCII)


def _jwk(view: View, place: int) -> Iterator[Finding]:
    """A private part of a JSON Web Key."""
    text = view.folded
    match = next(
        (m for m in _JWK.finditer(text, max(0, place - 32), place + 1_400) if m.start() < place), None
    )
    if (
        match
        and match.start("it") < place <= match.end()
        and _KTY.search(text, max(0, place - 1_500), place + 2_500)
    ):
        yield secret(*match.span("it"), "secret/private-key")


PAIR: Final = Recogniser(
    "secret-pair",
    ("SECRET",),
    (
        r"(?i)(?:pass(?:word|wd|phrase)?|pwd|secret|token|key"
        r"|credentials?)[A-Za-z0-9_.\-]{0,12}\\?[\"']?,?[ \t\r\n]{0,24}(?:</[a-z]{1,20}>[ \t\r\n]{0,24}<)?"
        rf"\\?[\"']?(?:default|secret)?(?:value|val|content)\\?[\"']?[ ]{{0,2}}(?:[:>]"
        rf"|=[\"'])[ ]{{0,3}}\\?[\"']?{_LETTER}",
    ),
    _pair,
)
SPACED: Final = Recogniser(
    "secret-spaced",
    ("SECRET",),
    (
        rf"(?i)\bpassword[ \t(]{{1,4}}\\?[\"']{_LETTER}",
        rf"(?i)\b(?:identified by|convertto-securestring(?: -string)?)[ ]{{1,3}}\\?[\"']{_LETTER}",
        rf"\blogin[ \t]{{1,3}}[!-~]{{1,60}}[ \t\n]{{1,8}}password[ \t]{{1,4}}{_LETTER}",
    ),
    _spaced,
)
JWK: Final = Recogniser(
    "secret-jwk",
    ("SECRET",),
    (r"\"(?:d|k|p|q|dp|dq|qi)\\?\"[ ]{0,3}:[ ]{0,3}\\?\"[A-Za-z0-9_\-]{16}",),
    _jwk,
)
