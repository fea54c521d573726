"""Giving what is pending in the store its place in the ledger (``docs/ledger.md``, "What a crash can leave")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from troth.errors import LedgerError
from troth.ledger.complete import Completeness
from troth.ledger.entries import BATCH, entries_at
from troth.ledger.log import Log, open_log, vkeys_of
from troth.ledger.memory import Heads
from troth.ledger.reader import TileReader
from troth.ledger.signers import Signer
from troth.ledger.storage import Storage
from troth.store.interface import Head, Store
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What sequencing did.

    ``size`` and ``root`` are those of the log when it ended; ``entries`` were logged, and ``mended`` written again
    after a crash. ``left`` says that another process holds the writer's lock, and what is pending is left to it.
    """

    size: int
    root: bytes
    entries: int
    mended: int
    left: bool
    warnings: tuple[str, ...]


def sequence(
    store: Store,
    storage: Storage,
    signers: Sequence[Signer],
    memory: Heads,
    completeness: Completeness,
    clock: Callable[[], Moment],
) -> Sequenced:
    """Log all that is pending, in the order in which it was accepted; first bring the ledger to the store's head.

    Returns at once where another process is at it. Raises `LedgerError` for a fork, a rollback, a missing or changed
    file, and where another writer moved the head meanwhile; what the store has committed is then written next time.
    """
    entries = mended = 0
    warnings: dict[str, None] = {}
    while True:
        with store.writer_lock() as held:
            if not held:
                break
            log, again = _look(store, storage, signers, memory, warnings)
            mended += again
            completeness.require(log.head.size)
            entries += _log_pending(store, log, signers, memory, clock, warnings)
        # Who came while the lock was held has left its rows to us.
        if not store.pending(1):
            break
    head = _head(store)
    return Sequenced(head.size, head.root, entries, mended, not held, tuple(warnings))


def _look(
    store: Store,
    storage: Storage,
    signers: Sequence[Signer],
    memory: Heads,
    warnings: dict[str, None],
) -> tuple[Log, int]:
    head = _head(store)
    log, again = open_log(storage, signers, head, store.logged)
    reader = TileReader(storage, head.size, head.root)
    warnings.update(dict.fromkeys(memory.check(vkeys_of(signers), head, reader.root_at)))
    return log, again


def _log_pending(
    store: Store,
    log: Log,
    signers: Sequence[Signer],
    memory: Heads,
    clock: Callable[[], Moment],
    warnings: dict[str, None],
) -> int:
    entries = 0
    while rows := store.pending(BATCH):
        # A clock that was set back must not make the times of the log go back.
        at = max(clock(), log.head.at)
        planned = log.plan(entries_at(at, rows), at)
        store.assign([row.seq for row in rows], log.head.size, at, planned.old, planned.new)
        warnings.update(dict.fromkeys(memory.remember(vkeys_of(signers), planned.new)))
        log.write(planned)
        entries += len(rows)
    return entries


def _head(store: Store) -> Head:
    head = store.head()
    if head is None:
        raise LedgerError(
            "the store knows of no ledger",
            remedy="start the workspace with `troth init`; if it was started, restore the store from its backup",
        )
    return head
