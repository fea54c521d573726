"""The objects of a backup: pieces of files under their digests, in a folder or an object store, and the list that counts.

Whoever can write them can damage a backup, which is named when it is restored; they hold nothing that is not sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from troth.errors import Place, StoreError, VerificationError
from troth.ledger.storage import Storage, open_storage
from troth.operations.workspace.backup.files_list import (
    LIST,
    PIECE,
    BackedUpFile,
    BackupList,
    list_bytes,
    read_list,
)

_OBJECTS = "objects"
_HELD = 32 << 20
"""Bytes that are written together."""
_TOGETHER = 256


class BackupObjects:
    """A place for one backup, which is replaced by the next in one step."""

    def __init__(self, place: str | Path) -> None:
        """A folder, which is made, or the URL of an object store. Raises ``LedgerError``."""
        self._storage: Storage = open_storage(place)

    @property
    def place(self) -> Place:
        """The list, for messages."""
        return self._storage.place(LIST)

    def newest(self) -> BackupList | None:
        """The whole backup that is there, if there is one. Raises `VerificationError` where its list is damaged."""
        data = self._storage.read(LIST)
        return None if data is None else read_list(data, self.place)

    def names(self) -> set[str]:
        """The digests of the objects that are there."""
        return {path.rpartition("/")[2] for path in self._storage.list(_OBJECTS)}

    def piece(self, name: str, path: str) -> bytes:
        """A piece of a file. Raises `VerificationError`, naming both, where it is missing or not what its name says."""
        data = self._storage.read(_at(name))
        if data is None:
            raise VerificationError(f"a piece of {path} is missing", place=self._place(name), remedy=_OTHER)
        if hashlib.sha256(data).hexdigest() != name:
            raise VerificationError(
                f"a piece of {path} is damaged, or another one", place=self._place(name), remedy=_OTHER
            )
        return data

    def put(self, pieces: Iterable[tuple[str, bytes]]) -> None:
        """Write pieces under their digests, durably."""
        held: list[tuple[str, bytes]] = []
        size = 0
        for name, data in pieces:
            held.append((_at(name), data))
            size += len(data)
            if size >= _HELD or len(held) == _TOGETHER:
                self._storage.write_all(held)
                held, size = [], 0
        self._storage.write_all(held)

    def remove(self, names: Iterable[str]) -> int:
        """Remove objects; return how many."""
        count = 0
        for name in names:
            self._storage.delete(_at(name))
            count += 1
        return count

    def switch(self, backup: BackupList) -> None:
        """Make this list the backup. Everything that it names is durable."""
        self._storage.replace(LIST, list_bytes(backup))

    def tidy(self) -> None:
        """Remove what an interrupted writer left half written. Only one backup is made at a time."""
        self._storage.tidy()

    def _place(self, name: str) -> Place:
        return self._storage.place(_at(name))


class Copying:
    """One backup in the making: what is there already is not written again."""

    def __init__(self, objects: BackupObjects, *, check: bool) -> None:
        """Look at what the place has; with ``check`` every piece that is used again is read first."""
        self._objects = objects
        objects.tidy()
        self.before = objects.newest()
        self._known = set() if check or self.before is None else self.before.pieces()
        self._there = objects.names()
        self._files = {} if self.before is None else {file.path: file for file in self.before.files}
        self.copied = 0
        """Bytes that were written."""

    def same(self, path: str, sha256: str | None = None) -> BackedUpFile | None:
        """A file of the backup before, where all its pieces are there; with a digest, only if it has it."""
        file = self._files.get(path)
        if file is None or (sha256 is not None and file.sha256 != sha256):
            return None
        for name in file.pieces:
            if name in self._there and name not in self._known:
                self._check_left(name, path)
        return file if self._there.issuperset(file.pieces) else None

    def file(self, path: str, source: Path) -> BackedUpFile:
        """Copy a file as it is now. Raises ``OSError`` where it cannot be read."""
        with source.open("rb") as stream:
            return self._take(path, iter(lambda: stream.read(PIECE), b""))

    def data(self, path: str, content: bytes) -> BackedUpFile:
        """Copy a file that was read."""
        return self._take(path, (content[at : at + PIECE] for at in range(0, len(content), PIECE)))

    def small(self, files: Iterable[tuple[str, bytes]]) -> list[BackedUpFile]:
        """Copy many small files that were read, many at a time."""
        found: list[BackedUpFile] = []

        def missing() -> Iterator[tuple[str, bytes]]:
            for path, content in files:
                pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)]
                names = [hashlib.sha256(piece).hexdigest() for piece in pieces]
                whole = hashlib.sha256(content).hexdigest()
                found.append(BackedUpFile(path, len(content), whole, tuple(names)))
                yield from self._missing(zip(names, pieces, strict=True), path)

        self._objects.put(missing())
        return found

    def _take(self, path: str, pieces: Iterable[bytes]) -> BackedUpFile:
        digest, size = hashlib.sha256(), 0
        names: list[str] = []

        def named() -> Iterator[tuple[str, bytes]]:
            nonlocal size
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                names.append(hashlib.sha256(piece).hexdigest())
                yield names[-1], piece

        self._objects.put(self._missing(named(), path))
        return BackedUpFile(path, size, digest.hexdigest(), tuple(names))

    def _missing(self, pieces: Iterable[tuple[str, bytes]], path: str) -> Iterator[tuple[str, bytes]]:
        """Those pieces that are not there. What an interrupted backup left is looked at before it is relied on."""
        for name, data in pieces:
            if name in self._there and name not in self._known:
                self._check_left(name, path)
            if name not in self._there:
                self.copied += len(data)
                yield name, data
            self._there.add(name)
            self._known.add(name)

    def _check_left(self, name: str, path: str) -> None:
        self._known.add(name)
        try:
            self._objects.piece(name, path)
        except VerificationError:  # it is written again
            self._objects.remove([name])
            self._there.discard(name)

    def finish(self, backup: BackupList) -> int:
        """Make it the backup, and remove what no list names any more; return how many objects went."""
        lacking = backup.pieces() - self._there
        if lacking:
            raise StoreError(
                f"{len(lacking)} pieces of the backup were not written",
                place=self._objects.place,
                remedy="report this: it is a bug; the backup of before is whole",
            )
        self._objects.switch(backup)
        return self._objects.remove(sorted(self._objects.names() - backup.pieces()))


def _at(name: str) -> str:
    return f"{_OBJECTS}/{name[:2]}/{name}"


_OTHER = "take another backup: nothing of this one was used"
