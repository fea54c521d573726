"""Stage 3. The media bytes of allowed records, kept by their digest until a shard needs them.

Bytes of records that are not allowed are not copied anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from troth.build.engine import Engine, literal
from troth.build.parquet import batches, scratch_writer
from troth.errors import LogError, Place

_SIZES = pa.schema([("record", pa.string()), ("size", pa.int64())])


def take_media(engine: Engine, records: tuple[Path, ...], scratch: Path) -> None:
    """Make the table ``media`` (record and size in bytes) and a file for each distinct content.

    Raises `LogError` where the digest of a record is not that of its bytes.
    """
    table = scratch / "sizes.parquet"
    with scratch_writer(table, _SIZES) as writer:
        for number, path in enumerate(records):
            if not _has_bytes(path):
                continue
            found = list(_from_file(engine, number, path, scratch))
            writer.write_table(pa.Table.from_pylist(found, _SIZES))
    engine.run(
        "CREATE TABLE media AS SELECT record, min(size) AS size"
        f" FROM read_parquet({literal(str(table))}) GROUP BY record"
    )


def media_file(scratch: Path, digest: str) -> Path:
    """Where the bytes of a digest are."""
    return scratch / digest.removeprefix("sha256:")


def _has_bytes(path: Path) -> bool:
    """Whether the statistics of the file allow for any media bytes."""
    metadata = pq.read_metadata(path)
    place = metadata.schema.names.index("bytes")
    for group in range(metadata.num_row_groups):
        column = metadata.row_group(group).column(place)
        known = column.statistics is not None and column.statistics.has_null_count
        if not known or column.statistics.null_count < column.num_values:
            return True
    return False


def _from_file(engine: Engine, number: int, path: Path, scratch: Path) -> Iterator[dict[str, object]]:
    allowed = np.zeros(pq.read_metadata(path).num_rows, np.bool_)
    query = f"SELECT s.row FROM seen s JOIN decisions d USING (record) WHERE s.file = {number} AND d.allow"
    for batch in engine.stream(query):
        allowed[batch.column(0).to_numpy()] = True
    row = 0
    for batch in batches(path, ["record", "digest", "bytes"]):
        for record, digest, data in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if data is not None and allowed[row]:
                _keep(record, digest, data, path, scratch)
                yield {"record": record, "size": len(data)}
            row += 1


def _keep(record: str, digest: str | None, data: bytes, path: Path, scratch: Path) -> None:
    if digest != "sha256:" + hashlib.sha256(data).hexdigest():
        raise LogError(
            f"the digest of the record {record!r} is not that of its bytes", place=Place(str(path))
        )
    target = media_file(scratch, digest)
    if not target.exists():
        target.write_bytes(data)
