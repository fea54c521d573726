"""The rows of a segment: what deciding needs in plain, everything else sealed (``docs/formats/segments.md``).

Whoever can read a segment sees the plain columns. Whoever can write one makes records unreadable: a changed plain
column, too, no longer opens what is sealed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from troth.errors import VerificationError
from troth.types.record import DECIDING_COLUMNS, RECORD_SCHEMA
from troth.vault.sealing import padded

SEALED_COLUMNS: Final = tuple(name for name in RECORD_SCHEMA.names if name not in DECIDING_COLUMNS)
"""The columns whose values are sealed together, in the order of their encoding."""

SEGMENT_SCHEMA: Final = pa.schema(
    [
        *(RECORD_SCHEMA.field(name) for name in DECIDING_COLUMNS),
        pa.field("slot", pa.int64(), nullable=False),
        pa.field("sealed", pa.binary(), nullable=False),
    ],
    metadata={b"troth.format": b"segment/1"},
)
"""A record as stored: the deciding columns, the slot of its conversation, and the rest under the key of the slot."""

Content = tuple[
    int, str | None, str | None, str | None, str | None, bytes | None, str | None, str | None, str | None
]
"""The values of `SEALED_COLUMNS` of one record."""

_PREFIX: Final = b"troth:segment:1"
_ENVELOPE: Final = 1 + 16 + 12 + 16
_ROUGHLY: Final = 96
"""Bytes of a row that its values do not count: numbers, and the lengths before each value."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_unpack: Callable[[bytes], Content] = msgspec.msgpack.Decoder(Content).decode


def contexts(rows: pa.RecordBatch | pa.Table) -> list[bytes]:
    """What each sealed value is bound to: ``troth.vault.sealing.context("segment", …)`` of the plain columns.

    The one part is a JSON array of the deciding columns in their order, without spaces; a time is in microseconds.
    """
    columns = [_plain(rows.column(name)) for name in DECIDING_COLUMNS]
    told = map(_json, zip(*columns, strict=True))
    return [_PREFIX + len(row).to_bytes(4) + row for row in told]


def contents(rows: pa.RecordBatch | pa.Table) -> Iterator[bytes]:
    """The plaintext of each record: a MessagePack array of `SEALED_COLUMNS`, as short as MessagePack can be."""
    columns = [rows.column(name).to_pylist() for name in SEALED_COLUMNS]
    return map(_pack, zip(*columns, strict=True))


def read_content(plaintext: bytes) -> Content:
    """The values of one record. Raises `VerificationError` where the plaintext is not one."""
    try:
        return _unpack(plaintext)
    except (msgspec.MsgspecError, ValueError) as problem:
        raise VerificationError(
            f"what was sealed is not a record: {problem}",
            remedy="read it with the version of Troth that wrote it",
        ) from None


def opened_rows(rows: pa.RecordBatch, contents: Sequence[Content]) -> pa.RecordBatch:
    """Records again: the plain columns of some rows of a segment, and what was sealed in each."""
    sealed = dict(zip(SEALED_COLUMNS, zip(*contents, strict=True), strict=True)) if contents else {}
    arrays = [
        pa.array(sealed.get(field.name, ()), field.type)
        if field.name in SEALED_COLUMNS
        else rows.column(field.name)
        for field in RECORD_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def plain_rows(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Records of which nothing is opened: the plain columns of rows of a segment; the others are null, positions 0."""
    count = rows.num_rows
    arrays = [
        rows.column(field.name)
        if field.name not in SEALED_COLUMNS
        else pa.nulls(count, field.type)
        if field.nullable
        else pa.repeat(pa.scalar(0, field.type), count)
        for field in RECORD_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def sizes(rows: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """At most so many bytes does each record take in a segment."""
    content = np.full(rows.num_rows, _ROUGHLY, np.int64)
    plain = np.full(rows.num_rows, _ROUGHLY + _ENVELOPE, np.int64)
    for field, column in zip(rows.schema, rows.columns, strict=True):
        if pa.types.is_string(field.type) or pa.types.is_binary(field.type):
            counted = content if field.name in SEALED_COLUMNS else plain
            counted += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    distinct, places = np.unique(content, return_inverse=True)
    buckets = np.fromiter((padded(int(length)) for length in distinct), np.int64, len(distinct))
    return np.asarray(plain + buckets[places], np.int64)


def values(column: pa.Array) -> list[memoryview]:
    """The values of a column of binary without nulls, uncopied."""
    _, ends, data = column.buffers()
    offsets = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1].tolist()
    whole = memoryview(data).cast("B") if data else memoryview(b"")
    return [whole[start:end] for start, end in pairwise(offsets)]


def _plain(column: Any) -> list[Any]:
    """The values as a JSON array says them."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    found: list[Any] = column.to_pylist()
    return found
