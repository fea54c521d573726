"""Bringing the files of a ledger to the head of its store, or refusing to (``docs/ledger.md``, steps 2 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from troth.errors import LedgerError
from troth.ledger.edge import Edge, grow
from troth.ledger.entries import entries_again
from troth.ledger.published import CHECKPOINT, check_head, check_same_log, fork, publish, read_published
from troth.ledger.reader import TileReader
from troth.ledger.storage import Storage
from troth.ledger.tiles import checkpoint_path
from troth.ledger.write_tiles import write_edge, write_full
from troth.proof.merkle import Range, leaf_hashes
from troth.proof.note import Vkey
from troth.store.interface import Head, Logged

LoggedRows = Callable[[int, int], Iterator[Logged]]
"""`Store.logged`: the rows from an index to before another."""


def mend(storage: Storage, vkeys: Sequence[Vkey], head: Head, logged: LoggedRows) -> tuple[Edge, int]:
    """Make the files those of the head; return its right edge, and how many entries were written again.

    The files are at the head, or at a state that the head extends: then the entries between are written from the
    rows. Anything else is a `LedgerError` that names the file: a rollback (the files are ahead), a fork (they are
    another log), a file that is missing or changed. Only who holds the writer's lock may call it.
    """
    check_head(head, vkeys)
    storage.tidy()
    newest, published = read_published(storage, CHECKPOINT, vkeys)
    check_same_log(head, published, CHECKPOINT, storage)
    by_size, under_size = read_published(storage, checkpoint_path(published.size), vkeys)
    if under_size != published:
        raise fork(published.size, checkpoint_path(published.size), storage)
    edge = TileReader(storage, published.size, published.root).edge()
    again = head.size - published.size
    if again:
        edge = _write_again(storage, edge, head, logged)
    if not newest == by_size == head.checkpoint:
        publish(storage, vkeys, head)
    return edge, again


def _write_again(storage: Storage, edge: Edge, head: Head, logged: LoggedRows) -> Edge:
    """Write the entries between an edge and the head, once it is known that they lead to the head."""
    start = edge.size
    tree = Range(start, edge.peaks())
    for entries in entries_again(logged(start, head.size), start, head.size):
        tree.extend(leaf_hashes(entries))
    if tree.root() != head.root:
        raise fork(start, CHECKPOINT, storage)
    for entries in entries_again(logged(start, head.size), start, head.size):
        growth = grow(edge, entries)
        write_full(storage, growth)
        edge = growth.edge
    if edge.root() != head.root:
        raise LedgerError(
            "the rows of the store changed while they were read",
            remedy="find out who writes to the store past Troth, and run it again",
        )
    write_edge(storage, edge)
    return edge
