"""What the terms say of stored records that are asked to go: held, kept as a duty, due, or free to go."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.decide.columns.duties import DUTY_SCHEMA, duties
from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import open_history
from troth.operations.connection import bounded_connection
from troth.operations.workspace.history import write_history
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Terms
from troth.types.moment import Moment
from troth.types.record import DECIDING_COLUMNS, RECORD_SCHEMA

PURPOSE = "serve"
"""Until when a record is kept does not depend on the purpose; a decision needs one."""

_SAID = pa.schema([RECORD_SCHEMA.field(name) for name in RECORD_SCHEMA.names])
_TOLD = ("record", "keep_until", "erasable", "reason", "rule", "clause")

_JUDGED = """
CREATE TEMP TABLE judged AS
SELECT record, conversation, account, said, keep_until, duty_until, standing,
  CASE WHEN standing = 'duty' THEN duty_rule WHEN reason = 'gone' THEN rule ELSE '' END AS rule,
  CASE WHEN standing = 'duty' THEN duty_clause WHEN reason = 'gone' THEN clause ELSE '' END AS clause
FROM (
  SELECT s.record, s.conversation, s.account, epoch_us(s.at) AS said, epoch_us(d.keep_until) AS keep_until,
    epoch_us(u.duty_until) AS duty_until, d.reason, d.rule, d.clause, u.duty_rule, u.duty_clause,
    CASE
      WHEN d.record IS NULL OR d.reason = 'record_unknown' THEN 'unknown'
      WHEN NOT d.erasable AND epoch_us(d.keep_until) <= {at} THEN 'overdue'
      WHEN NOT d.erasable THEN 'hold'
      WHEN epoch_us(d.keep_until) <= {at} THEN 'due'
      WHEN epoch_us(u.duty_until) > {at} THEN 'duty'
      ELSE 'free'
    END AS standing
  FROM read_parquet('{said}') s
  LEFT JOIN read_parquet('{decided}') d ON d.record = s.record
  LEFT JOIN read_parquet('{duties}') u ON u.record = s.record
)
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """The table ``judged`` of a connection: one row for each stored record that can still be opened.

    ``standing`` is ``unknown`` (its time, or what it rests on, lies ahead), ``overdue`` (due, and held), ``hold``, ``due``,
    ``duty`` (an extension keeps it until ``duty_until``) or ``free``. ``said``, ``keep_until`` and ``duty_until`` are
    microseconds, UTC. ``rule`` and ``clause`` are of the row of the retention table that ended or keeps it.
    """

    connection: duckdb.DuckDBPyConnection
    at: Moment


@contextmanager
def judged(
    workspace: Workspace, terms: Terms, conversations: Collection[str] | None, at: Moment, size: int
) -> Iterator[Judged]:
    """Judge the records of some conversations, or of all, as of a time, by the first ``size`` entries of the ledger.

    What that needs lies in a folder of the run that only this user can read and that is removed at the end; it holds
    nothing that was said. Raises ``VerificationError`` where the vault is damaged: then nobody can tell what is held.
    """
    with bounded_connection() as connection, tempfile.TemporaryDirectory(prefix="troth-erase-") as made:
        folder = Path(made)
        said, decided, kept = (folder / f"{name}.parquet" for name in ("said", "decided", "duties"))
        _write_said(workspace, conversations, said)
        history = folder / "history.parquet"
        write_history(workspace.store, size, history)
        columns = Columns(terms, connection)
        tables = columns.decide(open_history([str(history)], connection), [said], [AskedAt(0, at)], PURPOSE)
        wanted = pa.schema([DECIDED_SCHEMA.field(name) for name in _TOLD])
        with pq.ParquetWriter(decided, wanted, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table.select(list(_TOLD)).cast(wanted))
        with pq.ParquetWriter(kept, DUTY_SCHEMA, compression="zstd") as writer:
            for table in duties(columns):
                writer.write_table(table)
        query = _JUDGED.format(
            at=int(at), said=_literal(said), decided=_literal(decided), duties=_literal(kept)
        )
        connection.execute(query)
        yield Judged(connection, at)


def _write_said(workspace: Workspace, conversations: Collection[str] | None, path: Path) -> None:
    """What deciding reads of the records that can be opened; some conversations are opened, all are not."""
    reading = workspace.vault.deciding() if conversations is None else workspace.vault.records(conversations)
    with pq.ParquetWriter(path, _SAID, compression="zstd", compression_level=1) as writer:
        for batch in reading:
            writer.write_batch(_without_content(batch))


def _without_content(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The columns that deciding reads; all others are null, and positions 0."""
    arrays = []
    for field in RECORD_SCHEMA:
        if field.name in DECIDING_COLUMNS:
            arrays.append(batch.column(field.name))
        elif field.nullable:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            arrays.append(pa.array([0] * batch.num_rows, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
