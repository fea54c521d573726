"""Files that are on the disk, whole, before the next step is taken; and a lock that threads and processes respect."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist, durably. Raises ``FileExistsError`` and ``OSError``; then nothing is left."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        _fill(descriptor, data)
        sync_folder(path.parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def replace_whole(path: Path, data: bytes) -> None:
    """Give a file new content, durably: whoever reads it finds the old or the new one. Raises ``OSError``.

    Only one writer at a time may do so, as under `locked`.
    """
    partial = path.with_name(f".{path.name}.partial")
    _fill(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), data)
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock, and hold it. The system lets go of it when a process dies. Raises ``OSError``.

    The lock belongs to the opened file, so that threads of one process wait for one another, too.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fill(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
