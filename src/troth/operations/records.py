"""Records of some logs, staged as record Parquet in a folder of the run: read once, each record once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.errors import LogError, UsageError
from troth.history.read import is_parquet
from troth.intake.mapping import load_mapping
from troth.intake.paths import expand
from troth.intake.read import IntakeReport, read_logs
from troth.operations.workspace.opened import Workspace, opened
from troth.types.record import RECORD_SCHEMA
from troth.vault.segments.reader import Reading

Progress = Callable[[str, int, int | None], None]

RECORDS_AT_ONCE = 3_000_000
"""How many ids are compared at once: what bounds the memory of the check."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Record files in which every record stands once."""

    files: tuple[Path, ...]
    count: int
    """Distinct records."""
    repeated: int
    """Records that stood again with the same content."""
    report: IntakeReport | None
    """What became of every log; None where the records were record Parquet and used in place."""
    as_read: tuple[Path, ...] = ()
    """The records as they came in, also those that stood again."""

    @property
    def damaged(self) -> int:
        """Damaged pieces that were passed over."""
        return 0 if self.report is None else self.report.damage_count


@contextmanager
def staged_records(
    patterns: Sequence[str],
    mapping: Path | None,
    keep_going: bool,
    connection: duckdb.DuckDBPyConnection,
    progress: Progress,
) -> Iterator[Staged]:
    """Read logs and stage their records. Raises `LogError` for damage, unless it is to keep going."""
    with tempfile.TemporaryDirectory(prefix="troth-records-") as folder:
        in_place = _record_files(patterns) if mapping is None else None
        report = None
        if in_place is None:
            reading = read_logs(
                list(patterns), mapping=load_mapping(mapping) if mapping else None, keep_going=keep_going
            )
            in_place = (_write(Path(folder) / "records.parquet", reading, progress),)
            report = reading.report
        as_read = in_place
        total = sum(int(pq.read_metadata(file).num_rows) for file in in_place)
        again = _repeated_ids(connection, in_place, total)
        if again:
            in_place = (_once(connection, in_place, Path(folder) / "distinct.parquet"),)
        count = sum(int(pq.read_metadata(file).num_rows) for file in in_place)
        yield Staged(in_place, count, total - count, report, as_read)


@dataclass(frozen=True, slots=True)
class Taken:
    """Where the records of a run are."""

    files: tuple[str, ...]
    gone: int = 0
    """Records of the vault that were left out: they are erased."""


@contextmanager
def record_files(
    records: tuple[str, ...], workspace: Path | None, progress: Progress, *, deciding: bool = False
) -> Iterator[Taken]:
    """The files given, or, where there are none, one with the records of the workspace's vault.

    That file lies in a folder of the run that only this user can read, outside of the workspace, and is removed at the end;
    a kill leaves it there. With ``deciding`` it has the columns that deciding reads, and nothing that was said.
    Raises `UsageError` where there are no records, and ``VerificationError`` where the vault is damaged.
    """
    if records:
        yield Taken(records)
        return
    if workspace is None:
        raise UsageError("no records", remedy="give --records FILE…, or --workspace DIR to read its vault")
    with tempfile.TemporaryDirectory(prefix="troth-records-") as folder:
        path = Path(folder) / "vault.parquet"
        with opened(workspace) as found:
            reading = vault_records(found, deciding=deciding)
            _write(path, reading, progress)
        yield Taken((str(path),), reading.gone)


def vault_records(workspace: Workspace, *, deciding: bool = False) -> Reading:
    """The records of an open workspace's vault. Raises `UsageError` where it holds none."""
    reading = workspace.vault.deciding() if deciding else workspace.vault.records()
    if not reading.stored:
        remedy = "take logs in with troth ingest, or give --records FILE…"
        raise UsageError("the vault of this workspace holds no records", remedy=remedy)
    return reading


def _record_files(patterns: Sequence[str]) -> tuple[Path, ...] | None:
    """The files, if every one of them is record Parquet: they are used where they lie."""
    files = [found.path for found in expand(patterns).files]
    if not files or not all(is_parquet(file) for file in files):
        return None
    try:
        schemas = [pq.read_schema(file) for file in files]
    except (pa.ArrowException, OSError):
        return None  # reading it as a log says what is wrong with it
    wanted = {field.name: field.type for field in RECORD_SCHEMA}
    same = all({f.name: f.type for f in schema} == wanted for schema in schemas)
    return tuple(files) if same else None


def _write(path: Path, batches: Iterable[pa.RecordBatch], progress: Progress) -> Path:
    done = 0
    with pq.ParquetWriter(path, RECORD_SCHEMA, compression="zstd", compression_level=1) as writer:
        for batch in batches:
            writer.write_batch(batch)
            done += batch.num_rows
            progress("read", done, None)
    return path


def _scan(files: Sequence[Path]) -> str:
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}])"


def _repeated_ids(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], total: int) -> bool:
    """Whether some id stands more than once; found by hashes, a part at a time. Raises where contents differ."""
    parts = -(-total // RECORDS_AT_ONCE) or 1
    connection.execute("CREATE OR REPLACE TEMP TABLE repeated_keys (key UBIGINT)")
    for part in range(parts):
        chosen = f"WHERE hash(record) % {parts} = {part}" if parts > 1 else ""
        connection.execute(
            f"INSERT INTO repeated_keys SELECT hash(record) AS key FROM {_scan(files)} {chosen} "
            "GROUP BY key HAVING count(*) > 1"
        )
    if not connection.execute("SELECT 1 FROM repeated_keys LIMIT 1").fetchall():
        return False
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated_records AS SELECT record, count(DISTINCT r) AS contents "
        f"FROM {_scan(files)} r "
        "SEMI JOIN repeated_keys k ON k.key = hash(r.record) GROUP BY record HAVING count(*) > 1"
    )
    found = connection.execute(
        "SELECT record FROM repeated_records WHERE contents > 1 ORDER BY record LIMIT 1"
    ).fetchall()
    if found:
        raise LogError(
            f"record {found[0][0]!r} stands twice with different content",
            remedy="an id names one record; mend the logs, or give the records ids of their own in a mapping file",
        )
    return bool(connection.execute("SELECT 1 FROM repeated_records LIMIT 1").fetchall())


def _once(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], out: Path) -> Path:
    """The records, each once."""
    scan = _scan(files)
    query = (
        f"SELECT r.* FROM {scan} r ANTI JOIN repeated_records a ON a.record = r.record UNION ALL "
        f"SELECT DISTINCT r.* FROM {scan} r SEMI JOIN repeated_records a ON a.record = r.record"
    )
    with pq.ParquetWriter(out, RECORD_SCHEMA, compression="zstd", compression_level=1) as writer:
        for batch in connection.sql(query).to_arrow_reader(65_536):
            writer.write_table(pa.Table.from_batches([batch]).cast(RECORD_SCHEMA))
    return out
