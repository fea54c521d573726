"""The files of a ledger in a folder. Each is written beside the others under ``.new/``, made durable, and moved.

Who can write the folder can do what `storage` says; ``.new/`` holds nothing that is ever read.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from troth.disk.durable import sync_folder
from troth.errors import LedgerError, Place
from troth.ledger.immutable import same_or_refuse

_UNFINISHED = ".new"
_AT_ONCE = 8
"""Files made durable at the same time: a disk writes several in the time of one."""
_BATCH = 256
"""Files of a batch. Their folders are made durable once for each batch."""


class LocalStorage:
    """A folder of files, as `Storage` has it. Files that are moved into place are durable before their names are."""

    def __init__(self, folder: Path) -> None:
        """The storage in a folder, which need not be there yet."""
        self._folder = folder
        self._numbers = itertools.count()
        self._durable: set[Path] = set()

    def place(self, path: str) -> Place:
        """The file."""
        return Place(str(self._folder / path))

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise self._failed("read", path, problem) from problem

    def write(self, path: str, data: bytes) -> None:
        """Write one immutable file."""
        self.write_all([(path, data)])

    def write_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Write immutable files, in batches that are each durable before the next."""
        waiting = iter(objects)
        while batch := list(itertools.islice(waiting, _BATCH)):
            missing = [(path, data) for path, data in batch if not self._is_there(path, data)]
            # The names of those that are there may not be durable yet: a killed writer has put them there.
            self._move(missing, {(self._folder / path).parent for path, _ in batch})

    def replace(self, path: str, data: bytes) -> None:
        """Write a file in the place of what is there."""
        self._move([(path, data)], {(self._folder / path).parent})

    def delete(self, path: str) -> None:
        """Remove a file, and its folder where that is then empty."""
        file = self._folder / path
        try:
            file.unlink(missing_ok=True)
        except OSError as problem:
            raise self._failed("removed", path, problem) from problem
        with suppress(OSError):  # it is not empty, or gone
            file.parent.rmdir()

    def list(self, folder: str) -> Iterator[str]:
        """The files below a folder."""
        yield from self._below(folder.rstrip("/"))

    def tidy(self) -> None:
        """Remove what is under ``.new/``."""
        unfinished = self._folder / _UNFINISHED
        try:
            for file in unfinished.iterdir() if unfinished.is_dir() else ():
                file.unlink(missing_ok=True)
        except OSError as problem:
            raise self._failed("tidied", _UNFINISHED, problem) from problem

    def _is_there(self, path: str, data: bytes) -> bool:
        there = self.read(path)
        if there is not None:
            same_or_refuse(self.place(path), there, data)
        return there is not None

    def _move(self, objects: Sequence[tuple[str, bytes]], folders: set[Path]) -> None:
        """Write every file under ``.new/``, durably; move each; then make the names in the folders durable."""
        path = str(self._folder)
        try:
            for folder in (self._folder / _UNFINISHED, *sorted(folders)):
                self._make(folder)
            written = self._write_each(objects)
            for named, new in zip(objects, written, strict=True):
                path = named[0]
                self._name(named, new)
            for folder in folders:
                sync_folder(folder)
        except OSError as problem:
            raise self._failed("put in its place", path, problem) from problem

    def _name(self, named: tuple[str, bytes], new: Path) -> None:
        place = self._folder / named[0]
        try:
            new.rename(place)
        except FileNotFoundError:
            # It was tidied away by who holds the writer's lock: cosigned checkpoints are written without it.
            self._write_new(named).rename(place)

    def _write_each(self, objects: Sequence[tuple[str, bytes]]) -> Sequence[Path]:
        if len(objects) < _AT_ONCE:  # to start threads takes longer than they would save
            return [self._write_new(named) for named in objects]
        with ThreadPoolExecutor(_AT_ONCE) as crew:
            return list(crew.map(self._write_new, objects))

    def _write_new(self, named: tuple[str, bytes]) -> Path:
        path, data = named
        while True:
            file = self._folder / _UNFINISHED / f"{os.getpid()}-{next(self._numbers)}"
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                break
            except FileExistsError:  # of a killed writer that had the same process id
                continue
            except OSError as problem:
                raise self._failed("written", path, problem) from problem
        try:
            with os.fdopen(descriptor, "wb") as whole:
                whole.write(data)
                whole.flush()
                os.fsync(whole.fileno())
        except OSError as problem:
            file.unlink(missing_ok=True)
            raise self._failed("written", path, problem) from problem
        return file

    def _make(self, folder: Path) -> None:
        """Make a folder, and those above it. Its name is durable, also where a killed writer had made it."""
        if folder in self._durable and folder.is_dir():
            return
        if self._folder in folder.parents or not folder.parent.is_dir():
            self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
        self._durable.add(folder)

    def _below(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self._folder / folder) as found:
                names = sorted((f"{one.name}/" if one.is_dir() else one.name) for one in found)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as problem:
            raise self._failed("listed", folder, problem) from problem
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if name == f"{_UNFINISHED}/":
                continue
            if name.endswith("/"):
                yield from self._below(path.rstrip("/"))
            else:
                yield path

    def _failed(self, what: str, path: str, problem: OSError) -> LedgerError:
        return LedgerError(
            f"the file cannot be {what}: {problem.strerror or problem}",
            place=self.place(path),
            remedy="make room or mend the permissions, and run it again: what was accepted stands in the store",
        )
