"""The segments in a folder. Each is written beside the others, made durable, and moved to its number."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from troth.disk.durable import sync_folder
from troth.vault.segments.files import (
    PARTIAL,
    Fill,
    Written,
    leftovers,
    number_of,
    segment_name,
    told,
    written,
)


class LocalFiles:
    """A folder of segments, as `SegmentFiles` has it."""

    def __init__(self, folder: Path) -> None:
        """The segments in a folder."""
        self._folder = folder

    def place(self, number: int) -> str:
        """The path of a segment."""
        return str(self._path(number))

    def write(self, number: int, fill: Fill) -> Written:
        """Write a segment beside the others, and move it."""
        path = self._path(number)
        partial = path.with_name(f".{path.name}{PARTIAL}")
        with told(str(path)):
            try:
                fill(partial)
                with partial.open("rb") as file:
                    os.fsync(file.fileno())
                partial.replace(path)
                sync_folder(self._folder)
            finally:
                partial.unlink(missing_ok=True)
            return written(path)

    @contextmanager
    def opened(self, number: int) -> Iterator[pa.NativeFile]:
        """The file of a segment."""
        with pa.OSFile(self.place(number), "rb") as file:
            yield file

    def plain(self, numbers: Sequence[int], folder: Path) -> list[Path]:  # noqa: ARG002 — nothing is fetched
        """The files of the segments themselves."""
        return [self._path(number) for number in numbers]

    def remove(self, numbers: Collection[int]) -> None:
        """Remove the files of segments."""
        if not numbers:
            return
        with told(str(self._folder), "removed"):
            for number in numbers:
                self._path(number).unlink(missing_ok=True)
            sync_folder(self._folder)

    def tidy(self, known: Collection[int], newest: int) -> None:
        """Remove unfinished files, and those of numbers that are not known."""
        with told(str(self._folder), "removed"):
            names = [file.name for file in self._folder.iterdir()]
            found = {number for name in names if (number := number_of(name)) is not None}
            unknown = leftovers(found, known, newest, str(self._folder))
            for name in names:
                if name.endswith(PARTIAL):
                    (self._folder / name).unlink(missing_ok=True)
            self.remove(unknown)

    def elsewhere(self) -> Iterator[tuple[str, Path]]:
        """None: all lie in the folder."""
        return iter(())

    def _path(self, number: int) -> Path:
        return self._folder / segment_name(number)
