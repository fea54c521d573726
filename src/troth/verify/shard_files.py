"""The shards of a release: which of their rows are there, and reading these again after they were checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from troth.release.compacted_rows import COMPACTED_SCHEMA, LEAF, ShardRows
from troth.release.sealed_rows import SEALED_SCHEMA, shard_schema
from troth.verify.parquet import batches


def schema_of(*, sealed: bool, compacted: bool) -> pa.Schema:
    """The columns of a shard."""
    return COMPACTED_SCHEMA if compacted else shard_schema(sealed=sealed)


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A shard that could be read."""

    path: Path
    schema: pa.Schema
    rows: int
    """How many of its rows are there; in a compacted shard others have left only their leaf."""

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows that are there, in pieces. Raises `UnreadableError`."""
        if self.schema is not COMPACTED_SCHEMA:
            yield from batches(self.path, self.schema, columns)
            return
        wanted = list(SEALED_SCHEMA.names if columns is None else columns)
        for rows in batches(self.path, self.schema, [*wanted, LEAF]):
            yield rows.filter(rows.column(LEAF).is_null()).select(wanted)


@dataclass(slots=True)
class Seen:
    """What was seen of a shard so far."""

    there: int = 0
    """Rows that are there."""
    removed: int = 0
    runs: int = 0
    """Removed rows with none between that is there are one run: each is of one conversation at least."""
    _in_run: bool = False

    def add(self, rows: ShardRows) -> None:
        """Count the next rows."""
        gone = rows.removed
        before = np.concatenate([np.array([self._in_run]), gone[:-1]])
        self.runs += int(np.count_nonzero(gone & ~before[: len(gone)]))
        self.removed += int(np.count_nonzero(gone))
        if len(gone):
            self._in_run = bool(gone[-1])
