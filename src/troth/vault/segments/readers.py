"""Who reads the segments just now: two locks, so that files which nobody can be reading any more are known.

A reader holds one of the two from before it lists the segments to its end. Whoever can write the files can hold them,
and so keep old files from being removed.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from troth.disk.reading import unread
from troth.vault.segments.files import told

LOCKS: Final = (0, 1)
"""The two locks."""
_PAUSE: Final = 0.05


class Hold:
    """A shared lock, held until it is let go of, or nobody knows it any more."""

    def __init__(self, path: Path) -> None:
        """Wait for the lock. Raises ``VaultError``."""
        self._descriptor = -1
        with told(str(path), "read"):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go of it. A second time it does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()


class Readers:
    """The locks of those who read."""

    def __init__(self, folder: Path) -> None:
        """The locks in a folder."""
        self._folder = folder

    def enter(self, which: int) -> Hold:
        """Hold one of the locks, together with others."""
        return Hold(self._path(which))

    @contextmanager
    def nobody(self, which: int) -> Iterator[bool]:
        """Whether nobody holds one of the locks; where it is so, nobody takes it while the context is open."""
        with alone_at_once(self._path(which)) as alone:
            yield alone

    def _path(self, which: int) -> Path:
        return self._folder / f"readers-{which}.lock"


@contextmanager
def alone_at_once(path: Path) -> Iterator[bool]:
    """Hold a lock, if nobody else does; the system lets go of it when a process dies. Raises ``VaultError``."""
    with ExitStack() as stack:
        with told(str(path)):
            path.touch(mode=0o600)
            alone = stack.enter_context(unread(path))
        yield alone


@contextmanager
def alone_soon(path: Path, patience: float) -> Iterator[bool]:
    """Hold a lock as soon as nobody else does, if that is within so many seconds. Raises ``VaultError``."""
    until = time.monotonic() + patience
    while True:
        with alone_at_once(path) as alone:
            if alone or time.monotonic() > until:
                yield alone
                return
        time.sleep(_PAUSE)
