"""The rows of a compacted shard: those that are there, and those of which only the leaf is left.

``docs/formats/sealed-shards.md``, "Compacted shards". Whoever can read one learns of a removed row that it was there, and
between which others; whoever can write one can spoil it, and is noticed by the root in the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from troth.errors import VerificationError
from troth.release.sealed_rows import SEALED_SCHEMA, canonical_sealed_rows
from troth.release.tree import leaves

LEAF = "leaf"
LEAF_BYTES = 32

COMPACTED_SCHEMA = pa.schema(
    [*(field.with_nullable(True) for field in SEALED_SCHEMA), pa.field(LEAF, pa.binary())],
    metadata={b"troth.format": b"sealed-shard/2"},
)
"""A row of a sealed shard, or the leaf of one that was removed."""

_REQUIRED = tuple(field.name for field in SEALED_SCHEMA if not field.nullable)
_ASK = "get the release again from where it was published"


@dataclass(frozen=True, slots=True)
class ShardRows:
    """Some rows of a sealed shard, in their order."""

    living: pa.RecordBatch
    """Of ``SEALED_SCHEMA``: the rows that are there."""
    removed: npt.NDArray[np.bool_]
    """For every row, whether it was removed."""
    left: tuple[bytes, ...]
    """The leaves of the removed rows."""

    def hashes(self) -> list[bytes]:
        """The leaf of every row: of those that are there computed, of the others as it was left.

        Raises ``OverflowError`` for a number beyond 2^53 - 1.
        """
        salts = self.living.column("salt").to_pylist()
        computed = iter(leaves(salts, canonical_sealed_rows(self.living)))
        left = iter(self.left)
        return [next(left) if removed else next(computed) for removed in self.removed.tolist()]


def untouched(rows: pa.RecordBatch) -> ShardRows:
    """Rows of a shard that was not compacted: all are there."""
    return ShardRows(rows, np.zeros(rows.num_rows, np.bool_), ())


def parted(rows: pa.RecordBatch) -> ShardRows:
    """Rows of a compacted shard, of ``COMPACTED_SCHEMA``. Raises `VerificationError` for one that is neither of the two."""
    removed = rows.column(LEAF).is_valid()
    gone, living = rows.filter(removed), rows.filter(pc.invert(removed))
    if any(gone.column(name).null_count != gone.num_rows for name in SEALED_SCHEMA.names):
        raise VerificationError("a removed row has more than its leaf", remedy=_ASK)
    if any(living.column(name).null_count for name in _REQUIRED):
        raise VerificationError("a row has no leaf, and is not whole", remedy=_ASK)
    left = tuple(gone.column(LEAF).to_pylist())
    if any(len(leaf) != LEAF_BYTES for leaf in left):
        raise VerificationError(f"the leaf of a removed row does not have {LEAF_BYTES} bytes", remedy=_ASK)
    columns = [living.column(name) for name in SEALED_SCHEMA.names]
    return ShardRows(
        pa.RecordBatch.from_arrays(columns, schema=SEALED_SCHEMA),
        removed.to_numpy(zero_copy_only=False),
        left,
    )


def removing(rows: ShardRows, hashes: list[bytes], dead: pa.Array) -> pa.RecordBatch:
    """The same rows in ``COMPACTED_SCHEMA``, without those of some slots. ``hashes`` are the leaves of all."""
    stays = pc.invert(pc.is_in(rows.living.column("slot"), dead)).to_numpy(zero_copy_only=False)
    places = np.flatnonzero(~rows.removed)[stays]
    there = np.zeros(len(hashes), np.bool_)
    there[places] = True
    from_living = np.zeros(len(hashes), np.int64)
    from_living[places] = np.flatnonzero(stays)
    taken = rows.living.take(pa.array(from_living, mask=~there))
    left = pa.array(
        [None if kept else leaf for kept, leaf in zip(there.tolist(), hashes, strict=True)], pa.binary()
    )
    return pa.RecordBatch.from_arrays([*taken.columns, left], schema=COMPACTED_SCHEMA)
