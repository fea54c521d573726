"""A power cut: what was not synced when the process died is thrown away, or kept, file by file and name by name.

A file is what it was when it was last synced; a name is where it was when its folder was last synced. What SQLite syncs is
heard of through its own functions for files (`sqlite_steps`).
"""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable
from pathlib import Path

import sqlite_steps

from killing import Steps


class Disk:
    """What of a folder is on the disk for certain. Everything in it is, when this is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        for path in (folder, *folder.rglob("*")):
            self.synced(path)

    def synced(self, path: Path) -> None:
        """A file or folder was synced."""
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            self.names[found.st_ino] = _names_in(path)
        elif stat.S_ISREG(found.st_mode):
            self.content[found.st_ino] = path.read_bytes()

    def write(self, image: Path, chosen: random.Random | None = None) -> None:
        """Write what is left after the cut: what was synced, or of each file and name by chance what is there now."""
        now = {path.stat().st_ino: path for path in (self.folder, *self.folder.rglob("*"))}
        self._folder(self.folder.stat().st_ino, image, now, chosen)

    def _folder(self, inode: int, image: Path, now: dict[int, Path], chosen: random.Random | None) -> None:
        image.mkdir()
        synced = self.names.get(inode, {})
        current = _names_in(now[inode]) if inode in now else synced
        for name in sorted({*synced, *current}):
            of = current if chosen is not None and chosen.random() < 0.5 else synced
            if name in of and not name.endswith(
                "-shm"
            ):  # what SQLite shares in memory is no part of the disk
                self._entry(of[name], image / name, now, chosen)

    def _entry(self, inode: int, image: Path, now: dict[int, Path], chosen: random.Random | None) -> None:
        path = now.get(inode)
        if inode in self.names or (path is not None and path.is_dir()):
            self._folder(inode, image, now, chosen)
            return
        content = self.content.get(inode, b"")
        if path is not None and chosen is not None and chosen.random() < 0.5:
            content = path.read_bytes()
        image.write_bytes(content)
        image.chmod(0o600)


def _names_in(folder: Path) -> dict[str, int]:
    return {entry.name: entry.inode() for entry in os.scandir(folder)}


class Cut(Steps):
    """Cuts the power before the n-th step: an image of the disk is written, and the process killed.

    Every write, sync, truncation and deletion of SQLite is a step too.
    """

    def __init__(self, last: int, folder: Path, image: Path, chosen: random.Random | None) -> None:
        super().__init__(last)
        self._disk, self._image, self._chosen = Disk(folder), image, chosen

    def end(self) -> None:
        self.left = 1 << 60  # what is done from here on is none of the process's own
        self._disk.write(self._image, self._chosen)
        super().end()

    def watch(self) -> None:
        super().watch()
        syncing = os.fsync

        def fsync(descriptor: int) -> None:
            syncing(descriptor)
            self._disk.synced(Path(f"/proc/self/fd/{descriptor}").resolve())

        os.fsync = fsync  # type: ignore[assignment]
        self._sqlite = _InSqlite(self)

    def sqlite_synced(self, file: str) -> None:
        """SQLite has synced a file; of one that it has deleted, or a journal that it has just made, the folder too."""
        path = Path(file)
        if path.exists():
            self._disk.synced(path)
        if not path.exists() or path.name.endswith(("-wal", "-journal")):
            self._disk.synced(path.parent)


class _InSqlite(sqlite_steps.Steps):
    """The steps of SQLite, which are the cut's."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(None, torn=True, synced=cut.sqlite_synced)
        self._cut = cut

    def _step(self, whole: Callable[[], int], half: Callable[[], int] | None = None) -> int:
        self._cut.step(half or (lambda: 0))
        return int(whole())
