"""Where the files of a ledger lie: a folder, or an object store. `open_storage` chooses by the place.

Who can write there can damage the ledger, or put an older state back; the writer then refuses to start, and proofs
fail. They cannot make a proof hold for an entry that was not signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from troth.errors import Place
from troth.ledger.local_storage import LocalStorage


class Storage(Protocol):
    """Named byte objects. A path is relative, with ``/`` between its parts.

    Every method raises `LedgerError`, naming the file, where the place cannot be read or written. One writer at a
    time is the rule; what keeps it is the lock and the head of the store, not the storage.
    """

    def place(self, path: str) -> Place:
        """Where an object lies, for messages."""

    def read(self, path: str) -> bytes | None:
        """The whole object, or None where there is none. It is never half of what was written."""

    def write(self, path: str, data: bytes) -> None:
        """Write one immutable object, as `write_all` does."""

    def write_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Write immutable objects. When it returns, every one of them is durable, and so are their names.

        Each is there whole or not at all, also after a crash; a crash may leave some of them written and others not.
        An object that is there already with the same bytes is left as it is; one with other bytes is a `LedgerError`.
        """

    def replace(self, path: str, data: bytes) -> None:
        """Write an object that may change. A reader sees the old bytes or the new; durable when it returns."""

    def delete(self, path: str) -> None:
        """Remove an object; nothing happens where there is none. It may be there again after a crash."""

    def list(self, folder: str) -> Iterator[str]:
        """The paths of all objects below a folder (``""`` for all), in ascending order. Unfinished ones are not."""

    def tidy(self) -> None:
        """Remove what writers that were killed left unfinished. Only who holds the writer's lock may call it."""


def open_storage(place: str | Path) -> Storage:
    """The storage at a folder or ``file://`` URL, or at any other URL that fsspec knows (``s3://…``).

    A folder is made at the first write. Raises `LedgerError` for a URL that cannot be opened.
    """
    text = str(place)
    if text.startswith("file://"):
        return LocalStorage(Path(text.removeprefix("file://")))
    if isinstance(place, str) and "://" in text:
        # fsspec takes longer to start than most commands run, and a folder needs none of it.
        from troth.ledger.object_storage import ObjectStorage  # noqa: PLC0415

        return ObjectStorage(text)
    return LocalStorage(Path(place))
