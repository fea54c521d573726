"""Events in Parquet: checked in SQL, row by row but all at once, and never brought into memory as a whole.

A file may leave columns out. ``at``, ``recorded_at``, ``since`` and ``until`` are timestamps with a zone, or
RFC 3339 text; everything else has the type of ``EVENT_SCHEMA``. A column of another name is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.errors import HistoryError, Place
from troth.history.event import Event, read_event
from troth.history.vocabulary import (
    CHOICE_VALUES,
    EVENT_SCHEMA,
    EVENTS,
    LIST_FIELDS,
    PATTERNS,
    TIME_FIELDS,
)
from troth.terms.problems import did_you_mean
from troth.types.moment import MomentError, as_datetime, parse_period
from troth.types.vocabulary import SIGNAL_VALUES

OUR_OWN = ("event", "at", "recorded_at", "id")


def read_parquet_events(path: Path) -> list[tuple[Event, Place]]:
    """The events of a file as values, each with its row. Raises `HistoryError`."""
    events = []
    columns = _columns(path)
    with pq.ParquetFile(path) as file:
        line = 0
        for batch in file.iter_batches(batch_size=65_536):
            for row in batch.to_pylist():
                line += 1
                raw = {key: _plain(key, value, columns) for key, value in row.items() if value is not None}
                events.append((read_event(raw, Place(str(path), line)), Place(str(path), line)))
    return events


def _plain(key: str, value: object, columns: dict[str, pa.DataType]) -> object:
    if key in TIME_FIELDS and pa.types.is_integer(columns[key]) and isinstance(value, int):
        return as_datetime(value)
    return value


def _columns(path: Path) -> dict[str, pa.DataType]:
    """The columns of a file, checked by name and type."""
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException) as problem:
        raise HistoryError(
            f"not a Parquet file: {problem}", place=Place(str(path)), remedy="give one"
        ) from None
    for name in ("event", "at"):
        if name not in schema.names:
            raise HistoryError(f"column {name!r} is missing", place=Place(str(path)), remedy=f"add {name}")
    columns = {}
    for field in schema:
        if field.name in ("file", "line"):
            continue
        if field.name not in EVENT_SCHEMA.names:
            raise HistoryError(
                f"unknown column {field.name!r}",
                place=Place(str(path)),
                remedy=did_you_mean(field.name, EVENT_SCHEMA.names),
            )
        if field.name in TIME_FIELDS and pa.types.is_timestamp(field.type) and field.type.tz is None:
            raise HistoryError(
                f"the times of column {field.name!r} have no zone",
                place=Place(str(path)),
                remedy="write timestamps in UTC with their zone",
            )
        columns[field.name] = field.type
    return columns


def events_query(path: Path) -> str:
    """A query that gives the events of a file in the columns of ``EVENT_SCHEMA``. Raises `HistoryError`."""
    columns = _columns(path)
    return f"SELECT {', '.join(_column(f, columns) for f in EVENT_SCHEMA)} FROM {_scan(path)}"


def _scan(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "', file_row_number = true)"


def _column(field: pa.Field, columns: dict[str, pa.DataType]) -> str:
    name = f'"{field.name}"'
    kind = columns.get(field.name)
    if field.name in TIME_FIELDS:
        if kind is None:
            return (
                f'"at_" AS {name}'.replace('"at_"', _moment("at", columns["at"]))
                if field.name == "recorded_at"
                else f"NULL::BIGINT AS {name}"
            )
        moment = _moment(field.name, kind)
        return (
            f"coalesce({moment}, {_moment('at', columns['at'])}) AS {name}"
            if field.name == "recorded_at"
            else f"{moment} AS {name}"
        )
    sql_type = (
        "VARCHAR[]"
        if field.name in LIST_FIELDS
        else "BOOLEAN"
        if pa.types.is_boolean(field.type)
        else "VARCHAR"
    )
    return f"NULL::{sql_type} AS {name}" if kind is None else f"{name}::{sql_type} AS {name}"


def _moment(name: str, kind: pa.DataType) -> str:
    """Microseconds since the epoch."""
    if pa.types.is_integer(kind):
        return f'"{name}"'
    if pa.types.is_timestamp(kind):
        return f'epoch_us("{name}")'
    return f'epoch_us(try_cast("{name}" AS TIMESTAMP WITH TIME ZONE))'


def check_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise `HistoryError` for the first row of a file that is no event."""
    columns = _columns(path)
    found = connection.execute(
        f"SELECT file_row_number FROM {_scan(path)} WHERE {_wrong(columns)} ORDER BY file_row_number LIMIT 1"
    ).fetchall()
    if found:
        _explain(path, int(found[0][0]))
    for name in ("period", "retention"):
        if name in columns:
            for (word,) in connection.execute(
                f"SELECT DISTINCT {name} FROM {_scan(path)} WHERE {name} IS NOT NULL"
            ).fetchall():
                _check_period(name, word, path)


def _check_period(name: str, word: str, path: Path) -> None:
    if name == "period" and word == "indefinite":
        return
    try:
        parse_period(word)
    except MomentError as problem:
        raise HistoryError(f"{name} {problem}", place=Place(str(path)), remedy="mend it") from None


def _wrong(columns: dict[str, pa.DataType]) -> str:
    """The condition of a row that is no event: unknown, without what it must have, or with what it may not."""
    names = ", ".join(f"'{event}'" for event in EVENTS)
    cases = []
    for event, kind in EVENTS.items():
        missing = [f'"{c}" IS NULL' if c in columns else "true" for c in kind.required]
        extra = [f'"{c}" IS NOT NULL' for c in columns if c not in (*OUR_OWN, *kind.fields)]
        cases.append(f"WHEN '{event}' THEN {' OR '.join([*missing, *extra]) or 'false'}")
    conditions = [f"CASE event {' '.join(cases)} ELSE true END", f"event NOT IN ({names})", "event IS NULL"]
    for name in TIME_FIELDS:
        if name not in columns:
            continue
        if not pa.types.is_integer(columns[name]) and not pa.types.is_timestamp(columns[name]):
            conditions.append(f'"{name}" IS NOT NULL AND NOT regexp_full_match("{name}", \'.*[Zz]\')')
        if name == "at":
            conditions.append(f"{_moment(name, columns[name])} IS NULL")
        else:
            conditions.append(f'"{name}" IS NOT NULL AND {_moment(name, columns[name])} IS NULL')
    conditions += [*_wrong_choices(columns), *_wrong_signals(columns)]
    return " OR ".join(f"({condition})" for condition in conditions)


def _wrong_choices(columns: dict[str, pa.DataType]) -> Iterator[str]:
    """What `troth.history.values` refuses of a choice."""
    if "choice" not in columns or "value" not in columns:
        return
    chosen = "event = 'choice.made' AND "
    values = ", ".join(f"'{value}'" for value in CHOICE_VALUES)
    account, organisation, conversation, project = (
        f"({name} IS NULL)" if name in columns else "true"
        for name in ("account", "organisation", "conversation", "project")
    )
    yield f"{chosen} value NOT IN ({values})"
    whole = f"{conversation} AND {project}"
    yield f"{chosen} {whole} AND {account} = {organisation}"
    yield f"{chosen} NOT ({whole}) AND (NOT {organisation} OR {conversation} = {project})"
    yield f"{chosen} NOT {project} AND {account}"
    for name, pattern in PATTERNS.items():
        if name in columns:
            yield f"{chosen} NOT regexp_full_match({name}, '{pattern}')"
    if "shown_at" in columns:
        yield f"{chosen} {_moment('shown_at', columns['shown_at'])} > {_moment('at', columns['at'])}"


def _wrong_signals(columns: dict[str, pa.DataType]) -> Iterator[str]:
    """What it refuses of a signal."""
    if "signal" in columns and "value" in columns:
        pairs = ((signal, value) for signal, values in SIGNAL_VALUES.items() for value in values)
        known = " OR ".join(f"(signal = '{signal}' AND value = '{value}')" for signal, value in pairs)
        yield f"event = 'signal.received' AND NOT ({known})"


def _explain(path: Path, row: int) -> None:
    """Say what is wrong with one row, in the words of the reader of single events."""
    place = Place(str(path), row + 1)
    columns = _columns(path)
    table = pq.read_table(path).slice(row, 1).to_pylist()[0]
    read_event({k: _plain(k, v, columns) for k, v in table.items() if v is not None}, place)
    raise HistoryError("this row is no event", place=place, remedy="compare it with docs/formats/history.md")
