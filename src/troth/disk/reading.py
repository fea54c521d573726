"""A file that many may read at once, and that nobody replaces the company of while somebody reads.

Whoever may open the file may hold the lock, and keep others waiting; nothing else follows.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def while_read(path: Path) -> Iterator[None]:
    """Wait until nobody has the file to themselves, and share it. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unread(path: Path) -> Iterator[bool]:
    """Have the file to oneself: False at once where somebody reads it. Raises ``OSError``.

    The system lets go of it when a process dies.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
