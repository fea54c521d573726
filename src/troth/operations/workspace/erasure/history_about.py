"""The events on which decisions about some conversations rest, and no others: for an act on a few of many conversations.

They are the events about the conversations and about their records; about every account that is named in them or said
something in them; about the organisations of these accounts; and every legal hold. A test holds the decisions equal to
those on the whole history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.history.vocabulary import EVENT_SCHEMA
from troth.operations.workspace.history import events_table
from troth.store.interface import Store

_SAID = ["record", "account"]


def write_history_about(
    store: Store, conversations: Collection[str], said: Path, below: int, path: Path
) -> None:
    """Write them as a history in Parquet: those whose index in the ledger is below a size.

    ``said`` is a file of the stored records of the conversations. Raises ``StoreError`` and ``VaultError``.
    """
    with pq.ParquetWriter(path, EVENT_SCHEMA, compression="zstd", compression_level=1) as writer:
        for table in _events(store, conversations, said, below):
            writer.write_table(table)


def _events(store: Store, conversations: Collection[str], said: Path, below: int) -> Iterator[pa.Table]:
    stored = pq.read_table(said, columns=_SAID)
    accounts, organisations = _named(stored, "account"), set[str]()
    for table in _tables(store.events_about("conversation", conversations, below)):
        accounts |= _named(table, "account")
        yield table
    for table in _tables(store.events_about("account", accounts, below)):
        organisations |= _named(table, "organisation")
        yield table
    yield from _tables(store.events_about("organisation", organisations, below))
    records = _named(stored, "record")
    yield from _tables(store.events_about("record", records, below))
    own = pa.array(sorted(conversations), pa.string())
    for table in _tables(
        store.events_saying(records, below)
    ):  # what says them of another conversation contradicts
        yield table.filter(pc.invert(pc.is_in(table.column("conversation"), own)))
    yield from _tables([row.payload] for row in store.opened(kinds=("hold",), below=below))


def _tables(batches: Iterable[list[bytes]]) -> Iterator[pa.Table]:
    return (events_table(payloads) for payloads in batches)


def _named(table: pa.Table, column: str) -> set[str]:
    return set(pc.unique(table.column(column).drop_null()).to_pylist())
