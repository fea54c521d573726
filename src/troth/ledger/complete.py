"""Whether every full tile and bundle of a ledger is there, by their names."""

from __future__ import annotations

from troth.ledger.storage import Storage
from troth.ledger.tile_files import missing
from troth.ledger.tiles import WIDTH, number_path


class Completeness:
    """Looks once, in the life of a process, whether a ledger is complete. A writer does, before it adds to it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._seen = False

    def require(self, size: int) -> None:
        """Raise `LedgerError`, naming the first, where a full tile or bundle of a tree of this size is missing."""
        if not self._seen:
            check_complete(self._storage, size)
        self._seen = True


def check_complete(storage: Storage, size: int) -> None:
    """Raise `LedgerError`, naming the first, where a full tile or bundle of a tree of this size is missing.

    It lists names and reads nothing; what the files hold is checked by who reads them, and all of it by an audit. A
    byte of memory for each tile. The partial ones on the right edge are checked at every opening.
    """
    full = size // WIDTH
    _check_folder(storage, "tile/entries", full)
    level = 0
    while full:
        _check_folder(storage, f"tile/{level}", full)
        level, full = level + 1, full // WIDTH


def _check_folder(storage: Storage, folder: str, full: int) -> None:
    seen = bytearray(full)
    start = len(folder) + 1
    for path in storage.list(folder):
        number = path[start:].replace("/", "").replace("x", "")
        # A partial one has ".p" in its name.
        if number.isdecimal() and int(number) < full:
            seen[int(number)] = 1
    first = seen.find(0)
    if first >= 0:
        raise missing(storage.place(f"{folder}/{number_path(first)}"))
