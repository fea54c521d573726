"""Which kind of place a ledger lies in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from troth.errors import Place, UsageError
from troth.verify.ledger.local import LocalSource
from troth.verify.ledger.object_store import ObjectSource
from troth.verify.ledger.source import Source
from troth.verify.ledger.web import WebSource


def open_source(place: str) -> Source:
    """The files of the ledger at a folder, an http(s) address, or a URL that fsspec knows.

    Raises `UsageError` for an address of no known kind, and ``LedgerError`` where there is no such folder. Nothing
    is fetched yet.
    """
    if "://" not in place:
        return LocalSource(Path(place), place)
    parts = urlsplit(place)
    if parts.scheme == "file":
        return LocalSource(Path(unquote(parts.path)), place)
    if parts.scheme not in ("http", "https"):
        return ObjectSource(place)
    if not parts.hostname or parts.query or parts.fragment:
        raise UsageError(
            "this is not the address of a ledger",
            place=Place(place),
            remedy="give it without ? and #, such as https://log.example.org/ledger",
        )
    return WebSource(place)
