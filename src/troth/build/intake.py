"""Stage 1. What came in: every record once, or an error where two of one id differ.

A record that came in again with the same content counts once; each further time is excluded as ``repeated``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from troth.build.crew import Crew
from troth.build.engine import Engine, literal
from troth.build.inputs import Progress
from troth.build.parquet import batches, scratch_writer
from troth.errors import LogError, Place, ReleaseError
from troth.release.rows import RECORD_MEMBERS, canonical_rows
from troth.types.record import RECORD_SCHEMA

_TASK_ROWS = 65_536
_SEEN = pa.schema(
    [
        ("record", pa.string()),
        ("conversation", pa.string()),
        ("position", pa.int64()),
        ("digest", pa.binary(32)),
        ("said", pa.binary(16)),
        ("file", pa.int32()),
        ("row", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Some row groups of one file of records."""

    path: Path
    number: int
    groups: tuple[int, ...]
    first_row: int
    target: Path


def take_in(engine: Engine, crew: Crew, records: tuple[Path, ...], scratch: Path, progress: Progress) -> int:
    """Make the views ``seen`` (all rows) and ``came_in`` (distinct records); return how many rows came in.

    The table ``repeated`` has the records that came in more than once, and how many times. Raises `LogError`
    where a file is damaged, is not of the record schema, or one id has two contents.
    """
    rows = 0
    for count in crew.each(read_rows, _tasks(records, scratch)):
        rows += count
        progress("intake", rows, None)
    source = f"read_parquet({literal(str(scratch / '*.parquet'))})" if any(scratch.iterdir()) else _NOTHING
    engine.run(f"CREATE VIEW seen AS SELECT * FROM {source}")
    _set_apart_repeated(engine)
    _require_one_content(engine, records)
    return rows


_NOTHING = (
    "(SELECT '' AS record, '' AS conversation, 0::BIGINT AS position, ''::BLOB AS digest, ''::BLOB AS said,"
    " 0::INTEGER AS file, 0::BIGINT AS row WHERE false)"
)


def _set_apart_repeated(engine: Engine) -> None:
    """Find ids that occur again, by a hash first: of the usual log with none, no id is held in memory."""
    engine.run(
        "CREATE TABLE suspects AS SELECT record, conversation, digest, file, row FROM seen"
        " WHERE hash(record) IN (SELECT hash(record) FROM seen GROUP BY 1 HAVING count(*) > 1)"
    )
    engine.run(
        "CREATE TABLE repeated AS SELECT record, min(conversation) AS conversation, count(*) AS times,"
        " min(digest) AS digest, max(digest) AS other, min((file, row)) AS first"
        " FROM suspects GROUP BY record HAVING count(*) > 1"
    )
    engine.run(
        "CREATE TABLE again AS SELECT s.file, s.row FROM suspects s JOIN repeated r USING (record)"
        " WHERE (s.file, s.row) <> r.first"
    )
    engine.run(
        "CREATE VIEW came_in AS SELECT record, conversation, position, digest, said"
        " FROM seen ANTI JOIN again USING (file, row)"
    )


def records_digest(engine: Engine) -> str:
    """The digest of the distinct records as a set (``docs/formats/shards.md``)."""
    digest = hashlib.sha256()
    for batch in engine.stream("SELECT digest FROM came_in ORDER BY digest"):
        digest.update(b"".join(batch.column(0).to_pylist()))
    return "sha256:" + digest.hexdigest()


def read_rows(task: ReadTask) -> int:
    """Write the digest of each row, and of what it says, and return the number of rows."""
    row = task.first_row
    columns = [name for name in RECORD_SCHEMA.names if name != "bytes"]
    try:
        with scratch_writer(task.target, _SEEN) as writer:
            for batch in batches(task.path, columns, list(task.groups)):
                writer.write_table(_seen(batch, task, row))
                row += batch.num_rows
    except (pa.ArrowException, OverflowError) as problem:
        raise LogError(f"the records cannot be read: {problem}", place=Place(str(task.path))) from problem
    return row - task.first_row


def _seen(batch: pa.RecordBatch, task: ReadTask, row: int) -> pa.Table:
    sha256 = hashlib.sha256
    digests = [sha256(data).digest() for data in canonical_rows(batch, RECORD_MEMBERS)]
    values = [
        batch.column("record"),
        batch.column("conversation"),
        batch.column("position"),
        pa.array(digests, pa.binary(32)),
        _said(batch.column("text"), batch.column("digest")),
        pa.repeat(pa.scalar(task.number, pa.int32()), batch.num_rows),
        pa.array(range(row, row + batch.num_rows), pa.int64()),
    ]
    return pa.table(values, schema=_SEEN)


def _said(texts: pa.Array, media: pa.Array) -> pa.Array:
    """A digest of what each row says, text and media; null where it says nothing."""
    sha256 = hashlib.sha256
    said = texts.cast(pa.binary()).to_pylist()
    if media.null_count < len(media):
        both = zip(said, media.cast(pa.binary()).to_pylist(), strict=True)
        said = [text if other is None else (text or b"") + b"\0" + other for text, other in both]
    return pa.array([None if one is None else sha256(one).digest()[:16] for one in said], pa.binary(16))


def _tasks(records: tuple[Path, ...], scratch: Path) -> Iterator[ReadTask]:
    for number, path in enumerate(records):
        groups: list[int] = []
        row = waiting = 0
        for group, rows in enumerate(_group_rows(path)):
            groups.append(group)
            waiting += rows
            if waiting >= _TASK_ROWS:
                yield ReadTask(
                    path, number, tuple(groups), row, scratch / f"{number:06d}-{groups[0]:06d}.parquet"
                )
                row, waiting, groups = row + waiting, 0, []
        if groups:
            yield ReadTask(
                path, number, tuple(groups), row, scratch / f"{number:06d}-{groups[0]:06d}.parquet"
            )


def _group_rows(path: Path) -> list[int]:
    """The number of rows of each row group. Raises `LogError` where the file is not one of records."""
    try:
        found = pq.read_schema(path)
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as problem:
        raise LogError("this is not a Parquet file of records", place=Place(str(path))) from problem
    if not found.equals(RECORD_SCHEMA):
        missing = sorted(set(RECORD_SCHEMA.names) - set(found.names))
        what = (
            f"the columns {', '.join(missing)} are missing" if missing else "its columns are not of records/1"
        )
        raise LogError(f"this is not a Parquet file of records: {what}", place=Place(str(path)))
    return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]


def _require_one_content(engine: Engine, records: tuple[Path, ...]) -> None:
    found = engine.rows("SELECT record FROM repeated WHERE digest <> other ORDER BY record LIMIT 1")
    if not found:
        return
    record = found[0][0]
    where = engine.rows("SELECT DISTINCT file FROM seen WHERE record = ? ORDER BY file", [record])
    names = " and ".join(sorted(str(records[file]) for (file,) in where))
    raise LogError(
        f"the record {record!r} came in twice with different content, in {names}",
        remedy="an id names one record; give the log's mapping an id that is unique",
    )


def require_sources(total: int, rows: int) -> None:
    """Raise `ReleaseError` where the log formats' counts do not add up to what came in."""
    if total not in (0, rows):
        raise ReleaseError(
            f"the logs are said to hold {total} records and {rows} came in: some would be dropped in silence"
        )
