"""Addresses of people and machines on the net that are kept for documentation (RFC 2606, 5737, 3849, 7042)."""

from __future__ import annotations

import ipaddress
import re

from troth.detect.replace.draw import Draw
from troth.detect.replace.shape import blank
from troth.detect.replace.words import Wording, stands_for_names

_DOMAINS = ("example.org", "example.com", "example.net")
_EMAIL = re.compile(r"(?P<local>[^@\s]+?)(?:@|%40)example\.(?:org|com|net)", re.IGNORECASE)
_SPELLED = re.compile(r"(?P<local>.+?) at example dot org", re.DOTALL)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{0,15}://)?(?P<word>[^/@\s]*@)?")
_URL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-]{0,15}://)?(?:(?P<user>[^/@\s:]+):[^/@\s]+@)?example\.org/(?P<path>[^/\s]+)"
)
_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_V4_RANGES = ("192.0.2.", "198.51.100.", "203.0.113.")
_V6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:([:\-])[0-9A-Fa-f]{2}){5}")


def email(value: str, words: Wording, draw: Draw) -> str:
    """An address at a domain for examples; of one domain come addresses of one domain."""
    local, at, domain = value.rpartition("%40" if "@" not in value else "@")
    if not at or not local.isascii():
        name = words.of(" ".join((local or value).split(maxsplit=1)[:1])).lower()
        return f"{name}{at}{_DOMAINS[0]}" if at else f"{name} at example dot org"
    return f"{words.of(local)}{at}{_DOMAINS[draw.number('domain', domain.lower(), len(_DOMAINS))]}"


def is_example_email(value: str) -> bool:
    """Whether an address is at a domain for examples, with nobody's name before it."""
    found = _EMAIL.fullmatch(value) or _SPELLED.fullmatch(value)
    return found is not None and stands_for_names(found["local"])


def url(value: str, words: Wording) -> str:
    """An address of the same scheme at a domain for examples, with credentials if it had some."""
    begin = _SCHEME.match(value)
    scheme = (begin["scheme"] if begin else "") or ""
    rest = value[len(scheme) :]
    word = words.stand_in(_letters(rest))
    login = f"{word}:{word}@" if begin and begin["word"] else ""
    return f"{scheme}{login}example.org/{word}"


def _letters(value: str) -> str:
    return "".join(c for c in value if c.isascii() and c.isalpha())[-8:].lower() or "name"


def is_example_url(value: str) -> bool:
    """Whether a web address is one that `url` makes."""
    found = _URL.fullmatch(value)
    return (
        found is not None
        and stands_for_names(found["path"])
        and (not found["user"] or stands_for_names(found["user"]))
    )


def ip(value: str, draw: Draw) -> str:
    """An address of a range for documentation; what stands around it, such as a port, stays."""
    four = _V4.search(value)
    if four:
        number = draw.number("ip", four.group(), 3 * 254)
        return value[: four.start()] + f"{_V4_RANGES[number // 254]}{number % 254 + 1}" + value[four.end() :]
    six = _V6.search(value)
    if six:
        data = draw.data("ip", six.group().lower())
        return f"{value[: six.start()]}2001:db8::{data[:2].hex()}:{data[2:4].hex()}{value[six.end() :]}"
    return blank(value)


def is_example_ip(value: str) -> bool:
    """Whether an address is of a range for documentation.

    >>> is_example_ip("192.0.2.7"), is_example_ip("2001:db8::1"), is_example_ip("8.8.8.8")
    (True, True, False)
    """
    found = _V4.search(value) or _V6.search(value)
    if not found:
        return False
    try:
        address = ipaddress.ip_address(found.group())
    except ValueError:
        return False
    return str(address).startswith((*_V4_RANGES, "2001:db8:"))


def mac(value: str, draw: Draw) -> str:
    """An address of the range for documentation, with the same separators; another form becomes zeros."""
    found = _MAC.fullmatch(value)
    if not found:
        return "".join("0" if c.isalnum() else c for c in value)
    last = draw.data("mac", value.lower())[:1].hex()
    made = found[1].join(("00", "00", "5e", "00", "53", last))
    return made.upper() if any(c.isupper() for c in value) else made


def is_example_mac(value: str) -> bool:
    """Whether the address of a network card is of the range for documentation."""
    plain = "".join(c for c in value if c.isalnum()).lower()
    return len(plain) == 12 and (plain.startswith("00005e0053") or not plain.strip("0"))
