"""Putting bundles and tiles into the storage, in the order that a crash can be mended after."""

from __future__ import annotations

from troth.ledger.edge import Edge, Growth
from troth.ledger.storage import Storage


def write_full(storage: Storage, growth: Growth) -> None:
    """Write what was filled, durably, and then remove the partial forms of it. Raises `LedgerError`."""
    if growth.full:
        storage.write_all(growth.full)
    # Before the checkpoint that needs the full ones is published: what a crash leaves here is removed again by the
    # mending, which starts from the older checkpoint and fills the same tiles. Readers of that one use the full ones.
    for folder in growth.replaced:
        for path in tuple(storage.list(folder)):
            storage.delete(path)


def write_edge(storage: Storage, edge: Edge) -> None:
    """Write the partial bundle and tiles of an edge, durably. Raises `LedgerError`."""
    storage.write_all(edge.partial())
