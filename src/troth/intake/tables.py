"""Rows of CSV and Parquet files, one at a time, in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from troth.intake.content import ContentError, pieces
from troth.intake.json_stream import BOM, VALUE_LIMIT, byte_lines
from troth.intake.turns import Damage

BATCH_ROWS = 1024
"""Rows of a Parquet file that are held at once."""


def csv_rows(path: Path, delimiter: str = ",") -> Iterator[tuple[int, dict[str, Any]] | Damage]:
    """Rows of a CSV file as text by column, each with the line on which it ends."""
    csv.field_size_limit(VALUE_LIMIT)
    bad = list[Damage]()
    reader = csv.reader(_text_lines(path, bad), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        try:
            row = next(reader)
        except StopIteration:
            yield from bad
            return
        except csv.Error as problem:
            yield Damage(reader.line_num, f"the row is not valid CSV: {problem}")
            continue
        if bad:
            yield from bad
            bad.clear()
        elif header is None:
            header = row
        elif row:
            yield _csv_row(reader.line_num, header, row)


def _csv_row(line: int, header: list[str], row: list[str]) -> tuple[int, dict[str, Any]] | Damage:
    if len(row) != len(header):
        return Damage(line, f"the row has {len(row)} fields where the header has {len(header)}")
    return line, dict(zip(header, row, strict=True))


def _text_lines(path: Path, bad: list[Damage]) -> Iterator[str]:
    """Lines of text with their ends; what is wrong with one is put on ``bad`` for whoever reads the row."""
    number = 0
    try:
        for number, line in byte_lines(pieces(path)):
            text = b"" if line is None else line
            if line is None:
                bad.append(Damage(number, f"the line is longer than {VALUE_LIMIT >> 20} MiB"))
            if number == 1:
                text = text.removeprefix(BOM)
            try:
                yield text.decode("utf-8") + "\n"
            except UnicodeDecodeError:
                bad.append(Damage(number, "the line is not valid UTF-8"))
                yield text.decode("utf-8", errors="replace") + "\n"
    except ContentError as problem:
        bad.append(Damage(number + 1, str(problem)))


def parquet_batches(path: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch | Damage]:
    """Record batches of a Parquet file, at most `BATCH_ROWS` rows each, without reading a row group whole."""
    try:
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=columns)
    except (pa.ArrowException, OSError):
        yield Damage(None, "the Parquet data is damaged")


def parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]] | Damage]:
    """Rows of a Parquet file by column, numbered from 1; times finer than a microsecond are cut to one."""
    number = 0
    for batch in parquet_batches(path):
        if isinstance(batch, Damage):
            yield Damage(number + 1, batch.what)
            return
        plain = _whole_microseconds(batch)
        for offset in range(batch.num_rows):
            number += 1
            try:
                (row,) = plain.slice(offset, 1).to_pylist()
            except (ValueError, OverflowError):
                yield Damage(number, "the row holds a value that cannot be read")
                continue
            yield number, row


def _whole_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same batch with top-level times in nanoseconds as microseconds."""
    arrays = [
        array.cast(pa.timestamp("us", tz=array.type.tz), safe=False)
        if pa.types.is_timestamp(array.type) and array.type.unit == "ns"
        else array
        for array in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
