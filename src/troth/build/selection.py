"""Stage 2. Who may come: decisions joined to records, and the allowed ones in their one order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from troth.build.engine import Engine, files, literal
from troth.errors import ReleaseError

_CHUNK_ROWS = 16_384
_CHUNK_BYTES = 16 << 20


def match_decisions(engine: Engine, decisions: Path) -> None:
    """Make the view ``decisions``. Raises `ReleaseError` unless each distinct record has exactly one.

    Held against each other are the number of records and decisions, and two sums over hashes of their ids.
    """
    engine.run(
        "CREATE VIEW decisions AS SELECT record, conversation, account, allow, reason,"
        " coalesce(rule, '') AS rule, coalesce(clause, '') AS clause, keep_until,"
        " coalesce(plan, 'unknown') AS plan_in_force"
        f" FROM read_parquet({literal(str(decisions))})"
    )
    ids = "count(*), sum(hash(record, conversation)::HUGEINT), bit_xor(hash(conversation, record, 1))"
    (known,) = engine.rows(f"SELECT {ids} FROM came_in")
    (decided,) = engine.rows(f"SELECT {ids} FROM decisions WHERE allow IS NOT NULL AND reason IS NOT NULL")
    ((rows,),) = engine.rows("SELECT count(*) FROM decisions")
    if known != decided or rows != decided[0]:
        raise ReleaseError(
            f"{known[0]} records came in and {rows} decisions were handed over, and they are not of the same"
            " records; each record must have exactly one"
        )


def allowed_chunks(engine: Engine, records: tuple[Path, ...], scratch: Path) -> Iterator[Path]:
    """The allowed records without their media bytes, by (conversation, position, record), as Arrow files.

    Each holds whole conversations, and about 16 Ki records or 16 MiB of text.
    """
    if not records:
        return
    query = (
        "SELECT r.record, r.conversation, r.account, r.at, r.role, r.kind, r.product, r.channel, r.plan,"
        " r.position, r.parent, r.text, r.media_type, r.digest, r.path, r.model, r.tool,"
        " d.reason, d.rule, d.clause, d.keep_until, d.plan_in_force, m.size AS media_bytes"
        f" FROM read_parquet({files(records)}) r JOIN decisions d USING (record)"
        " LEFT JOIN media m USING (record)"
        " WHERE d.allow ORDER BY r.conversation, r.position, r.record"
    )
    held: list[pa.Table] = []
    rows = size = number = 0
    last: str | None = None
    for batch in engine.stream(query):
        part, last = _once(batch, last)
        held.append(part)
        rows += part.num_rows
        size += part.nbytes
        if rows < _CHUNK_ROWS and size < _CHUNK_BYTES:
            continue
        table = pa.concat_tables(held)
        whole = _last_change(table)
        if whole:
            yield _write(table.slice(0, whole), scratch / f"{number:06d}.arrow")
            number += 1
        rest = table.slice(whole)
        held, rows, size = [rest], rest.num_rows, rest.nbytes
    if rows:
        yield _write(pa.concat_tables(held), scratch / f"{number:06d}.arrow")


def _once(batch: pa.RecordBatch, last: str | None) -> tuple[pa.Table, str | None]:
    """The batch without rows that repeat the record before them, and the id of its last record."""
    table = pa.Table.from_batches([batch])
    ids = batch.column("record").to_pylist()
    if not ids:
        return table, last
    fresh = [one != before for one, before in zip(ids, [last, *ids[:-1]], strict=True)]
    return (table if all(fresh) else table.filter(pa.array(fresh))), ids[-1]


def _last_change(table: pa.Table) -> int:
    """The row at which the last conversation of the table begins."""
    conversations = table.column("conversation")
    last = conversations[-1].as_py()
    low, high = 0, table.num_rows - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if conversations[middle].as_py() == last else (middle + 1, high)
    return low


def _write(table: pa.Table, path: Path) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return path
