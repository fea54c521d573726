"""Where webhooks may go: to public addresses over https, and nowhere inside.

The address is looked up once, checked, and connected to as it was checked: a name that changes in between leads nowhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from troth.errors import RefusedError

TIMEOUT = 10.0
"""Seconds that a receiver has."""
Lookup = Callable[[str, int], list[str]]
"""From a name and a port to addresses."""


def check_target(url: str, *, inside: bool) -> None:
    """Raise `RefusedError` where a webhook may not go to an address. ``inside``: to this machine too, over http."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # half of an IPv6 address, or a port that is no number
        raise _refused("it is not an address of a receiver") from None
    if (
        not host
        or parts.username
        or parts.password
        or parts.fragment
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        raise _refused("it is not an address of a receiver")
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise _refused("it is not https")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return
    if not _may_go(str(literal), inside=inside):
        raise _refused("it leads inside")


def post(url: str, headers: Mapping[str, str], body: bytes, lookup: Lookup, *, inside: bool) -> int:
    """Send a body; gives the status of the answer, of which nothing else is read. Redirects are not followed.

    Raises ``OSError`` where it does not arrive, and `RefusedError` where the name leads inside.
    """
    check_target(url, inside=inside)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    addresses = [one for one in lookup(host, port) if _may_go(one, inside=inside)]
    if not addresses:
        raise _refused("its name leads inside, or nowhere")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with socket.create_connection((addresses[0], port), TIMEOUT) as plain:
        plain.settimeout(TIMEOUT)
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        connection.sock = _secured(plain, host) if parts.scheme == "https" else plain
        try:
            connection.request("POST", path, body, {**headers, "Host": parts.netloc, "Connection": "close"})
            return connection.getresponse().status
        except http.client.HTTPException as problem:
            raise OSError(f"the receiver answers in another way: {type(problem).__name__}") from problem
        finally:
            connection.close()


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises ``OSError``."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _secured(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _may_go(address: str, *, inside: bool) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped if mapped is not None else found
    if inside and found.is_loopback:
        return True
    return found.is_global and not found.is_multicast


def _refused(why: str) -> RefusedError:
    return RefusedError("invalid", f"a webhook cannot go there: {why}", remedy="name a public https address")
