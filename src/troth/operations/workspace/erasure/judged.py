"""What the terms say of stored records that are asked to go: held, kept as a duty, due, or free to go."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.decide.columns.duties import DUTY_SCHEMA, duties
from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import MANY_EVENTS, EventSource, open_history
from troth.operations.connection import bounded_connection
from troth.operations.workspace.erasure.history_about import write_history_about
from troth.operations.workspace.erasure.holds_of import SIGNALS
from troth.operations.workspace.erasure.told_records import Known, write_told
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
SELECT record, conversation, account, said, keep_until, duty_until, standing, stored,
  CASE WHEN standing = 'duty' THEN duty_rule WHEN reason = 'gone' THEN rule ELSE '' END AS rule,
  CASE WHEN standing = 'duty' THEN duty_clause WHEN reason = 'gone' THEN clause ELSE '' END AS clause
FROM (
  SELECT s.record, s.conversation, s.account, s.stored, epoch_us(s.at) AS said, epoch_us(d.keep_until) AS keep_until,
    epoch_us(u.duty_until) AS duty_until, d.reason, d.rule, d.clause, u.duty_rule, u.duty_clause,
    CASE
      WHEN d.record IS NULL OR d.reason = 'record_unknown' THEN 'unknown'
      WHEN NOT d.erasable AND epoch_us(d.keep_until) <= {at} THEN 'overdue'
      WHEN NOT d.erasable THEN 'hold'
      WHEN s.at IS NULL AND (s.conversation IN (SELECT conversation FROM signalled) OR EXISTS (
        SELECT 1 FROM plan_hold h WHERE coalesce(list_contains(h.accounts, s.account), h.accounts IS NULL)
        AND coalesce(list_contains(h.conversations, s.conversation), h.conversations IS NULL))) THEN 'unknown'
      WHEN epoch_us(d.keep_until) <= {at} THEN 'due'
      WHEN epoch_us(u.duty_until) > {at} THEN 'duty'
      ELSE 'free'
    END AS standing
  FROM (
    SELECT *, true AS stored FROM read_parquet('{said}') UNION ALL SELECT *, false FROM read_parquet('{told}')
  ) s
  LEFT JOIN read_parquet('{decided}') d ON d.record = s.record
  LEFT JOIN read_parquet('{duties}') u ON u.record = s.record
)
"""
_BESIDE = """
CREATE TEMP TABLE signalled AS SELECT DISTINCT conversation FROM read_parquet('{history}')
WHERE event IN ({signals}) AND conversation IS NOT NULL;
CREATE TEMP TABLE took_part AS SELECT DISTINCT conversation, account FROM read_parquet('{history}')
WHERE event IN ('conversation.started', 'conversation.joined');
CREATE TEMP TABLE plan_hold AS SELECT accounts, conversations FROM read_parquet('{history}') p
WHERE event = 'hold.placed' AND plans IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM read_parquet('{history}') q WHERE q.event = 'hold.released' AND q.hold = p.hold AND q."at" > p."at")
"""
"""``signalled`` and ``plan_hold`` may keep a record of which nobody knows when, and so under which plan, it was said: a
duty that runs from a signal, of which the terms do not say how long it lasts; a hold on plans."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The table ``judged`` of a connection: one row for each stored record that can still be opened, and for told ones.

    ``stored`` is false for a record of a conversation that the vault does not hold (`told_records`).
    ``standing`` is ``unknown`` (its time, or what it rests on, lies ahead, or it has none and a duty may keep it),
    ``overdue`` (due, and held), ``hold``, ``due``, ``duty`` (an extension keeps it until ``duty_until``) or ``free``.
    ``said``, ``keep_until`` and ``duty_until`` are microseconds, UTC. ``rule`` and ``clause`` are of the row of the
    retention table that ended or keeps it. Beside it stands ``took_part``: who took part in which conversation, by events.
    """

    connection: duckdb.DuckDBPyConnection
    at: Moment


@contextmanager
def judged(
    workspace: Workspace, terms: Terms, conversations: Collection[str] | None, at: Moment, size: int
) -> Iterator[Judged]:
    """Judge the records of some conversations, or of all, as of a time, by the first ``size`` entries of the ledger.

    Of some conversations neither records nor events of others are read. What that needs lies in a folder of the run that
    only this user can read and that is removed at the end; it holds nothing that was said. Raises ``VerificationError``
    where the vault is damaged: then nobody can tell what is held.
    """
    with bounded_connection() as connection, tempfile.TemporaryDirectory(prefix="troth-erase-") as made:
        said, history, told, decided, kept = (
            Path(made) / f"{name}.parquet" for name in ("said", "history", "told", "decided", "duties")
        )
        _write_said(workspace, conversations, said)
        if conversations is None:
            write_history(workspace.store, size, history)
        else:
            write_history_about(workspace.store, conversations, said, size, history)
        write_told(workspace.store, connection, Known(history, said), conversations, told)
        columns = Columns(terms, connection)
        events = _events(history, connection)
        wanted = pa.schema([DECIDED_SCHEMA.field(name) for name in _TOLD])
        tables = columns.decide(events, [said, told], [AskedAt(0, at)], PURPOSE)
        _write(decided, wanted, (table.select(list(_TOLD)).cast(wanted) for table in tables))
        _write(kept, DUTY_SCHEMA, duties(columns))
        signals = ", ".join(f"'{name}'" for name in SIGNALS)
        connection.execute(_BESIDE.format(history=_literal(history), signals=signals))
        files = {"said": said, "told": told, "decided": decided, "duties": kept}
        connection.execute(
            _JUDGED.format(at=int(at), **{name: _literal(path) for name, path in files.items()})
        )
        yield Judged(connection, at)


def _events(history: Path, connection: duckdb.DuckDBPyConnection) -> EventSource:
    """The events of a history that the store has: few are taken as they are, for they were checked when they came in."""
    if pq.read_metadata(history).num_rows < MANY_EVENTS:
        return EventSource((pq.read_table(history),))
    return open_history([str(history)], connection)


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for table in tables:
            writer.write_table(table)


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
