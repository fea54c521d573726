"""Passwords and tokens in the addresses of servers and databases."""

from __future__ import annotations

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

_ENCODED: Final = re.compile(
    r"(?<=%2[Ff])(?P<user>[^\s/:@\"'<>\\?#&%]{0,80})%3[Aa](?P<password>(?:[^\s\"'<>\\/&@%]|%(?!40)[0-9A-Fa-f]{2}){1,160})%40(?=[\w\[])",
    re.ASCII,
)
"""The same as a field of another address."""
_URL: Final = re.compile(
    r"(?<=://)(?P<user>[^\s/:@\"'<>\\?#]{0,80})(?::(?P<password>[^\s\"'<>\\/]{1,160}"
    r"|[^\s\"'<>\\]{1,80}))?@(?=[\w\[$\{<%*.\-])",
    re.ASCII,
)


def _url(view: View, place: int) -> Iterator[Finding]:
    """The password, or the token in its place, before an ``@`` that ends at a place."""
    text = view.folded
    begin = text.rfind("://", max(0, place - 240), place)
    match = _URL.match(text, begin + 3, place + 100) if begin >= 0 else None
    if not match or match.end() < place - 1:  # the anchor holds a character behind it
        return
    yield from _judged(match)


def _encoded(view: View, place: int) -> Iterator[Finding]:
    """The password in an address that is URL-encoded, before the ``%40`` behind which a place is."""
    for match in _ENCODED.finditer(view.folded, max(0, place - 260), place):
        if match.end() == place - 1:
            yield from _judged(match)


def _judged(match: re.Match[str]) -> Iterator[Finding]:
    part = "password" if match["password"] else "user"
    value, user = match[part], match["user"]
    if part == "user":
        if len(value) >= 16 and looks_random(value) and not is_sample(value):
            yield secret(*match.span("user"), "secret/url:user")
    elif not is_placeholder(value) and len(value) >= 3 and "$" not in value[:1] and not _same(user, value):
        yield secret(*match.span("password"), "secret/url:password")


def _same(user: str, password: str) -> bool:
    """``user:user`` is what manuals write."""
    return user.lower() == password.lower() and password.isalpha()


URL: Final = Recogniser(
    "secret-url",
    ("SECRET",),
    (
        r"://[!#-.0-9;=A-~]{0,64}:[!-.0-?A-~]{1,100}@[A-Za-z0-9\[$.\-]",
        r"://[A-Za-z0-9_\-]{16,100}@[A-Za-z0-9]",
    ),
    _url,
)
ENCODED_URL: Final = Recogniser(
    "secret-url-encoded",
    ("SECRET",),
    (r"(?i)%3a%2f%2f[!#-.0-9;=A-~]{0,64}%3a[!#-.0-9;=A-~]{1,100}%40[A-Za-z0-9\[]",),
    _encoded,
)
