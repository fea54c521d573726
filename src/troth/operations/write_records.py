"""``troth records``: logs in, one Parquet file of records out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from troth.intake.read import IntakeReport
from troth.intake.readers import troth_records
from troth.operations.connection import bounded_connection
from troth.operations.decide import Progress, silent
from troth.operations.records import Staged, staged_records
from troth.operations.whole_file import whole_file
from troth.types.record import RECORD_SCHEMA

BATCH_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class FileRead:
    """What became of one file."""

    path: str
    format: str
    records: int


@dataclass(frozen=True, slots=True)
class WrittenRecords:
    """What was read and written."""

    records: int
    """Distinct records: so many were written."""
    repeated: int
    files: tuple[FileRead, ...]
    report: IntakeReport | None


def write_records(
    patterns: tuple[str, ...], mapping: Path | None, keep_going: bool, out: Path, progress: Progress = silent
) -> WrittenRecords:
    """Read logs, and write each record once. Raises ``LogError``, and ``ReleaseError`` for ``out``."""
    with bounded_connection() as connection:
        staging = staged_records(patterns, mapping, keep_going, connection, progress)
        with staging as staged, whole_file(out) as partial:
            with pq.ParquetWriter(partial, RECORD_SCHEMA, compression="zstd") as writer:
                for batch in _batches(staged.files):
                    writer.write_table(
                        pa.Table.from_batches([batch]).select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)
                    )
            return WrittenRecords(staged.count, staged.repeated, files_read(staged), staged.report)


def files_read(staged: Staged) -> tuple[FileRead, ...]:
    """Every file with its format and the number of its records."""
    if staged.report is not None:
        return tuple(FileRead(file.path, file.format, file.records) for file in staged.report.files)
    return tuple(
        FileRead(str(file), troth_records.READER.name, int(pq.read_metadata(file).num_rows))
        for file in staged.as_read
    )


def _batches(files: tuple[Path, ...]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(BATCH_ROWS)
