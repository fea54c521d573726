"""The files of a demonstration: records with times and accounts, and a history beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from troth.operations.demo.organisation import MINUTE, Organisation, Talk
from troth.types.record import RECORD_SCHEMA


def talks(connection: duckdb.DuckDBPyConnection, files: tuple[Path, ...]) -> list[Talk]:
    """The conversations of some record files."""
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    rows = connection.execute(
        f'SELECT conversation, min(epoch_us("at")), min(account) FROM read_parquet([{names}]) GROUP BY conversation'
    ).fetchall()
    return [Talk(*row) for row in rows]


def write_world(folder: Path, files: tuple[Path, ...], made: Organisation) -> tuple[Path, Path]:
    """Write ``records.parquet`` and ``history.jsonl``. What the logs tell stays; only gaps are filled."""
    records, history = folder / "records.parquet", folder / "history.jsonl"
    with pq.ParquetWriter(records, RECORD_SCHEMA, compression="zstd", compression_level=1) as writer:
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=65_536):
                writer.write_batch(_filled(batch.cast(RECORD_SCHEMA), made))
    history.write_bytes(b"".join(_lines(made)))
    return records, history


def _lines(made: Organisation) -> Iterator[bytes]:
    for event in made.events:
        yield msgspec.json.encode(event) + b"\n"


def _filled(batch: pa.RecordBatch, made: Organisation) -> pa.RecordBatch:
    """A batch with an account for every record, and a time: its place in the conversation, a minute each."""
    conversations = batch["conversation"].to_pylist()
    positions = batch["position"].to_pylist()
    own_times = batch["at"].cast(pa.int64()).to_pylist()
    own_accounts = batch["account"].to_pylist()
    times = [
        at if at is not None else made.began[c] + p * MINUTE
        for at, c, p in zip(own_times, conversations, positions, strict=True)
    ]
    accounts = [
        a if a is not None else made.accounts[c] for a, c in zip(own_accounts, conversations, strict=True)
    ]
    columns = {name: batch[name] for name in RECORD_SCHEMA.names}
    columns["at"] = pa.array(times, pa.int64()).cast(RECORD_SCHEMA.field("at").type)
    columns["account"] = pa.array(accounts, pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=RECORD_SCHEMA)
