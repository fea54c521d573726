"""Join tables: account, plan, channel or time from a table beside the log.

What a join says replaces what the log says; where the table has no row for a key, the log stands. One
exception: a join from account to account translates, and an account without a row becomes unknown, which
denies. A table is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from troth.errors import LogError, Place
from troth.intake.content import ContentError
from troth.intake.declared import TimeFormError, time_in_form
from troth.intake.readers.elements import told
from troth.intake.sample import JSON_SHAPES
from troth.intake.source import Source
from troth.intake.turns import Damage
from troth.types.record import RECORD_SCHEMA


@dataclass(frozen=True, slots=True)
class Join:
    """A table ready to be looked up in."""

    by: str
    """The column of records that is looked up: ``conversation``, ``record`` or ``account``."""
    rows: dict[str, int]
    """The row of each key."""
    columns: dict[str, Any]
    """Arrow arrays by the column of records that they fill."""


def joined(batch: pa.RecordBatch, joins: Sequence[Join]) -> pa.RecordBatch:
    """The batch with what the joins say, in the order in which they are written."""
    for join in joins:
        keys = batch.column(join.by).to_pylist()
        found = pa.array([join.rows.get(key) for key in keys], pa.int64())
        arrays = {field.name: batch.column(field.name) for field in RECORD_SCHEMA}
        for name, values in join.columns.items():
            said = values.take(found)
            translates = name == join.by == "account"
            arrays[name] = said if translates else pc.coalesce(said, arrays[name])
        batch = pa.RecordBatch.from_arrays(list(arrays.values()), schema=RECORD_SCHEMA)
    return batch


@dataclass(frozen=True, slots=True)
class JoinTable:
    """A table as a mapping file asks for it."""

    file: Path
    by: str
    key: str
    """The table's column that holds what is looked up."""
    columns: dict[str, str]
    """The table's column for each column of records that it fills."""
    form: str | None
    """How its times are written."""
    asked: Place
    """Where the mapping file asks for it."""


def load_join(table: JoinTable) -> Join:
    """Read a join table. Raises `LogError` where it is damaged, lacks a column, or contradicts itself."""
    rows, lines = dict[str, int](), list[int]()
    held: dict[str, list[Any]] = {name: [] for name in table.columns}
    for line, row in _rows(table.file, table.asked):
        name, values = _entry(table, line, row)
        if name not in rows:
            rows[name] = len(lines)
            lines.append(line)
            for column, value in values.items():
                held[column].append(value)
        elif any(held[column][rows[name]] != value for column, value in values.items()):
            what = f"a key says something else than in line {lines[rows[name]]}"
            raise LogError(what, place=Place(str(table.file), line), remedy="leave one row a key")
    arrays = {name: pa.array(values, RECORD_SCHEMA.field(name).type) for name, values in held.items()}
    return Join(table.by, rows, arrays)


def _entry(table: JoinTable, line: int, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    place = Place(str(table.file), line)
    missing = [name for name in (table.key, *table.columns.values()) if name not in row]
    if missing:
        what = f"the join table lacks the column {', '.join(missing)}"
        raise LogError(what, place=place, remedy=f"add it, or mend {table.asked}")
    name = told(row[table.key])
    if name is None:
        raise LogError("the key is empty", place=place, remedy="remove the row")
    try:
        return name, {column: _value(row[own], column, table.form) for column, own in table.columns.items()}
    except TimeFormError as problem:
        raise LogError(str(problem), place=place, remedy="mend the time") from None


def _value(value: Any, column: str, form: str | None) -> Any:
    return time_in_form(value, form) if column == "at" and form else told(value)


def _rows(file: Path, asked: Place) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        source = Source.at(file)
    except ContentError as problem:
        what = f"the join table {file} {problem}"
        raise LogError(what, place=asked, remedy="check the path") from None
    shape = source.sample.shape
    if shape not in JSON_SHAPES and shape not in ("csv", "parquet"):
        what = f"the join table {source.sample.why or 'is of no known shape'}"
        raise LogError(what, place=Place(str(file)), remedy="write it as CSV with a header, JSON or Parquet")
    for row in source.json_elements() if shape in JSON_SHAPES else source.rows():
        if isinstance(row, Damage):
            raise LogError(row.what, place=Place(str(file), row.line), remedy="mend the row")
        if not isinstance(row[1], dict):
            raise LogError("the row is no object", place=Place(str(file), row[0]), remedy="mend the row")
        yield row
