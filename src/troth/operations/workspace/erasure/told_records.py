"""Records of conversations that the vault does not hold: what the history tells of them, or that there must be some.

They lie in logs elsewhere and in releases; events, names and salts of their conversations lie in the store. Whether these
may go, the terms decide for such a record as for a stored one. Where nothing tells of a record, one is judged for each
person who took part, said at a time that nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.store.interface import Store
from troth.types.record import MOMENT_TYPE, RECORD_SCHEMA

_USUAL = {"role": "user", "kind": "text", "product": "chat", "channel": "first_party"}
"""What a history takes for granted of a record where no event says otherwise (``docs/formats/history.md``)."""
_UNTOLD = "\x1f"
"""Before the id of a record that nothing tells of."""
_AT_ONCE = 65_536

_TOLD = f"""
SELECT DISTINCT record, conversation, account, "at",
  {", ".join(f"coalesce({name}, '{usual}') AS {name}" for name, usual in _USUAL.items())}, plan
FROM read_parquet(?) h WHERE event = 'record.said'
  AND NOT EXISTS (SELECT 1 FROM read_parquet(?) s WHERE s.conversation = h.conversation)
"""
_WITHOUT = """
SELECT name FROM (SELECT unnest(?::VARCHAR[]) AS name) n
WHERE NOT EXISTS (SELECT 1 FROM read_parquet(?) s WHERE s.conversation = n.name)
  AND NOT EXISTS (SELECT 1 FROM read_parquet(?) h WHERE h.event = 'record.said' AND h.conversation = n.name)
ORDER BY name
"""
_PARTIES = """
SELECT DISTINCT conversation, account FROM read_parquet(?)
WHERE event IN ('conversation.started', 'conversation.joined') AND conversation IN (SELECT unnest(?::VARCHAR[]))
"""


@dataclass(frozen=True, slots=True)
class Known:
    """Two files of a run: the history, and the stored records."""

    history: Path
    stored: Path


def write_told(
    store: Store,
    connection: duckdb.DuckDBPyConnection,
    known: Known,
    conversations: Collection[str] | None,
    path: Path,
) -> None:
    """Write what is known of records of conversations without a stored one: of some conversations, or of all.

    A file in the form of ``RECORD_SCHEMA``, in which only what deciding reads is filled. Of all conversations only those
    are there of which the history tells a record: of the others no date is known. Raises ``StoreError``.
    """
    files = [str(known.history), str(known.stored)]
    with pq.ParquetWriter(path, RECORD_SCHEMA, compression="zstd", compression_level=1) as writer:
        if conversations is not None:
            names = [name for (name,) in _rows(connection, _WITHOUT, [list(conversations), *files[::-1]])]
            writer.write_batch(_untold(_people(store, connection, known.history, names)))
        for batch in connection.sql(_TOLD, params=files).to_arrow_reader(_AT_ONCE):
            writer.write_batch(_records({name: batch.column(name) for name in batch.schema.names}))


def _people(
    store: Store, connection: duckdb.DuckDBPyConnection, history: Path, names: Sequence[str]
) -> list[tuple[str, str | None]]:
    """Who took part in conversations, by their intake and by the history; None where neither tells anybody."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for name, account in _rows(connection, _PARTIES, [str(history), list(names)]):
        found[name].add(account)
    for name in names:
        known = store.conversation(name)
        if known is not None and known.account is not None:
            found[name].add(known.account)
    named = [(name, account) for name, accounts in found.items() for account in sorted(accounts)]
    return [*named, *((name, None) for name, accounts in found.items() if not accounts)]


def _untold(people: Sequence[tuple[str, str | None]]) -> pa.RecordBatch:
    told = {
        "record": [f"{_UNTOLD}{number}" for number in range(len(people))],
        "conversation": [name for name, _ in people],
        "account": [account for _, account in people],
        **{name: [usual] * len(people) for name, usual in _USUAL.items()},
    }
    return _records({name: pa.array(column, pa.string()) for name, column in told.items()})


def _records(columns: dict[str, pa.Array]) -> pa.RecordBatch:
    """Records of which some columns are known; times in microseconds, UTC."""
    (count,) = {len(column) for column in columns.values()}
    arrays = []
    for field in RECORD_SCHEMA:
        column = columns.get(field.name)
        if field.name == "position":
            column = pa.array([0] * count, field.type)
        elif column is None:
            column = pa.nulls(count, field.type)
        arrays.append(column.cast(MOMENT_TYPE) if field.name == "at" else column)
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]) -> list[Any]:
    return connection.execute(query, values).fetchall()
