"""Addresses of machines: IP of both versions, and of network cards. Not loopback, not versions, not times."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.around import in_line, of_a_release, said_before, words_in
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_V4 = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\d|\.\d|\w|-\d)",
    re.ASCII,
)
_V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,39}(?:\.\d{1,3}\.\d{1,3}\.\d{1,3})?(?![\w:])", re.ASCII)
_VERSION = re.compile(
    r"(?:\bv|\bver\.?|versions?|release|build|revision|firmware|section|clause|chapter|\bOID"
    r"|chrome|chromium|firefox|safari|§|[<>~^]=?|[=!]=|(?:up|down)graded? (?:to|from))"
    r"[ :=\"'v(/]{0,3}\Z",
    re.IGNORECASE,
)
_LEAST_OF_ADDRESS = 40
"""Of a version every part is less; of one address in seventeen hundred it is."""
_PRIVATE = 10
"""The first part of addresses within a house."""
_NETWORK = frozenset(
    """
    ip ips ipv addr addrs address addresses adresse host hosts hostname server servers client clients remote
    peer machine machines ping pinged pinging ssh sshd scp telnet curl connect connects connected connecting
    connection login logged dns nameserver router routers gateway subnet subnets netmask vlan vpn proxy
    firewall inet bind listen listens listening port ports ban banned block blocked traffic packet packets
    request requests forwarded nat dhcp node route whitelist whitelisted allowlist allowlisted blacklist
    blacklisted attack attacks attacker attackers attacked root admin src dst source destination accepted
    refused denied rejected reachable unreachable timeout offline online up down hop hops http https ftp
    serveur servidor rechner
    """.split()  # noqa: SIM905 — a table
)
_LIKE_ADDRESS = re.compile(r":\d{2,5}\b|/\d{1,2}\b|[ ]-[ ]")
"""What follows an address only: a port, the size of a network, the next field of a log."""
_MAC = re.compile(
    r"(?<![\w:\-.])(?:[0-9A-Fa-f]{2}(?P<apart>[:\-])(?:[0-9A-Fa-f]{2}(?P=apart)){4}[0-9A-Fa-f]{2})(?![\w:\-]|\.\w)",
    re.ASCII,
)
_EMPTY = frozenset(("000000000000", "FFFFFFFFFFFF"))


def _v4(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _V4.finditer(text, max(0, place - 16), place + 8):
        if match.start() >= place:
            return
        if (
            match.end() >= place
            and _names_someone(match.group())
            and not said_before(_VERSION, text, match.start(), 20)
            and not _is_version(text, match)
        ):
            yield found(match.start(), match.end(), "ip/v4")


def _is_version(text: str, match: re.Match[str]) -> bool:
    """Whether all parts are small, and the line says nothing of a network, or speaks of a release."""
    parts = [int(part) for part in match.group().split(".")]
    if max(parts) >= _LEAST_OF_ADDRESS or parts[0] == _PRIVATE:
        return False
    before, after = in_line(text, *match.span())
    if _LIKE_ADDRESS.match(after):
        return False
    bare = not f"{before}{after}".strip(" \t\r,;.|\"'")
    if bare or before.endswith("@") or not _NETWORK.isdisjoint(words_in(before, after)):
        return of_a_release(before, after)
    return True


def _v6(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _V6.finditer(text, max(0, place - 40), place + 56):
        if match.start() >= place:
            return
        written = match.group()
        if (
            match.end() < place
            or written.count(":") < 2
            or len(written) < 6
            or not any(c.isdigit() for c in written)
        ):
            continue
        if _names_someone(written):
            yield found(match.start(), match.end(), "ip/v6")


def _names_someone(written: str) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    if address.version == 4 and not 1 << 24 <= int(address) < 255 << 24:  # 0.x.x.x, and masks of networks
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _mac(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _MAC.finditer(text, max(0, place - 18), place + 18):
        if match.start() >= place:
            return
        plain = re.sub(r"[:.\-]", "", match.group()).upper()
        if match.end() >= place and plain not in _EMPTY and len(set(plain)) > 2:
            yield found(match.start(), match.end(), "mac/form")


IP_V4 = Recogniser("ip-v4", ("IP",), (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",), _v4)
IP_V6 = Recogniser(
    "ip-v6",
    ("IP",),
    (
        r"(?i)[0-9a-f]:[0-9a-f]{1,4}:[0-9a-f]{1,4}:",
        r"(?i)[0-9a-f \n\"'(\[=]::[0-9a-f]{1,4}",
    ),
    _v6,
)
MAC = Recogniser(
    "mac",
    ("MAC",),
    (r"(?i)\b[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}\b",),
    _mac,
)
