"""One file of a log, as readers see it: its sample, and its content streamed in the way that its shape asks.

Every stream yields ``(number, value)``, or `Damage` where a piece cannot be read, and never raises for what
the content is. ``number`` is a line, a row, or an element of an array, counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from troth.intake import json_stream, tables
from troth.intake.content import ContentError, head_of, pieces
from troth.intake.json_text import Decoder, NotJsonError
from troth.intake.sample import Sample, take_sample
from troth.intake.turns import Damage

IN_ONE_GO = 16 << 20
"""Bytes of decompressed JSON that are decoded at once. What is larger is streamed, element by element."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a reader reads."""

    path: Path
    sample: Sample

    @classmethod
    def at(cls, path: Path) -> Source:
        """The source at a path, with its sample taken. Raises `ContentError` for an unreadable file."""
        return cls(path, take_sample(path))

    def json_lines(self, shape: Any = Any) -> Iterator[tuple[int, Any] | Damage]:
        """The values of JSON Lines. A line over 64 MiB is damage; blank lines are passed over.

        ``shape`` is a type, such as a ``msgspec.Struct``, of whose fields alone values are made: several
        times faster where a format holds much that is not taken. A value of another shape is damage.
        """
        return json_stream.lines(pieces(self.path), Decoder(shape))

    def json_elements(self, shape: Any = Any) -> Iterator[tuple[int, Any] | Damage]:
        """The elements of a top-level array, or the one object as element 1, or the lines of JSON Lines.

        ``shape`` is as for `json_lines`.
        """
        if self.sample.shape == "jsonl":
            return self.json_lines(shape)
        return self._elements(Decoder(shape))

    def _elements(self, decoder: Decoder) -> Iterator[tuple[int, Any] | Damage]:
        try:
            head = head_of(self.path, IN_ONE_GO)
        except ContentError as problem:
            yield Damage(1, str(problem))
            return
        if not head.whole:
            del head
            yield from json_stream.elements(pieces(self.path), decoder)
            return
        try:
            values = decoder.many(head.data.removeprefix(json_stream.BOM))
        except NotJsonError:
            yield from json_stream.elements([head.data], decoder)
        else:
            yield from enumerate(values, start=1)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]] | Damage]:
        """The rows of a CSV file (all values are text) or of a Parquet file (typed), by column name."""
        if self.sample.shape == "parquet":
            return tables.parquet_rows(self.path)
        return tables.csv_rows(self.path, self.sample.delimiter)

    def sqlite_path(self) -> Path:
        """Where the SQLite database lies. Open it read-only; it may be in use."""
        return self.path


__all__ = ["Damage", "Sample", "Source", "take_sample"]
