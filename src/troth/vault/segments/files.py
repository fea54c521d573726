"""The files of the segments: each appears whole and durable under its number, and is never changed.

Whoever can write the folder can remove segments or put others in their place; the index has the digest of each.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError

_SUFFIX: Final = ".parquet"
_PARTIAL: Final = ".partial"
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """A segment that is on the disk: its bytes and their SHA-256."""

    size: int
    digest: bytes


def segment_path(folder: Path, number: int) -> Path:
    """The file of a segment."""
    return folder / f"{number:09d}{_SUFFIX}"


@contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Wait for the lock of those who write segments, and hold it. The system lets go of it when a process dies."""
    with _told(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def new_segment(folder: Path, number: int) -> Iterator[Path]:
    """A file beside the segments that becomes segment ``number`` at the end, durably, or is removed.

    Only the holder of the lock may call it, with a number that the index does not have: what a writer that was
    killed left under that number is replaced. Raises `VaultError` where it cannot be written.
    """
    path = segment_path(folder, number)
    partial = path.with_name(f".{path.name}{_PARTIAL}")
    with _told(path):
        try:
            yield partial
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            partial.replace(path)
            sync_folder(folder)
        finally:
            partial.unlink(missing_ok=True)


def written(path: Path) -> Written:
    """The size and digest of a file as it is read back."""
    with _told(path):
        return Written(path.stat().st_size, digest_of(path))


def digest_of(path: Path) -> bytes:
    """The SHA-256 of a file. Raises ``OSError``."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()


def tidy(folder: Path, known: int) -> None:
    """Remove what writers that were killed left: files that were not finished, and those above the newest number.

    Only the holder of the lock may call it.
    """
    with _told(folder):
        for file in folder.iterdir():
            number = file.name.removesuffix(_SUFFIX)
            unfinished = file.name.endswith(_PARTIAL)
            unknown = file.suffix == _SUFFIX and number.isdigit() and int(number) > known
            if unfinished or unknown:
                file.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise VaultError(
            f"the segment cannot be written: {problem.strerror or problem}",
            place=Place(str(path)),
            remedy="make room or mend the permissions, and run it again: what was acknowledged is there",
        ) from problem
