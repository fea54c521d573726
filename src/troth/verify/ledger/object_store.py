"""A ledger on an object store, by a URL that fsspec knows, such as ``s3://bucket/ledger``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fsspec

from troth.errors import LedgerError, Place, UsageError
from troth.verify.ledger.source import too_large


class ObjectSource:
    """The objects below a URL."""

    at_once = 8

    def __init__(self, place: str) -> None:
        """Raises `UsageError` for a URL of a kind that is not known or lacks its library."""
        try:
            self._files, self._root = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError) as problem:
            raise UsageError(
                f"there is no reader for such an address: {problem}",
                place=Place(place),
                remedy="give a folder, an http(s) address or a URL that fsspec knows, with its library installed",
            ) from problem
        self.place = place

    def read(self, path: str, limit: int) -> bytes | None:
        """See `Source.read`."""
        try:
            with self._files.open(f"{self._root.rstrip('/')}/{path}", "rb") as file:
                data: bytes = file.read(limit + 1)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except (OSError, ValueError) as problem:
            raise _unreadable(f"{self.place.rstrip('/')}/{path}", problem) from problem
        if len(data) > limit:
            raise too_large(path, limit)
        return data

    def names(self, under: str) -> Iterator[str] | None:
        """See `Source.names`."""
        return self._names(under)

    def _names(self, under: str) -> Iterator[str]:
        root, below = self._root.rstrip("/"), under.rstrip("/")
        try:
            if not self._files.exists(f"{root}/{below}"):
                return
            # Without "raise", a folder that cannot be listed would be left out without a word.
            walked: Any = self._files.walk(f"{root}/{below}", on_error="raise")
            for folder, _, names in walked:
                path = str(folder).rstrip("/").removeprefix(f"{root}/")
                yield from (f"{path}/{name}" for name in names if name)
        except (OSError, ValueError) as problem:
            raise _unreadable(f"{self.place.rstrip('/')}/{below}", problem) from problem


def _unreadable(where: str, problem: Exception) -> LedgerError:
    return LedgerError(
        f"cannot be read: {problem}",
        place=Place(where),
        remedy="check the address, the network and the permissions, and audit again",
    )
