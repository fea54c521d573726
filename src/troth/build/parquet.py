"""Parquet as a release has it: fixed settings, so that the same rows are the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 8192
"""Rows of a row group."""


def release_writer(
    path: Path, schema: pa.Schema, dictionary: list[str], dense: tuple[str, ...] = ()
) -> pq.ParquetWriter:
    """A writer of a file of a release.

    ``dictionary`` names the columns whose values repeat, ``dense`` those that nothing makes smaller.
    """
    packed = [name for name in schema.names if name not in dense]
    return pq.ParquetWriter(
        path,
        schema,
        version="2.6",
        data_page_version="1.0",
        compression={name: "zstd" if name in packed else "none" for name in schema.names},
        compression_level=dict.fromkeys(packed, 3),
        use_dictionary=dictionary,
        write_statistics=["record", "conversation"],
        write_page_index=False,
        store_schema=True,
    )


def scratch_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a file that only a later stage reads."""
    return pq.ParquetWriter(path, schema, compression="lz4", write_statistics=False)


def write_release(path: Path, schema: pa.Schema, dictionary: list[str], parts: Iterable[pa.Table]) -> int:
    """Write tables in order as one file, in row groups of `GROUP_ROWS`; return the number of rows."""
    rows = 0
    with release_writer(path, schema, dictionary) as writer:
        for group in regroup(parts, GROUP_ROWS):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            rows += group.num_rows
    return rows


def regroup(parts: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of ``rows`` each, the last one shorter; however they were cut before."""
    held: list[pa.Table] = []
    count = 0
    for part in parts:
        held.append(part)
        count += part.num_rows
        if count < rows:
            continue
        table = pa.concat_tables(held)
        whole = count - count % rows
        for start in range(0, whole, rows):
            yield table.slice(start, rows)
        held, count = [table.slice(whole)], count - whole
    if count:
        yield pa.concat_tables(held)


def batches(path: Path, columns: list[str], groups: list[int] | None = None) -> Iterator[pa.RecordBatch]:
    """Record batches of about 16 MiB at most, from some row groups or all, without reading ahead."""
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        chosen = range(file.num_row_groups) if groups is None else groups
        size = max((_bytes_per_row(file, group) for group in chosen), default=0)
        rows = max(1, min(GROUP_ROWS, (16 << 20) // max(1, size)))
        yield from file.iter_batches(rows, row_groups=list(chosen), columns=columns)


def _bytes_per_row(file: pq.ParquetFile, group: int) -> int:
    found = file.metadata.row_group(group)
    return int(found.total_byte_size // max(1, found.num_rows))
