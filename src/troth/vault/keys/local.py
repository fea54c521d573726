"""Roots in files of their own: ``root.1``, ``root.2`` …, each for its owner alone (mode 0600).

Whoever can read such a file can open every copy of the key database that has its version. Whoever can write it can make
the keyring refuse to open; they cannot make it open anything else.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError
from troth.types.moment import Moment
from troth.vault.keys.keeper import ROOT_BYTES, Evidence

_NAME = re.compile(r"root\.([1-9][0-9]{0,17})\Z", re.ASCII)
_MAGIC = b"troth:root:1\n"
_FILE_BYTES = len(_MAGIC) + 8 + ROOT_BYTES + 32
_NOT_REACHED = (
    "Not reached by this: blocks that the disk itself put aside (wear-levelling of an SSD), snapshots of the volume, "
    "a file system that writes changes elsewhere, swapped memory, and copies that somebody made of the file."
)
_OTHERS = 0o077


class LocalKeeper:
    """Keeps roots in a folder of this machine, which belongs on another disk, or at least in no backup."""

    def __init__(self, folder: Path, clock: Callable[[], Moment], name: str = "local") -> None:
        """The keeper in a folder, which need not be there yet. ``clock`` gives the present moment (UTC)."""
        self.name = name
        self._folder = folder
        self._clock = clock

    @property
    def statement(self) -> str:
        """What makes a root destroyed here."""
        return (
            "The file of the root is overwritten with random bytes, written through to the disk, read back and compared, "
            f"and removed. {_NOT_REACHED}"
        )

    def versions(self) -> list[int]:
        """See `RootKeeper`. A damaged file counts."""
        with self._told(self._folder, "cannot be listed"):
            names = [file.name for file in self._folder.iterdir()] if self._folder.is_dir() else []
        return sorted(int(found[1]) for found in map(_NAME.match, names) if found)

    def make(self, version: int) -> None:
        """See `RootKeeper`. Raises `VaultError` where the version is there, or cannot be written; then nothing is left."""
        file = self._file(version)
        with self._told(file, "cannot be written"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                _write_through(descriptor, root_file(version, os.urandom(ROOT_BYTES)))
            except OSError:
                file.unlink()
                raise
            finally:
                os.close(descriptor)
            sync_folder(self._folder)

    def get(self, version: int) -> bytes:
        """See `RootKeeper`. A file that others than its owner may read is refused."""
        file = self._file(version)
        with self._told(file, "cannot be read"):
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                mode = os.fstat(descriptor).st_mode
                data = os.read(descriptor, _FILE_BYTES + 1)
            finally:
                os.close(descriptor)
        if stat.S_IMODE(mode) & _OTHERS:
            raise VaultError(
                "others than its owner may read the root",
                place=Place(str(file)),
                remedy="make its mode 0600, and destroy something soon: that replaces a root that may have been read",
            )
        return read_root_file(data, version, str(file))

    def destroy(self, version: int) -> Evidence:
        """See `RootKeeper`: overwritten, on the disk, read back, removed, and the removal on the disk."""
        file = self._file(version)
        with self._told(file, "cannot be destroyed"):
            descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
            try:
                _overwrite(descriptor, file)
            finally:
                os.close(descriptor)
            file.unlink()
            sync_folder(self._folder)
        how = (
            f"The file {file.name} was overwritten with random bytes, written through to the disk, read back and found "
            f"overwritten, and removed. {_NOT_REACHED}"
        )
        return Evidence(self.name, version, how, None, self._clock())

    def _file(self, version: int) -> Path:
        return self._folder / f"root.{version}"

    @contextmanager
    def _told(self, file: Path, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise VaultError(
                f"the root {what}: {problem.strerror}",
                place=Place(str(file)),
                remedy="look after the folder, its disk and its permissions, and do it again",
            ) from problem


def root_file(version: int, root: bytes) -> bytes:
    """The content of a root's file (``docs/formats/keys.md``, "Root")."""
    content = _MAGIC + version.to_bytes(8, "big") + root
    return content + hashlib.sha256(content).digest()


def read_root_file(data: bytes, version: int, file: str) -> bytes:
    """The root in a file's content. Raises `VaultError` unless it is whole, and of this version."""
    content, check = data[:-32], data[-32:]
    start = len(_MAGIC)
    if len(data) != _FILE_BYTES or hashlib.sha256(content).digest() != check or content[:start] != _MAGIC:
        raise VaultError(
            "the file of the root is damaged",
            place=Place(file),
            remedy="open the keyring with another keeper of its root; without one its keys are lost",
        )
    found, root = int.from_bytes(content[start : start + 8], "big"), content[start + 8 :]
    if found != version:
        raise VaultError(
            f"the file holds version {found} of the root, and is named for version {version}",
            place=Place(file),
            remedy="put back the file that had this name",
        )
    return root


def _overwrite(descriptor: int, file: Path) -> None:
    size = max(os.fstat(descriptor).st_size, _FILE_BYTES)
    noise = os.urandom(size)
    _write_through(descriptor, noise)
    # Let go of what is in memory, so that the disk is read where the system allows it.
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    if os.pread(descriptor, size + 1, 0) != noise:
        raise VaultError(
            "the root was overwritten, and reads as something else",
            place=Place(str(file)),
            remedy="the disk does not keep what is written: take it out of use, and destroy it",
        )


def _write_through(descriptor: int, data: bytes) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], done)
    os.fsync(descriptor)
