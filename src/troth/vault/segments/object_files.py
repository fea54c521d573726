"""The segments in an object store, through fsspec. A store puts an object whole or not at all, and nothing is renamed.

Who can write the bucket can do what `files` says. Nothing there can be opened without the keys.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from troth.disk.objects import Objects
from troth.errors import Place, VaultError
from troth.types.record import DECIDING_COLUMNS
from troth.vault.segments.files import (
    PARTIAL,
    Fill,
    Written,
    digest_of,
    leftovers,
    number_of,
    segment_name,
    told,
    written,
)


class ObjectFiles:
    """Segments as objects under a URL, as `SegmentFiles` has it."""

    def __init__(self, url: str, folder: Path) -> None:
        """The segments at a URL; ``folder`` is where one is written before it is sent. Raises `VaultError`."""
        self._folder = folder
        try:
            self._objects = Objects(url)
        except OSError as problem:
            raise VaultError(
                f"there is no way to the place of the segments: {problem}",
                place=Place(url),
                remedy="install the package that is named, or mend the URL or the rights to it",
            ) from problem

    def place(self, number: int) -> str:
        """The URL of a segment."""
        return self._objects.place(segment_name(number))

    def write(self, number: int, fill: Fill) -> Written:
        """Write a segment into a file, send it, and fetch it again: what came back is what was sent, or an error."""
        name = segment_name(number)
        partial = self._folder / f".{name}{PARTIAL}"
        with told(self.place(number)):
            try:
                fill(partial)
                sent = written(partial)
                self._objects.put_file(partial, name)
            finally:
                partial.unlink(missing_ok=True)
            with self.opened(number) as file:
                came = Written(file.size(), digest_of(file))
        if came != sent:
            raise VaultError(
                f"the store gave {came.size:,} bytes back for {sent.size:,}, or others than were sent",
                place=Place(self.place(number)),
                remedy="run it again; if it stays, the store cannot be trusted with segments",
            )
        return sent

    @contextmanager
    def opened(self, number: int) -> Iterator[pa.NativeFile]:
        """A segment, fetched once into a file of this process that has no name: what is compared is what is read."""
        descriptor, name = tempfile.mkstemp(prefix="troth-segment-")
        try:
            with os.fdopen(descriptor, "wb") as fetched:
                _fetch(self._objects, segment_name(number), fetched)
            file = pa.OSFile(name, "rb")
        finally:
            Path(name).unlink()
        with file:
            yield file

    def plain(self, numbers: Sequence[int], folder: Path) -> list[Path]:
        """The plain columns, without what is sealed: of a segment only the parts that hold them are fetched."""
        return [self._plain(number, folder) for number in numbers]

    def remove(self, numbers: Collection[int]) -> None:
        """Remove the objects of segments."""
        for number in numbers:
            with told(self.place(number), "removed"):
                self._objects.delete(segment_name(number))

    def tidy(self, known: Collection[int], newest: int) -> None:
        """Remove what was not sent, and objects of numbers that are not known."""
        with told(self._objects.url, "removed"):
            names = self._objects.list()
            found = {number for name in names if (number := number_of(name)) is not None}
            self.remove(leftovers(found, known, newest, self._objects.url))
            for file in self._folder.glob(f".*{PARTIAL}"):
                file.unlink(missing_ok=True)

    def elsewhere(self) -> Iterator[tuple[str, Path]]:
        """Every object, one by one."""
        with told(self._objects.url, "listed"):
            names = self._objects.list()
        for name in names:
            with tempfile.TemporaryDirectory(prefix="troth-segment-") as folder:
                path = Path(folder) / PurePosixPath(name).name
                with told(self._objects.place(name), "read"), path.open("xb") as file:
                    _fetch(self._objects, name, file)
                yield self._objects.place(name), path

    def _plain(self, number: int, folder: Path) -> Path:
        path = folder / segment_name(number)
        columns = [*DECIDING_COLUMNS, "slot"]
        try:
            with self._objects.opened(path.name) as found, pq.ParquetFile(found, pre_buffer=True) as file:
                schema = pa.schema([file.schema_arrow.field(name) for name in columns])
                with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
                    for group in range(file.num_row_groups):
                        writer.write_table(file.read_row_group(group, columns))
        except (OSError, KeyError, pa.ArrowException) as problem:
            raise VaultError(
                f"the plain columns cannot be read: {str(problem).splitlines()[0]}",
                place=Place(self.place(number)),
                remedy="mend the connection, or put the segment back from a backup: segments are never changed",
            ) from problem
        return path


def _fetch(objects: Objects, name: str, file: IO[bytes]) -> None:
    """Copy an object into a file. Raises ``FileNotFoundError``, and `VaultError` where the store cannot be reached."""
    try:
        for piece in objects.pieces(name):
            file.write(piece)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise VaultError(
            f"the segment cannot be fetched: {problem}",
            place=Place(objects.place(name)),
            remedy="mend the connection or the rights to it, and run it again",
        ) from problem
