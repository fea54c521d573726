"""What the terms say of what is stored: what is due by now, what is held, and how much becomes due when.

It decides on the plain columns, which the segments vouch for only where they are opened: these are figures to plan with,
and nothing is destroyed by them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.decide.columns.ended import ENDED_SCHEMA, ended
from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import open_history
from troth.operations.connection import bounded_connection
from troth.operations.decide import Progress
from troth.operations.workspace.damage import damage_of
from troth.operations.workspace.history import write_history
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.stats.tally import Tally
from troth.terms.model import Terms
from troth.types.moment import Moment
from troth.types.record import DECIDING_COLUMNS

PURPOSE = "serve"
"""Until when a record is kept does not depend on the purpose; a decision needs one."""

_TOLD = ("record", "conversation", "reason", "rule", "clause", "keep_until", "erasable")

_STANDING = """
CREATE TEMP TABLE judged AS
SELECT d.conversation, s.size, epoch_us(d.keep_until) AS keep_until, NOT d.erasable AS held,
  CASE
    WHEN d.reason = 'record_unknown' THEN 'unknown'
    WHEN NOT d.erasable AND epoch_us(d.keep_until) <= {at} THEN 'overdue'
    WHEN NOT d.erasable THEN 'held'
    WHEN epoch_us(d.keep_until) <= {at} THEN 'due'
    WHEN d.keep_until IS NULL THEN 'without end'
    ELSE 'kept'
  END AS standing,
  CASE WHEN d.reason = 'gone' THEN d.rule ELSE coalesce(e.end_rule, '') END AS rule,
  CASE WHEN d.reason = 'gone' THEN d.clause ELSE coalesce(e.end_clause, '') END AS clause
FROM read_parquet('{decided}') d
JOIN read_parquet('{said}') s ON s.record = d.record
LEFT JOIN read_parquet('{ended}') e ON e.record = d.record
"""

_BY_CLAUSE = """
SELECT standing, rule, clause, count(DISTINCT conversation), count(*), round(sum(size))::BIGINT
FROM judged GROUP BY standing, rule, clause
ORDER BY list_position(['due', 'overdue', 'held', 'kept', 'without end', 'unknown'], standing), count(*) DESC, rule, clause
"""

_IN_ALL = """
SELECT standing, count(DISTINCT conversation), count(*), round(sum(size))::BIGINT FROM judged GROUP BY standing
"""

# A conversation has one key, and goes when the last of its records may.
_BY_MONTH = """
SELECT epoch_us(date_trunc('month', make_timestamp(ends))), count(*), sum(records), round(sum(size))::BIGINT
FROM (
  SELECT conversation, max(keep_until) AS ends, count(*) AS records, sum(size) AS size, bool_or(held) AS held,
    bool_or(keep_until IS NULL) AS endless
  FROM judged GROUP BY conversation
) WHERE NOT held AND NOT endless AND ends > {at} GROUP BY 1 ORDER BY 1
"""

_WHOLE = """
SELECT count(*) FILTER (held), count(*) FILTER (NOT held AND endless),
  count(*) FILTER (NOT held AND NOT endless AND ends <= {at})
FROM (
  SELECT max(keep_until) AS ends, bool_or(held) AS held, bool_or(keep_until IS NULL) AS endless
  FROM judged GROUP BY conversation
)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Records that stand alike, and end by one row of the retention table.

    ``standing`` is ``due``, ``overdue`` (past the date, and held), ``held`` (and not past its date), ``kept``, ``without
    end``, or ``unknown`` (said after the time of the question). ``rule`` and ``clause`` are empty where there is no end.
    """

    standing: str
    rule: str
    clause: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Coming:
    """What becomes due in the month that begins at ``month`` (UTC), as things stand: conversations whole."""

    month: Moment
    tally: Tally


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the terms say at a time, of every live record once. A conversation counts wherever it has a record."""

    terms: str
    standings: tuple[Standing, ...]
    in_all: dict[str, Tally]
    """By standing, whatever the clause."""
    coming: tuple[Coming, ...]
    held: int
    """Conversations of which a record is held."""
    endless: int
    """Conversations of which a record has no end, and none is held."""
    due: int
    """Conversations that are due, whole."""


def ahead(workspace: Workspace, terms: Terms, at: Moment, progress: Progress) -> Ahead:
    """Decide every live record as of a time, and count. Raises ``HistoryError``, ``StoreError`` and ``VaultError``.

    What that needs lies in a folder of the run that only this user can read and that is removed at the end; it holds
    nothing that was said.
    """
    with bounded_connection() as connection, tempfile.TemporaryDirectory(prefix="troth-stats-") as made:
        folder = Path(made)
        names = ("said", "history", "decided", "ended", "dead")
        said, history, decided, ends, dead = (folder / f"{name}.parquet" for name in names)
        progress("read", 0, None)
        _write_dead(workspace, dead)
        if not _write_said(workspace, connection, dead, said):
            return Ahead(terms.name, (), {}, (), 0, 0, 0)
        write_history(workspace.store, None, history)
        progress("decide", 0, None)
        columns = Columns(terms, connection)
        tables = columns.decide(open_history([str(history)], connection), [said], [AskedAt(0, at)], PURPOSE)
        wanted = pa.schema([DECIDED_SCHEMA.field(name) for name in _TOLD])
        _write(decided, wanted, (table.select(list(_TOLD)).cast(wanted) for table in tables))
        _write(ends, ENDED_SCHEMA, ended(columns))
        files = {"decided": _literal(decided), "said": _literal(said), "ended": _literal(ends)}
        connection.execute(_STANDING.format(at=int(at), **files))
        return _counted(connection, terms.name, at)


def _counted(connection: duckdb.DuckDBPyConnection, terms: str, at: Moment) -> Ahead:
    def rows(query: str) -> list[Any]:
        return connection.execute(query.format(at=int(at))).fetchall()

    ((held, endless, due),) = rows(_WHOLE)
    standings = tuple(
        Standing(standing, rule, clause, Tally(*counts))
        for standing, rule, clause, counts in _halved(rows(_BY_CLAUSE), 3)
    )
    in_all = {standing: Tally(*counts) for standing, counts in _halved(rows(_IN_ALL), 1)}
    coming = tuple(Coming(month, Tally(*counts)) for month, counts in _halved(rows(_BY_MONTH), 1))
    return Ahead(terms, standings, in_all, coming, held, endless, due)


def _halved(rows: list[Any], named: int) -> Iterator[tuple[Any, ...]]:
    """What names a row, value by value, and then its counts as one."""
    return ((*row[:named], row[named:]) for row in rows)


def _write_dead(workspace: Workspace, path: Path) -> None:
    schema = pa.schema([pa.field("slot", pa.int64())])
    _write(path, schema, (pa.table([slots], schema=schema) for slots in workspace.keyring.destroyed()))


def _write_said(workspace: Workspace, connection: duckdb.DuckDBPyConnection, dead: Path, path: Path) -> bool:
    """What deciding reads of the live records, and each one's share of the bytes of its segment; False for no segments."""
    names = ", ".join(f's."{name}"' for name in DECIDING_COLUMNS)
    with workspace.vault.standing() as segments, workspace.vault.plain_files() as files:
        if not files or not segments:
            return False
        sizes = ", ".join(f"({one.number}, {one.size / one.rows})" for one in segments)
        listed = ", ".join(f"'{_literal(file)}'" for file in files)
        query = (
            f"COPY (SELECT {names}, coalesce(z.size, 0) AS size FROM read_parquet([{listed}], filename = true) s"
            f" LEFT JOIN (VALUES {sizes}) z(number, size) ON z.number = parse_filename(s.filename, true)::BIGINT"
            f" ANTI JOIN read_parquet('{_literal(dead)}') d ON d.slot = s.slot)"
            f" TO '{_literal(path)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        try:
            connection.execute(query)
        except duckdb.Error as problem:
            raise damage_of(workspace, problem) from None
    return True


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for table in tables:
            writer.write_table(table)


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
