"""Reading the Parquet files of a release: in small pieces, with every fault as one kind of error.

Only files whose digest is the manifest's are read. Without an established signer that says nothing of whoever
made them, so nothing here trusts what a file says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 8192
_BYTES = 16 << 20
_FORMAT = b"troth.format"


class UnreadableError(Exception):
    """A file is no Parquet file, or not one of its format. The message says in what way."""


def batches(path: Path, schema: pa.Schema, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file of a release in pieces of about 16 MiB. Raises `UnreadableError`."""
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            _require(file.schema_arrow, schema)
            for batch in file.iter_batches(_rows(file), columns=None if columns is None else list(columns)):
                batch.validate(full=True)
                yield batch
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise UnreadableError(f"cannot be read as Parquet: {_first_line(problem)}") from problem


def _require(found: pa.Schema, schema: pa.Schema) -> None:
    if not found.equals(schema):
        missing = ", ".join(sorted(set(schema.names) - set(found.names)))
        extra = ", ".join(sorted(repr(name) for name in set(found.names) - set(schema.names)))
        detail = "".join((f"; missing: {missing}" if missing else "", f"; extra: {extra}" if extra else ""))
        raise UnreadableError(f"its columns are not those of the format{detail}")
    if (found.metadata or {}).get(_FORMAT) != schema.metadata[_FORMAT]:
        raise UnreadableError(f"its metadata do not name the format {schema.metadata[_FORMAT].decode()}")


def _rows(file: pq.ParquetFile) -> int:
    """Rows of one piece, so that rows of this file's average size fill `_BYTES` at most."""
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    widest = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
    return int(max(1, min(_ROWS, _BYTES // max(1, widest))))


class Rows(Protocol):
    """A file of rows that can be read from its beginning, again and again."""

    @property
    def rows(self) -> int:
        """How many there are."""
        ...

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """All of them, or some columns of them, in pieces. Raises `UnreadableError`."""
        ...


def values_at(files: Iterable[Rows], column: str, rows: Iterable[int]) -> Iterator[str | None]:
    """One column of some rows, given in order and counted through files."""
    for batch in rows_at(files, [column], rows):
        yield from batch.column(0).to_pylist()


def rows_at(
    files: Iterable[Rows], columns: Sequence[str] | None, rows: Iterable[int]
) -> Iterator[pa.RecordBatch]:
    """Some rows, given in order and counted through files; in pieces."""
    wanted = list(reversed([int(row) for row in rows]))
    start = 0
    for file in files:
        if wanted and wanted[-1] < start + file.rows:
            place = start
            for batch in file.read(columns):
                found = []
                while wanted and wanted[-1] < min(place + batch.num_rows, start + file.rows):
                    found.append(wanted.pop() - place)
                if found:
                    yield batch.take(pa.array(found, pa.int64()))
                place += batch.num_rows
                if not wanted or wanted[-1] >= start + file.rows:
                    break
        start += file.rows


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or ["no reason given"])[0][:120]
