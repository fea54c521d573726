"""E-mail and IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from troth.detect.recogniser import Recogniser, Span, matches

_EMAIL = re.compile(
    r"(?<![\w.%+\-])[\w.%+\-]{1,64}@(?:[^\W_](?:[\w\-]{0,62})\.){1,8}[^\W\d_][\w\-]{1,62}(?![\w\-])"
)

EMAIL = Recogniser("email", "@", matches(_EMAIL), (_EMAIL.pattern,))

_V4 = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\d|\.\d|\w)",
    re.ASCII,
)
_V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,39}(?:\d{0,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})?(?![\w:])", re.ASCII)
_VERSION = re.compile(r"(?:\bv|\bver\.?|\bversions?|\brelease|\bbuild)[ :=]{0,2}\Z", re.IGNORECASE)


def _ip_spans(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses; not loopback and unspecified ones, and no version numbers of four parts."""
    found = [m.span() for m in _V6.finditer(text) if _is_v6(m.group())]
    taken = {place for span in found for place in range(*span)}
    for match in _V4.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if match.start() not in taken and _names_someone(match.group()) and not _VERSION.search(before):
            found.append(match.span())
    yield from sorted(found)


def _is_v6(text: str) -> bool:
    if text.count(":") < 2 or len(text) < 6 or not any(c.isdigit() for c in text):
        return False
    return _names_someone(text)


def _names_someone(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


IP_ADDRESS = Recogniser(
    "ip_address",
    r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9A-Fa-f]{0,4}:",
    _ip_spans,
    (_V4.pattern, _V6.pattern, _VERSION.pattern),
)
