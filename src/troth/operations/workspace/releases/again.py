"""Every record of a release decided again, in columns, by the history of its workspace as it stands now.

What a decision rests on is the history and all that was said in the conversation, also what is not in the release:
those records are taken from the vault. Where the vault does not have them and the terms ask the other people of a
conversation, nobody can say who they are, and the conversation is withheld.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import open_history
from troth.operations.connection import bounded_connection
from troth.operations.workspace.damage import damage_of
from troth.operations.workspace.history import write_history
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.releases.readable import Readable
from troth.release.layout import EXCLUDED
from troth.release.stages import DECIDE, FILTER
from troth.terms.model import Terms
from troth.types.moment import Moment
from troth.types.record import DECIDING_COLUMNS

OTHERS_UNKNOWN = "others_unknown"
"""The reason for withholding a conversation of which only a part is known."""
NOT_DECIDED = "record_unknown"

_BATCH = 65_536
_COLUMNS = ("record", "allow", "reason", "rule", "clause")
_SAID = ", ".join(f'"{name}"' for name in DECIDING_COLUMNS)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The decision on each record of a release."""

    connection: duckdb.DuckDBPyConnection
    query: str

    def cursor(self) -> Cursor:
        """The decisions in the order of the rows of the release, from its beginning. One cursor at a time."""
        return Cursor(self.connection.sql(self.query).to_arrow_reader(_BATCH))


class Cursor:
    """Decisions, some rows at a time."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._held: pa.Table | None = None

    def take(self, count: int) -> pa.Table:
        """The decisions on the next rows: ``record``, ``allow``, ``reason``, ``rule`` and ``clause``."""
        parts: list[pa.Table] = [] if self._held is None else [self._held]
        while sum(part.num_rows for part in parts) < count:
            parts.append(pa.Table.from_batches([next(self._batches)]))
        table = pa.concat_tables(parts)
        self._held = table.slice(count)
        return table.slice(0, count).combine_chunks()


@contextmanager
def decided_again(workspace: Workspace, release: Readable, purpose: str, at: Moment) -> Iterator[Verdicts]:
    """Decide; what that needs lies in a folder of the run that is removed at the end, and holds nothing that was said."""
    with (
        bounded_connection() as connection,
        tempfile.TemporaryDirectory(prefix="troth-grant-") as temporary,
        workspace.vault.plain_files() as said,
    ):
        folder = Path(temporary)
        shards = _living([release.folder / shard.name for shard in release.manifest.shards])
        if shards is None or not connection.execute(f"SELECT 1 FROM {shards} LIMIT 1").fetchall():
            yield Verdicts(
                connection, f"SELECT {', '.join(f'NULL AS {name}' for name in _COLUMNS)} WHERE false"
            )
            return
        vault = _scan(said)
        try:
            known = _known_records(connection, shards, vault, folder / "known.parquet")
        except (duckdb.Error, OSError) as problem:
            raise damage_of(workspace, problem) from None
        events = folder / "history.parquet"
        write_history(workspace.store, None, events)
        decided = folder / "decided.parquet"
        source = open_history([str(events)], connection)
        tables = Columns(release.terms, connection).decide(source, [known], [AskedAt(0, at)], purpose)
        _write(decided, (table.select(list(_COLUMNS)) for table in tables))
        partly = _partly_known(release, vault, purpose)
        yield Verdicts(connection, _in_order(shards, decided, partly))


def _known_records(connection: duckdb.DuckDBPyConnection, shards: str, vault: str | None, path: Path) -> Path:
    """What deciding reads of the released records, and of all others that the vault has of their conversations."""
    query = f"SELECT {_SAID} FROM {shards}"
    if vault is not None:
        query += (
            f" UNION ALL SELECT {_SAID} FROM {vault} v"
            f" SEMI JOIN (SELECT DISTINCT conversation FROM {shards}) c ON c.conversation = v.conversation"
            f" ANTI JOIN (SELECT record FROM {shards}) r ON r.record = v.record"
        )
    batches = connection.sql(query).to_arrow_reader(_BATCH)
    _write(path, (pa.Table.from_batches([batch]) for batch in batches))
    return path


def _partly_known(release: Readable, vault: str | None, purpose: str) -> str:
    """A query for the conversations of which a record was left out that the vault does not have."""
    if not _asks_others(release.terms, purpose):
        return "SELECT '' AS conversation WHERE false"
    excluded = _scan([release.folder / EXCLUDED])
    query = f"SELECT DISTINCT conversation FROM {excluded} e WHERE stage IN ('{DECIDE}', '{FILTER}')"
    if vault is None:
        return query
    return (
        f"SELECT DISTINCT e.conversation FROM {excluded} e ANTI JOIN {vault} v ON v.record = e.record"
        f" WHERE e.stage IN ('{DECIDE}', '{FILTER}')"
    )


def _asks_others(terms: Terms, purpose: str) -> bool:
    return any(one.parties.ask != "none" and purpose in one.parties.purposes for one in terms.versions)


def _in_order(shards: str, decided: Path, partly: str) -> str:
    """The decisions in the order of the rows: a shard is a file, and files are named in their order."""
    told = _scan([decided])
    return (
        "SELECT s.record, coalesce(d.allow, false) AND p.conversation IS NULL AS allow,"
        f" CASE WHEN p.conversation IS NOT NULL AND d.allow THEN '{OTHERS_UNKNOWN}'"
        f" ELSE coalesce(d.reason, '{NOT_DECIDED}') END AS reason,"
        " coalesce(d.rule, '') AS rule, coalesce(d.clause, '') AS clause"
        f" FROM {shards} s LEFT JOIN {told} d ON d.record = s.record"
        f" LEFT JOIN ({partly}) p ON p.conversation = s.conversation"
        " ORDER BY s.filename, s.file_row_number"
    )


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    writer: pq.ParquetWriter | None = None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _scan(files: list[Path], more: str = "") -> str | None:
    """The rows of some Parquet files as SQL; None where there are no files."""
    if not files:
        return None
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], filename = true, file_row_number = true{more})"


def _living(shards: list[Path]) -> str | None:
    """The same for shards of which some may be compacted: rows that were removed are left out."""
    rows = _scan(shards, ", union_by_name = true")
    return None if rows is None else f"(SELECT * FROM {rows} WHERE record IS NOT NULL)"
