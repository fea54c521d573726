"""Troth's own record Parquet: the schema of ``types/record.py``. Records keep their ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from troth.intake.sample import Sample
from troth.intake.source import Source
from troth.intake.tables import parquet_batches
from troth.intake.turns import Damage, Piece, Reader
from troth.types.record import RECORD_SCHEMA

_MARKS = frozenset({"record", "conversation", "role", "kind"})
"""Columns that together no other format has."""


def _recognises(sample: Sample) -> bool:
    return sample.shape == "parquet" and len(_MARKS & set(sample.columns)) >= 3


def _read(source: Source) -> Iterator[Piece]:
    missing = [name for name in RECORD_SCHEMA.names if name not in source.sample.columns]
    if missing:
        yield Damage(None, f"the record Parquet lacks the column {', '.join(missing)}")
        return
    row = 1
    for batch in parquet_batches(source.path, columns=RECORD_SCHEMA.names):
        if isinstance(batch, Damage):
            yield Damage(row, batch.what)
            return
        yield _checked(batch, row)
        row += batch.num_rows


def _checked(batch: Any, row: int) -> Piece:
    """The batch in the schema of records, or what of it does not fit."""
    arrays = []
    for field in RECORD_SCHEMA:
        try:
            array = batch.column(field.name).cast(field.type)
            array.validate(full=True)
        except pa.ArrowException:
            return Damage(row, f"the column {field.name} does not hold {field.type}")
        if array.null_count and not field.nullable:
            at = row + pc.index(array.is_null(), True).as_py()
            return Damage(at, f"the column {field.name} is empty")
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


READER = Reader("troth-records", "Troth record Parquet", _recognises, _read)
