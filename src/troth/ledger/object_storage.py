"""The files of a ledger in an object store, through fsspec. What a store has acknowledged, it keeps.

Who can write the bucket can do what `storage` says. Give the writer a key of its own, and others one that reads.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import fsspec

from troth.errors import LedgerError, Place
from troth.ledger.immutable import same_or_refuse

_BATCH = 256
"""Objects that are sent together."""
_PROBLEMS = (OSError, ValueError, RuntimeError, ImportError)
"""What fsspec and the file systems under it raise: no such store, no right, no connection, no driver."""


class ObjectStorage:
    """Objects under a URL of fsspec, as `Storage` has it.

    An object store puts an object whole or not at all, and answers when it is safe; this class asks no more of it.
    A URL whose file system writes in pieces (``file://``) belongs to `LocalStorage`.
    """

    def __init__(self, url: str) -> None:
        """The storage at a URL. Raises `LedgerError` where fsspec has no way to it."""
        self._url = url.rstrip("/")
        self._files: Any
        try:
            self._files, self._root = fsspec.core.url_to_fs(self._url)
        except _PROBLEMS as problem:
            raise self._failed("opened", "", problem) from problem
        self._root = self._root.rstrip("/")

    def place(self, path: str) -> Place:
        """The URL of an object."""
        return Place(f"{self._url}/{path}")

    def read(self, path: str) -> bytes | None:
        """The content of an object, or None."""
        try:
            return bytes(self._files.cat_file(self._at(path)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except _PROBLEMS as problem:
            raise self._failed("read", path, problem) from problem

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
            self._files.rm_file(self._at(path))
        except FileNotFoundError:
            return
        except _PROBLEMS as problem:
            raise self._failed("removed", path, problem) from problem

    def list(self, folder: str) -> Iterator[str]:
        """The objects below a folder."""
        at = self._at(folder).rstrip("/")
        try:
            self._files.invalidate_cache()  # a listing of before may be remembered
            found = sorted(self._files.find(at))
        except FileNotFoundError:
            return
        except _PROBLEMS as problem:
            raise self._failed("listed", folder, problem) from problem
        for path in found:
            yield path.removeprefix(f"{self._root}/")

    def tidy(self) -> None:
        """Nothing: what was not put whole is not there."""

    def _put(self, objects: Sequence[tuple[str, bytes]]) -> None:
        if not objects:
            return
        named = {self._at(path): data for path, data in objects}
        try:
            try:
                self._files.pipe(named)
            except FileNotFoundError:  # a file system that has folders
                for folder in {path.rpartition("/")[0] for path in named}:
                    self._files.makedirs(folder, exist_ok=True)
                self._files.pipe(named)
        except _PROBLEMS as problem:
            raise self._failed("written", objects[0][0], problem) from problem

    def _is_there(self, path: str, data: bytes) -> bool:
        there = self.read(path)
        if there is not None:
            same_or_refuse(self.place(path), there, data)
        return there is not None

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _failed(self, what: str, path: str, problem: Exception) -> LedgerError:
        return LedgerError(
            f"the object cannot be {what}: {problem}",
            place=self.place(path),
            remedy="mend the connection or the rights to it, and run it again: what was accepted stands in the store",
        )
