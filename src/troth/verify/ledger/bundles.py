"""Entry bundles taken apart (C2SP tlog-tiles, "Log entries")."""

from __future__ import annotations

from troth.errors import VerificationError
from troth.verify.ledger.paths import FULL

LARGEST_ENTRY = 4096
"""Bytes of an entry that are read: many times what an entry of a ledger has."""
LARGEST_BUNDLE = FULL * (2 + LARGEST_ENTRY)

_AGAIN = "get the file again from the log's address; if it stays, ask its operator"


def split_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle, each after its length in two bytes, the high one first.

    Raises `VerificationError` unless there are ``width`` of them and nothing else.
    """
    entries = []
    place, end = 0, len(data)
    while place + 2 <= end:
        start = place + 2
        place = start + (data[place] << 8 | data[place + 1])
        entries.append(data[start:place])
    if place != end:
        raise VerificationError(
            f"is cut, or not a bundle: entry {len(entries)} of it does not end", remedy=_AGAIN
        )
    if len(entries) != width:
        raise VerificationError(f"holds {len(entries)} entries, not {width}", remedy=_AGAIN)
    return entries
