"""One shard of a release written anew, without the rows whose keys are destroyed. Nothing is put into its place yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.build.shards import sealed_shard_writer
from troth.canon.canonical import digest_of_file
from troth.errors import Place, VerificationError
from troth.proof.merkle import root_of
from troth.release.compacted_rows import COMPACTED_SCHEMA, LEAF, ShardRows, parted, removing, untouched
from troth.release.manifest import Shard
from troth.vault.keys.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A shard that was written anew beside its place."""

    new: str
    """The digest of the new file."""
    removed: int
    """How many rows have left only their leaf by now."""
    removed_now: int
    """How many of them went now."""


def dead_slots(path: Path, keyring: Keyring) -> list[int]:
    """The slots of the rows of a shard whose keys are destroyed. Raises ``VaultError`` for one that was never given out."""
    with pq.ParquetFile(path) as file:
        column = file.read(["slot"]).column("slot")
    slots = sorted(pc.unique(column).drop_null().to_pylist())
    return [slot for slot, key in zip(slots, keyring.keys(slots), strict=True) if key is None]


def rewrite(shard: Shard, old: Path, new: Path, dead: Sequence[int]) -> Rewritten:
    """Write ``old`` anew at ``new``, durably, without the rows of dead slots. One row group is held at a time.

    Raises `VerificationError`, and leaves nothing, where the rows are not those of the root in the manifest: what is not
    what was signed is never vouched for.
    """
    hashes: list[bytes] = []
    gone, before, removed = pa.array(list(dead), pa.int64()), 0, 0
    with pq.ParquetFile(old) as file, sealed_shard_writer(new, COMPACTED_SCHEMA) as writer:
        for group in range(file.num_row_groups):
            rows = _rows(file.read_row_group(group))
            found = rows.hashes()
            stay = removing(rows, found, gone)
            writer.write_batch(stay, row_group_size=stay.num_rows)
            before += len(rows.left)
            removed += len(found) - stay.column(LEAF).null_count
            hashes += found
    if len(hashes) != shard.rows or root_of(hashes).hex() != shard.root:
        new.unlink()
        raise VerificationError(
            "its rows are not those of the root in the manifest: it is left as it is",
            place=Place(str(old)),
            remedy="verify the release: it says what is wrong with it",
        )
    with new.open("rb") as written:
        os.fsync(written.fileno())
    return Rewritten(digest_of_file(new), removed, removed - before)


def _rows(table: pa.Table) -> ShardRows:
    (rows,) = table.combine_chunks().to_batches()
    return parted(rows) if LEAF in rows.schema.names else untouched(rows)
