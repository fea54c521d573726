"""The first look at a file: enough of its content to tell which log format it is, and no more."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from troth.intake.content import ContentError, Head, head_of
from troth.intake.json_stream import BOM, SPACE, elements
from troth.intake.json_text import NotJsonError, decode
from troth.intake.turns import Damage

HEAD = 256 << 10
"""Bytes of decompressed content that are looked at first."""
LONG_HEAD = 8 << 20
"""Bytes that are looked at where not even the first value fits in `HEAD`."""
VALUES = 8
"""How many values a sample holds at most."""

JSON_SHAPES = frozenset({"jsonl", "array", "object"})
EMPTY = "is empty"
"""Why the shape of a file without content is unknown."""
_COMPRESSED_BINARY = "is a compressed {} file; decompress it first"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a recogniser may look at."""

    shape: str
    """``jsonl`` (also a file of one value on one line), ``array``, ``object``, ``csv``, ``parquet``,
    ``sqlite`` or ``unknown``."""
    values: tuple[Any, ...] = ()
    """JSON only: the first values. The last may be incomplete, if the very first does not fit in the sample:
    then a key whose value was cut off holds None, and keys that follow it are missing."""
    columns: tuple[str, ...] = ()
    """CSV and Parquet only: the names of the columns."""
    tables: frozenset[str] = frozenset()
    """SQLite only: the names of the tables."""
    why: str = ""
    """Why the shape is ``unknown``."""
    damaged: bool = False
    """Whether the shape is ``unknown`` because the content cannot be read, and not because of what it is."""
    delimiter: str = ","
    """CSV only: what separates the columns."""

    @property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """Those of the values that are JSON objects."""
        return tuple(value for value in self.values if isinstance(value, dict))


def take_sample(path: Path) -> Sample:
    """Look at the head of a file. Raises `ContentError` where it cannot be read at all."""
    head = head_of(path, HEAD)
    sample = _sample(path, head)
    if sample.shape in JSON_SHAPES and not head.whole and _is_cut(sample, head):
        sample = _sample(path, head_of(path, LONG_HEAD))
    return sample


def _sample(path: Path, head: Head) -> Sample:
    if head.data.startswith(b"PAR1"):
        return _parquet(path, head)
    if head.data.startswith(b"SQLite format 3\x00"):
        return _sqlite(path, head)
    return _text_sample(head)


def _text_sample(head: Head) -> Sample:
    if head.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Sample("unknown", why="is UTF-16 text; convert it to UTF-8")
    text = head.data.removeprefix(BOM).lstrip(SPACE)
    if not text:
        return _unknown(head, EMPTY)
    if text.startswith(b"["):
        return Sample("array", values=_first_elements(text, head))
    if text.startswith(b"{"):
        return _lines_or_object(text, head)
    return _csv(text, head)


def _is_cut(sample: Sample, head: Head) -> bool:
    """Whether not even the first value of the sample is complete."""
    text = head.data.removeprefix(BOM).lstrip(SPACE)
    return len(sample.values) <= 1 and not _complete_elements(text)


def _complete_elements(text: bytes) -> tuple[Any, ...]:
    found = (each for each in elements([text]) if not isinstance(each, Damage))
    return tuple(value for _, value in islice(found, VALUES))


def _first_elements(text: bytes, head: Head) -> tuple[Any, ...]:
    whole = _complete_elements(text)
    if whole or head.whole:
        return whole
    partial = _partial(text)
    return tuple(partial) if isinstance(partial, list) else ()


def _lines_or_object(text: bytes, head: Head) -> Sample:
    first, newline, _ = text.partition(b"\n")
    if not newline and not head.whole:
        return Sample("jsonl", values=_some(_partial(text)))
    if first.rstrip(SPACE) != b"{":
        values = _first_lines(text, head)
        if values:
            return Sample("jsonl", values=values)
    whole = _complete_elements(text)
    return Sample("object", values=whole or _some(_partial(text)))


def _first_lines(text: bytes, head: Head) -> tuple[Any, ...]:
    """The first lines that are JSON objects; damaged ones are passed over, as the reader reports them."""
    found = list[Any]()
    lines = text.split(b"\n")
    if not head.whole:
        lines.pop()
    for line in lines:
        if not line.startswith(b"{"):
            continue
        try:
            found.append(decode(line))
        except NotJsonError:
            continue
        if len(found) == VALUES:
            break
    return tuple(found)


def _unknown(head: Head, why: str) -> Sample:
    return Sample("unknown", why=head.damage or why, damaged=bool(head.damage))


def _some(value: Any) -> tuple[Any, ...]:
    return (value,) if value else ()


def _partial(text: bytes) -> Any:
    """What can be read of JSON that is cut off: the values up to the cut."""
    builder = ijson.ObjectBuilder()
    last = ""
    try:
        for event, value in ijson.basic_parse(io.BytesIO(text), buf_size=1 << 16, use_float=True):
            builder.event(event, value)
            last = event
    except (ijson.JSONError, UnicodeDecodeError):
        if last == "map_key":
            builder.event("null", None)
    return getattr(builder, "value", None)


def _parquet(path: Path, head: Head) -> Sample:
    if head.compression:
        return Sample("unknown", why=_COMPRESSED_BINARY.format("Parquet"))
    try:
        return Sample("parquet", columns=tuple(pq.read_schema(path).names))
    except (pa.ArrowException, OSError):
        return Sample("unknown", why="is a damaged or truncated Parquet file", damaged=True)


def _sqlite(path: Path, head: Head) -> Sample:
    if head.compression:
        return Sample("unknown", why=_COMPRESSED_BINARY.format("SQLite"))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.Error:
        return Sample("unknown", why="is a damaged SQLite database", damaged=True)
    return Sample("sqlite", tables=frozenset(name for (name,) in names))


def _csv(text: bytes, head: Head) -> Sample:
    """Lines of text whose first names at least two columns."""
    lines = text.split(b"\n")
    if not head.whole and len(lines) == 1:
        return _unknown(head, "is of no known shape")
    try:
        first = lines[0].decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return _unknown(head, "is not text")
    delimiter = max(",\t;", key=first.count)
    try:
        (names,) = csv.reader([first], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return _unknown(head, "is of no known shape")
    if len(names) < 2 or not all(names) or len(set(names)) < len(names) or "\x00" in first:
        return _unknown(head, "is of no known shape")
    return Sample("csv", columns=tuple(names), delimiter=delimiter)


__all__ = ["ContentError", "Sample", "take_sample"]
