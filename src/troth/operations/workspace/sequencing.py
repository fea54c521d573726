"""What the store has accepted goes into the ledger, and its checkpoint to the witnesses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from troth.errors import LedgerError
from troth.ledger.log import vkeys_of
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.sequence import sequence as into_ledger
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.witnesses import Asked, ask_witnesses

PATIENCE = 60.0
"""Seconds that a command waits for another process to commit what it needs."""
_PAUSE = 0.05
EVERY = 0.4
"""Seconds between two looks of a process that follows the store."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Where the ledger stands after a look at what was pending."""

    size: int
    root: str
    """Hexadecimal."""
    entries: int
    """How many entries this process has added."""
    cosigned: tuple[str, ...]
    """The names of the witnesses that cosigned the checkpoint."""
    warnings: tuple[str, ...]

    @property
    def line(self) -> str:
        """Where the ledger stands, in one line."""
        witnesses = f", cosigned by {', '.join(self.cosigned)}" if self.cosigned else ""
        entries = f"{self.size:,} entr{'y' if self.size == 1 else 'ies'}"
        return f"{entries}, {self.entries:,} of them new{witnesses}"


def sequence(folder: Path, progress: Progress = silent) -> Sequenced:
    """Commit what is pending. Raises ``StoreError`` and `LedgerError`."""
    with opened(folder, closed=True) as found:
        return sequence_pending(found, progress)


def sequence_pending(workspace: Workspace, progress: Progress = silent) -> Sequenced:
    """Commit what is pending, or wait until the process that holds the writer's lock has done it; ask the witnesses.

    Raises `LedgerError` where the ledger cannot go on, or the other process does not come to an end.
    """
    progress("sequence", 0, None)
    entries, warnings = _commit(workspace)
    asked = ask_witnesses(workspace)
    return _state(workspace, entries, asked.cosigned, (*warnings, *asked.warnings))


def _commit(workspace: Workspace) -> tuple[int, tuple[str, ...]]:
    """Commit what is pending; give how many entries this process added, and warnings."""
    until = time.monotonic() + PATIENCE
    entries = 0
    warnings: list[str] = []
    while True:
        done = into_ledger(
            workspace.store,
            workspace.storage,
            workspace.signers,
            workspace.heads,
            workspace.completeness,
            now,
        )
        entries += done.entries
        warnings.extend(done.warnings)
        if not done.left or _is_published(workspace):
            return entries, tuple(warnings)
        if time.monotonic() > until:
            remedy = "look for a process that writes to this workspace, or call troth sequence later"
            raise LedgerError("another process holds the ledger and does not let go", remedy=remedy)
        time.sleep(_PAUSE)


def _is_published(workspace: Workspace) -> bool:
    """Whether the process that holds the lock has brought everything that was accepted into the ledger's files."""
    if workspace.store.pending(1):
        return False
    head = workspace.store.head()
    _, newest = read_published(workspace.storage, CHECKPOINT, vkeys_of(workspace.signers))
    return head is not None and newest.size >= head.size


def _state(
    workspace: Workspace, entries: int, cosigned: tuple[str, ...], warnings: tuple[str, ...]
) -> Sequenced:
    head = workspace.store.head()
    if head is None:
        raise LedgerError("the ledger has not begun", remedy="make the workspace again with troth init")
    return Sequenced(head.size, head.root.hex(), entries, cosigned, tuple(dict.fromkeys(warnings)))


def follow(folder: Path, stop: threading.Event) -> Iterator[Sequenced]:
    """Commit what is pending, again and again; give each state in which something was added or went wrong.

    Nothing waits longer than a second, unless the disk does: witnesses are asked by a thread of its own. Ends
    soon after ``stop`` is set. Raises ``StoreError`` and `LedgerError`.
    """
    with opened(folder, closed=True) as found, ThreadPoolExecutor(1) as pool:
        asking: Future[Asked] | None = None
        stale = True
        while True:
            entries, warnings = _commit(found)
            stale = stale or entries > 0
            if asking is not None and asking.done():
                asked, asking = asking.result(), None
                yield _state(found, 0, asked.cosigned, asked.warnings)
            if stale and asking is None and found.witnesses is not None:
                asking, stale = pool.submit(_ask, folder), False
            if entries or warnings:
                yield _state(found, entries, (), warnings)
            if stop.wait(EVERY):
                return


def _ask(folder: Path) -> Asked:
    with opened(folder, closed=True) as found:
        return ask_witnesses(found)
