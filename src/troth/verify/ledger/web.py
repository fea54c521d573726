"""A ledger at an http(s) address (C2SP tlog-tiles, "APIs"). What a server has cannot be listed, only asked for."""

from __future__ import annotations

import http.client
import zlib
from collections.abc import Iterator
from email.message import Message
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from troth.errors import LedgerError, Place
from troth.verify.ledger.source import too_large

SECONDS = 30.0
"""How long a server may be silent."""
TRIES = 3
"""So often a file is asked for before the audit gives up."""

_MISSING = (404, 410)
_GZIP = 31
"""zlib's number for data in gzip form with a window of any size."""


class WebSource:
    """The files below an address."""

    at_once = 8

    def __init__(self, place: str) -> None:
        self.place = place
        self._prefix = place.rstrip("/") + "/"
        self._opener = _opener()

    def read(self, path: str, limit: int) -> bytes | None:
        """See `Source.read`. A server that fails is asked again, and then given up."""
        last: Exception | None = None
        for _ in range(TRIES):
            try:
                return self._fetch(path, limit)
            except HTTPError as problem:
                problem.close()
                if problem.code in _MISSING:
                    return None
                last = problem
                if problem.code < 500:
                    break
            except (URLError, http.client.HTTPException, OSError, zlib.error) as problem:
                last = problem
        raise LedgerError(
            f"cannot be fetched: {last or 'no answer'}",
            place=Place(self._prefix + path),
            remedy="check the address and the network, and audit again; or audit a copy of the files",
        ) from last

    def names(self, under: str) -> Iterator[str] | None:  # noqa: ARG002 — one door for all places
        """None: a web server tells no list of its files."""
        return None

    def _fetch(self, path: str, limit: int) -> bytes:
        # What cannot be packed any smaller, such as hashes, is a little larger in gzip form.
        most = limit + limit // 256 + 1024
        request = Request(self._prefix + path, headers={"Accept-Encoding": "gzip, identity"})  # noqa: S310
        with self._opener.open(request, timeout=SECONDS) as answer:
            data: bytes = answer.read(most)
            headers: Message = answer.headers
        if len(data) < min(most, _number(headers.get("Content-Length"))):
            raise http.client.IncompleteRead(data)
        if headers.get("Content-Encoding", "identity").lower() in ("gzip", "x-gzip"):
            data = _unpacked(data, limit)
        if len(data) > limit:
            raise too_large(path, limit)
        return data


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _unpacked(data: bytes, limit: int) -> bytes:
    """At most one byte more than ``limit`` of what gzip data hold. Raises ``zlib.error`` where they are cut."""
    reader = zlib.decompressobj(_GZIP)
    content = reader.decompress(data, limit + 1)
    if len(content) <= limit and not reader.eof:
        raise zlib.error("the gzip data end early")
    return content


def _opener() -> OpenerDirector:
    """Only http and https, so that no server can redirect to a file of this machine."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        UnknownHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPRedirectHandler,
        HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener
