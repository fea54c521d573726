"""Objects under a URL of fsspec: an object store, where a name holds a whole object or nothing, and nothing is renamed.

Who can write there can remove, change or add objects; whoever reads must compare what comes with what it knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import fsspec

_PROBLEMS: Final = (OSError, ValueError, RuntimeError, ImportError)
"""What fsspec and the file systems under it raise: no such store, no right, no connection, no driver."""
_PIECE: Final = 4 << 20


class Objects:
    """Named objects. A path is relative, with ``/`` between its parts.

    Every method raises ``OSError`` where the store cannot be reached, ``FileNotFoundError`` where it has no such object.
    """

    def __init__(self, url: str) -> None:
        """The objects under a URL."""
        self.url = url.rstrip("/")
        self._files: Any
        with _told():
            self._files, root = fsspec.core.url_to_fs(self.url)
        self._root = str(root).rstrip("/")

    def place(self, path: str) -> str:
        """The URL of an object."""
        return f"{self.url}/{path}"

    def read(self, path: str) -> bytes:
        """The whole of an object."""
        with _told():
            return bytes(self._files.cat_file(self._at(path)))

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Put objects, many at once, in the place of what is there. Each is there whole or not at all."""
        named = {self._at(path): data for path, data in objects.items()}
        with _told():
            try:
                self._files.pipe(named)
            except FileNotFoundError:  # a file system that has folders
                for folder in {path.rpartition("/")[0] for path in named}:
                    self._files.makedirs(folder, exist_ok=True)
                self._files.pipe(named)

    def put_file(self, file: Path, path: str) -> None:
        """Put one object that is as long as a file is, a piece at a time."""
        with _told():
            self._files.put_file(str(file), self._at(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """The content of an object, a few megabytes at a time."""
        with self.opened(path) as found:
            while piece := _read(found):
                yield piece

    @contextmanager
    def opened(self, path: str) -> Iterator[BinaryIO]:
        """An object, to be read in parts: what is asked for is fetched, and little more."""
        with _told():
            found = self._files.open(self._at(path), "rb")
        try:
            yield found
        finally:
            found.close()

    def delete(self, path: str) -> None:
        """Remove an object; nothing happens where there is none."""
        with _told():
            try:
                self._files.rm_file(self._at(path))
            except FileNotFoundError:
                return

    def list(self, folder: str = "") -> list[str]:
        """The paths of the objects below a folder (``""`` for all), in ascending order."""
        at = self._at(folder).rstrip("/")
        with _told():
            self._files.invalidate_cache()  # a listing of before may be remembered
            try:
                found = sorted(self._files.find(at))
            except FileNotFoundError:
                return []
        return [str(path).removeprefix(f"{self._root}/") for path in found]

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"


def _read(found: BinaryIO) -> bytes:
    with _told():
        return bytes(found.read(_PIECE))


@contextmanager
def _told() -> Iterator[None]:
    """Whatever a file system of fsspec raises, as ``OSError``."""
    try:
        yield
    except OSError:
        raise
    except _PROBLEMS as problem:
        raise OSError(str(problem)) from problem
