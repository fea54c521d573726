"""The files of a ledger in an object store, through fsspec. What a store has acknowledged, it keeps.

Who can write the bucket can do what `storage` says. Give the writer a key of its own, and others one that reads.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from troth.disk.objects import Objects
from troth.errors import LedgerError, Place
from troth.ledger.immutable import same_or_refuse

_BATCH = 256
"""Objects that are sent together."""


class ObjectStorage:
    """Objects under a URL of fsspec, as `Storage` has it.

    An object store puts an object whole or not at all, and answers when it is safe; this class asks no more of it.
    A URL whose file system writes in pieces (``file://``) belongs to `LocalStorage`.
    """

    def __init__(self, url: str) -> None:
        """The storage at a URL. Raises `LedgerError` where fsspec has no way to it."""
        try:
            self._objects = Objects(url)
        except OSError as problem:
            raise _failed("opened", Place(url), problem) from problem

    def place(self, path: str) -> Place:
        """The URL of an object."""
        return Place(self._objects.place(path))

    def read(self, path: str) -> bytes | None:
        """The content of an object, or None."""
        try:
            return self._objects.read(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise _failed("read", self.place(path), problem) from problem

    def write(self, path: str, data: bytes) -> None:
        """Put one immutable object."""
        self.write_all([(path, data)])

    def write_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Put immutable objects, many at once."""
        waiting = iter(objects)
        while batch := list(itertools.islice(waiting, _BATCH)):
            self._put([(path, data) for path, data in batch if not self._is_there(path, data)])

    def replace(self, path: str, data: bytes) -> None:
        """Put an object in the place of what is there."""
        self._put([(path, data)])

    def delete(self, path: str) -> None:
        """Remove an object."""
        try:
            self._objects.delete(path)
        except OSError as problem:
            raise _failed("removed", self.place(path), problem) from problem

    def list(self, folder: str) -> Iterator[str]:
        """The objects below a folder."""
        try:
            yield from self._objects.list(folder)
        except OSError as problem:
            raise _failed("listed", self.place(folder), problem) from problem

    def tidy(self) -> None:
        """Nothing: what was not put whole is not there."""

    def _put(self, objects: Sequence[tuple[str, bytes]]) -> None:
        if not objects:
            return
        try:
            self._objects.put(dict(objects))
        except OSError as problem:
            raise _failed("written", self.place(objects[0][0]), problem) from problem

    def _is_there(self, path: str, data: bytes) -> bool:
        there = self.read(path)
        if there is not None:
            same_or_refuse(self.place(path), there, data)
        return there is not None


def _failed(what: str, place: Place, problem: Exception) -> LedgerError:
    return LedgerError(
        f"the object cannot be {what}: {problem}",
        place=place,
        remedy="mend the connection or the rights to it, and run it again: what was accepted stands in the store",
    )
