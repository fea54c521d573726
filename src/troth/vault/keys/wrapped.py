"""Wrapped roots in files: each is sealed under a key that another keeper holds, and is of no use without that key.

Whoever can read such a file has ciphertext, and learns which key opens it. Whoever can write it can make the keyring refuse
to open; they cannot make it open anything else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError

MARK_BYTES = 16

_NAME = re.compile(r"wrapped\.([1-9][0-9]{0,17})\.([0-9a-f]{32})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class WrappedRoot:
    """One version of a root, as a file holds it.

    ``mark`` is 32 random hexadecimal digits that its key carries at the keeper, so that the key is found again where the
    making was interrupted or the file is damaged. ``key`` and ``wrapped`` are the keeper's words for the key and the
    ciphertext; both are empty until the making is done.
    """

    version: int
    mark: str
    key: str = ""
    wrapped: str = ""


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keeper: str
    version: int
    key: str
    wrapped: str


class WrappedRoots:
    """The files of one keeper in a folder of this machine; their names have the version and the mark."""

    def __init__(self, folder: Path, kind: str) -> None:
        """``kind`` says what keeper reads them: a file of another one is refused."""
        self._folder = folder
        self._kind = kind

    def marks(self) -> dict[int, str]:
        """The mark of each version that has a file, by ascending version. Raises `VaultError` where one has two."""
        with self._told(self._folder, "cannot be listed"):
            names = [one.name for one in self._folder.iterdir()] if self._folder.is_dir() else []
        found: dict[int, str] = {}
        for version, mark in sorted((int(name[1]), name[2]) for name in map(_NAME.match, names) if name):
            if version in found:
                raise VaultError(
                    f"version {version} of the wrapped root is there twice",
                    place=Place(str(self._folder)),
                    remedy="one of the files came from a backup: move that one away",
                )
            found[version] = mark
        return found

    def find(self, version: int) -> str:
        """The mark of a version. Raises `VaultError` where it has no file."""
        mark = self.marks().get(version)
        if mark is None:
            raise VaultError(
                f"version {version} of the root is not held here",
                place=Place(str(self._folder)),
                remedy="it was destroyed or never made; open the newest key database, with the keeper it was made with",
            )
        return mark

    def read(self, version: int) -> WrappedRoot:
        """A version's file. Raises `VaultError` where it is not there, or not what this keeper wrote."""
        mark = self.find(version)
        file = self._file(version, mark)
        with self._told(file, "cannot be read"):
            data = file.read_bytes()
        try:
            content = msgspec.json.decode(data, type=_Content)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            content = _Content("", 0, "", "")
        if (content.keeper, content.version) != (self._kind, version):
            raise VaultError(
                f"the file of the wrapped root is damaged, or not of the keeper {self._kind!r}",
                place=Place(str(file)),
                remedy="restore this file from a backup, or open the keyring with another keeper of its root",
            )
        return WrappedRoot(version, mark, content.key, content.wrapped)

    def new(self, version: int) -> WrappedRoot:
        """Begin a version: its mark is durable when this returns, and nothing else is known of it."""
        root = WrappedRoot(version, new_mark())
        self.write(root)
        return root

    def write(self, root: WrappedRoot) -> None:
        """Write a version's file, whole or not at all, durably, in the place of what was there."""
        file = self._file(root.version, root.mark)
        data = msgspec.json.encode(_Content(self._kind, root.version, root.key, root.wrapped))
        partial = file.with_name(f".{file.name}.partial")
        with self._told(file, "cannot be written"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(file)
            sync_folder(self._folder)

    def remove(self, version: int) -> None:
        """Overwrite a version's file and remove it, durably. Raises `VaultError`; then it may still be there."""
        file = self._file(version, self.find(version))
        with self._told(file, "cannot be removed"):
            with file.open("r+b") as stream:
                stream.write(os.urandom(max(os.fstat(stream.fileno()).st_size, 1)))
                stream.flush()
                os.fsync(stream.fileno())
            file.unlink()
            sync_folder(self._folder)

    def _file(self, version: int, mark: str) -> Path:
        return self._folder / f"wrapped.{version}.{mark}"

    @contextmanager
    def _told(self, file: Path, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise VaultError(
                f"the wrapped root {what}: {problem.strerror}",
                place=Place(str(file)),
                remedy="look after the folder, its disk and its permissions, and do it again",
            ) from problem


def new_mark() -> str:
    """A mark that nothing else has."""
    return os.urandom(MARK_BYTES).hex()
