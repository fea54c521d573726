"""Where the segments lie: a folder, or an object store (`troth.vault.segments.chosen` says which).

Whoever can write there can remove segments or put others in their place; the index has the digest of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa

from troth.errors import Place, VaultError

SUFFIX: Final = ".parquet"
PARTIAL: Final = ".partial"
_PIECE: Final = 1 << 20

Fill = Callable[[Path], None]
"""Writes the content of a segment into a file that is not there yet."""


@dataclass(frozen=True, slots=True)
class Written:
    """A segment that is where it belongs: its bytes and their SHA-256."""

    size: int
    digest: bytes


class SegmentFiles(Protocol):
    """The files of the segments. Each appears whole and durable under its number, and is never changed.

    Where nothing else is said, a method raises `VaultError`, naming the file, where the place cannot be read or written.
    """

    def place(self, number: int) -> str:
        """Where a segment lies, for messages: a path or a URL."""

    def write(self, number: int, fill: Fill) -> Written:
        """Make segment ``number``, durable when this returns, and tell what is there as it is read back.

        Nobody else may write this number. What a writer that was killed left under it is replaced. What ``fill`` raises
        goes through, and ``OSError`` becomes a `VaultError`; then there is no such segment.
        """

    def opened(self, number: int) -> AbstractContextManager[pa.NativeFile]:
        """A segment, whole. Raises ``FileNotFoundError`` where there is none, and ``OSError`` where a disk is damaged."""

    def plain(self, numbers: Sequence[int], folder: Path) -> list[Path]:
        """Parquet files that have the plain columns of segments, in a folder of the run where they have to be fetched."""

    def remove(self, numbers: Collection[int]) -> None:
        """Remove segments, durably; nothing happens for one that is not there."""

    def tidy(self, known: Collection[int], newest: int) -> None:
        """Remove what killed writers left: files without a number, and numbers that are not known.

        Only who lets nobody else write may call it. Raises `VaultError` for a segment above the newest number: then the
        index is older than the segments, and nothing is removed.
        """

    def elsewhere(self) -> Iterator[tuple[str, Path]]:
        """Every file that does not lie in a folder: its place, and a copy of it that is there for one step."""


def segment_name(number: int) -> str:
    """The name of a segment's file."""
    return f"{number:09d}{SUFFIX}"


def number_of(name: str) -> int | None:
    """The number of the segment that has a name; None where it is the name of none."""
    number = name.removesuffix(SUFFIX)
    return (
        int(number) if number.isascii() and number.isdigit() and name == segment_name(int(number)) else None
    )


def leftovers(found: Collection[int], known: Collection[int], newest: int, place: str) -> list[int]:
    """The numbers that killed writers left. Raises `VaultError` where the index is older than a segment."""
    if newer := [number for number in found if number > newest]:
        raise VaultError(
            f"there is a segment {max(newer)}, and the index ends with {newest}: it is an older one",
            place=Place(place),
            remedy="put the newest vault.db back; or, if these segments are of another vault, move them away",
        )
    return sorted(set(found) - set(known))


def digest_of(file: pa.NativeFile) -> bytes:
    """The SHA-256 of a file from where it stands to its end. Raises ``OSError``."""
    digest = hashlib.sha256()
    while len(piece := file.read_buffer(_PIECE)):
        digest.update(piece)
    return digest.digest()


def written(path: Path) -> Written:
    """The size and digest of a file. Raises ``OSError``."""
    with pa.OSFile(str(path), "rb") as file:
        return Written(file.size(), digest_of(file))


@contextmanager
def told(place: str, done: str = "written") -> Iterator[None]:
    """Whatever the system says against it, as a `VaultError`."""
    try:
        yield
    except OSError as problem:
        raise VaultError(
            f"the segment cannot be {done}: {problem.strerror or problem}",
            place=Place(place),
            remedy="make room, or mend the permissions or the connection, and run it again: what was acknowledged is"
            " there",
        ) from problem
