"""The intake of conversations: each gets one commitment, and each batch one entry of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from troth.operations.workspace.acts import act
from troth.proof.merkle import leaf_hashes, root_of
from troth.proof.payloads import IntakePayload
from troth.store.interface import Item, Store
from troth.store.salts import fresh_salts

_AT_ONCE = 50_000


def take_in(store: Store, records: tuple[Path, ...], connection: duckdb.DuckDBPyConnection) -> int:
    """Commit every conversation of some record files that has no commitment yet; give how many these were."""
    return store.intake(_conversations(records, connection), fresh_salts, intake_batch)


def intake_batch(commitments: list[bytes]) -> Item:
    """The act of taking in a batch: how many, and the root (RFC 6962) of the tree over their commitments."""
    root = root_of(leaf_hashes(commitments))
    return act("intake", IntakePayload(len(commitments), root.hex()))


def _conversations(
    records: tuple[Path, ...], connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[str, str | None]]:
    query = (
        "SELECT conversation, min(account) FROM read_parquet(?) WHERE conversation IS NOT NULL"
        " GROUP BY conversation ORDER BY conversation"
    )
    for batch in connection.sql(query, params=[[str(file) for file in records]]).to_arrow_reader(_AT_ONCE):
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
