"""Reading histories: JSON Lines (plain, gzip or zstd) and Parquet, found by looking at the content."""

from __future__ import annotations

import glob
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from troth.errors import HistoryError, Place
from troth.history.event import Event, read_event
from troth.history.history import History, gather
from troth.history.parquet import check_parquet, events_query, read_parquet_events

LONGEST_LINE = 16 * 1024 * 1024
"""The most bytes that one event may take."""

MANY_EVENTS = 50_000
"""From this many events on, Parquet files are read in SQL and not into memory."""


def find_files(patterns: Sequence[str]) -> list[Path]:
    """The files that some paths, folders or globs mean, sorted. Raises `HistoryError` where one means nothing."""
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.is_file())
        elif path.exists():
            files = [path]
        else:
            files = sorted(Path(name) for name in glob.glob(pattern, recursive=True))  # noqa: PTH207 - patterns may be absolute
        if not files:
            raise HistoryError("no such file", place=Place(pattern), remedy="give a file, a folder or a glob")
        found.extend(file for file in files if file not in found)
    return found


def read_history(patterns: Sequence[str]) -> History:
    """The events of some files as values. Raises `HistoryError` with file and line."""
    return gather(placed for path in find_files(patterns) for placed in events_in(path))


def events_in(path: Path) -> Iterator[tuple[Event, Place]]:
    """The events of one file with their places, streamed. Raises `HistoryError` with file and line."""
    if is_parquet(path):
        yield from read_parquet_events(path)
    else:
        yield from _json_events(path)


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as problem:
        raise HistoryError(
            f"cannot be read: {problem}", place=Place(str(path)), remedy="check the path"
        ) from None


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if magic == b"\x28\xb5\x2f\xfd":
        return cast(BinaryIO, zstandard.open(path, "rb"))
    return path.open("rb")


def _json_events(path: Path) -> Iterator[tuple[Event, Place]]:
    with _open(path) as file:
        number = 0
        while True:
            number += 1
            place = Place(str(path), number)
            try:
                line = file.readline(LONGEST_LINE + 1)
            except (OSError, EOFError, zlib.error, zstandard.ZstdError) as problem:
                raise HistoryError(
                    f"the compressed file is damaged: {problem}", place=place, remedy="fetch it again"
                ) from None
            if not line:
                return
            if len(line) > LONGEST_LINE:
                raise HistoryError(
                    "a line of over 16 MiB", place=place, remedy="an event is one short JSON object"
                )
            if line.strip():
                yield read_event(_object(line, place), place), place


def _object(line: bytes, place: Place) -> dict[str, object]:
    try:
        value = msgspec.json.decode(line)
    except msgspec.DecodeError as problem:
        raise HistoryError(f"not JSON: {problem}", place=place, remedy="one JSON object a line") from None
    except UnicodeDecodeError:
        raise HistoryError("not UTF-8", place=place, remedy="save the file as UTF-8") from None
    if not isinstance(value, dict):
        raise HistoryError("not a JSON object", place=place, remedy="one JSON object a line")
    return value


@dataclass(frozen=True, slots=True)
class EventSource:
    """Events for deciding in columns: tables in memory, and queries over Parquet files."""

    tables: tuple[pa.Table, ...] = ()
    queries: tuple[str, ...] = ()
    repeated: int = 0

    @classmethod
    def of(cls, history: History) -> EventSource:
        """The events of a history in memory."""
        return cls((history.as_table(),), (), history.repeated)


def open_history(patterns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> EventSource:
    """Events for deciding in columns, checked. Large Parquet files stay where they are.

    Raises `HistoryError` with file and line.
    """
    files = find_files(patterns)
    large = [path for path in files if is_parquet(path) and _rows(path) >= MANY_EVENTS]
    if not large:
        return EventSource.of(read_history(patterns))
    for path in large:
        check_parquet(connection, path)
    small = gather(placed for path in files if path not in large for placed in events_in(path))
    queries = tuple(events_query(path) for path in large)
    tables = (small.as_table(),) if small.events else ()
    _check_together(connection, EventSource(tables, queries))
    return EventSource(tables, queries, small.repeated)


def _rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as problem:
        raise HistoryError(
            f"not a Parquet file: {problem}", place=Place(str(path)), remedy="fetch it again"
        ) from None


def _check_together(connection: duckdb.DuckDBPyConnection, source: EventSource) -> None:
    """Raise `HistoryError` where one id has two contents, or one record is said in two ways."""
    for number, table in enumerate(source.tables):
        connection.register(f"small_{number}", table)
    union = " UNION ALL ".join(
        [*(f"SELECT * FROM small_{n}" for n in range(len(source.tables))), *source.queries]
    )
    for key, what in (
        ("id", "event id {} is used again with other content"),
        ("record", "record {} is said again in another way"),
    ):
        chosen = "id IS NOT NULL" if key == "id" else "event = 'record.said'"
        content = "* EXCLUDE (id)" if key == "record" else "*"
        found = connection.execute(
            f"WITH chosen AS (SELECT {content} FROM ({union}) WHERE {chosen}), "
            f"again AS (SELECT {key} FROM chosen GROUP BY {key} HAVING count(*) > 1) "
            f"SELECT {key} FROM (SELECT DISTINCT * FROM chosen SEMI JOIN again USING ({key})) GROUP BY {key} "
            f"HAVING count(*) > 1 ORDER BY {key} LIMIT 1"
        ).fetchall()
        if found:
            raise HistoryError(what.format(repr(found[0][0])), remedy="keep the right one")
