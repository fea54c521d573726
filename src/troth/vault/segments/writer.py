"""Records sealed and written as one segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from troth.errors import LogError
from troth.types.record import DECIDING_COLUMNS
from troth.vault.sealing import Sealer, fingerprint
from troth.vault.segments.index import Known, Row
from troth.vault.segments.schema import SEGMENT_SCHEMA, contents, contexts

_Numbers = npt.NDArray[np.int64]
_REPEATS: Final = ["role", "kind", "product", "channel", "plan", "conversation", "account"]


@dataclass(slots=True)
class Sealing:
    """The records of one segment while they are sealed: what is new, what is there already, what may not be."""

    sealers: Mapping[int, Sealer]
    """By slot; none for a slot whose key is destroyed."""
    known: dict[bytes, Known]
    """Stored records by their marks; what is sealed is added."""
    rows: list[Row] = field(default_factory=list)
    """What is new."""
    repeated: int = 0

    def seal(self, batch: pa.RecordBatch, marks: Sequence[bytes], slots: Sequence[int]) -> pa.RecordBatch:
        """The new records of a batch as rows of a segment, those of one slot side by side.

        Raises `LogError` where a stored record comes with another content.
        """
        kept: list[int] = []
        sealed: list[bytes] = []
        places = zip(marks, slots, contexts(batch), contents(batch), strict=True)
        for place, (mark, slot, context, content) in enumerate(places):
            value = self.sealers[slot].seal(context, content)
            before = self.known.get(mark)
            told = Known(slot, fingerprint(value))
            if before is None:
                self.known[mark] = told
                self.rows.append(Row(mark, *told))
                kept.append(place)
                sealed.append(value)
            elif before == told:
                self.repeated += 1
            else:
                raise contradiction(batch.column("record")[place].as_py())
        return _rows(batch, np.array(kept, np.int64), np.array([slots[k] for k in kept], np.int64), sealed)


def _rows(batch: pa.RecordBatch, kept: _Numbers, slots: _Numbers, sealed: list[bytes]) -> pa.RecordBatch:
    order = np.argsort(slots, kind="stable")
    plain = batch.select(list(DECIDING_COLUMNS)).take(pa.array(kept[order]))
    arrays = [
        *plain.columns,
        pa.array(slots[order], pa.int64()),
        pa.array([sealed[at] for at in order], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SEGMENT_SCHEMA)


def write_segment(path: Path, batches: Iterator[pa.RecordBatch]) -> None:
    """Write rows of a segment as Parquet, a row group for each batch that has any.

    Ciphertext stays as it is, everything else is compressed, and every page has a checksum.
    """
    with pq.ParquetWriter(
        path,
        SEGMENT_SCHEMA,
        compression={name: "none" if name == "sealed" else "zstd" for name in SEGMENT_SCHEMA.names},
        use_dictionary=_REPEATS,
        write_statistics=["slot"],
        write_page_checksum=True,
    ) as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=batch.num_rows)


def contradiction(record: str) -> LogError:
    """The error for a record that comes with another content than it is stored with."""
    return LogError(
        f"record {record!r} is stored with other content, or stands twice with different content",
        remedy="an id names one record; mend the logs, or give the records ids of their own in a mapping file",
    )
