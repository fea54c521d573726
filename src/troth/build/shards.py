"""Stage 7. Shards: which conversations are in which, and the writing of one with its salts and its tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.build.engine import Engine, literal
from troth.build.languages import language_counts
from troth.build.media import media_file
from troth.build.parquet import release_writer
from troth.build.prepare import CHUNK_SHIFT, PREPARED
from troth.build.shard_keys import Planned, ShardKeys
from troth.canon.canonical import digest_of_file
from troth.proof.merkle import root_of
from troth.release import manifest
from troth.release.layout import shard_name
from troth.release.rows import SHARD_SCHEMA, canonical_rows
from troth.release.salts import row_salts
from troth.release.sealed_rows import SEALED_SCHEMA, canonical_sealed_rows, seal_rows
from troth.release.tree import leaves

SHARD_ROWS = 131_072
SHARD_BYTES = 64 << 20
_GROUP_ROWS = 8192
_GROUP_BYTES = 16 << 20
_REPEATING = [
    *("conversation", "account", "role", "kind", "product", "channel", "plan", "media_type", "model", "tool"),
    *("reason", "rule", "clause", "keep_until"),
]
"""Columns whose values repeat."""
_REPEATING_SEALED = [*(name for name in _REPEATING if name in SEALED_SCHEMA.names), "slot"]


@dataclass(frozen=True, slots=True)
class ShardTask:
    """One shard to write."""

    number: int
    conversations: tuple[int, ...]
    """The numbers of its conversations, in order."""
    languages_of: tuple[int, ...]
    """Those of them whose language is wanted."""
    work: Path
    release: Path
    salt_key: bytes = field(repr=False)
    sealing: ShardKeys | None
    """None: the shard is plain."""


@dataclass(frozen=True, slots=True)
class Written:
    """One shard, and what was found out while writing it."""

    shard: manifest.Shard
    languages: Mapping[str, int]


def plan_shards(engine: Engine, slots: Path | None) -> Iterator[Planned]:
    """What is in each shard. A shard ends where the next conversation begins.

    ``slots`` is a Parquet file with the slot of each conversation.
    """
    held: list[tuple[int, int | None]] = []
    rows = size = 0
    for batch in engine.stream(_PLAIN if slots is None else _SLOTTED.format(literal(str(slots)))):
        for number, slot, more, bigger in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            held.append((number, slot))
            rows += more
            size += bigger
            if rows >= SHARD_ROWS or size >= SHARD_BYTES:
                yield _planned(held)
                held, rows, size = [], 0, 0
    if held:
        yield _planned(held)


_PLAIN = "SELECT number, NULL, rows, size FROM kept ORDER BY number"
_SLOTTED = (
    "SELECT k.number, s.slot, k.rows, k.size FROM kept k"
    " LEFT JOIN read_parquet({}) s ON s.conversation = k.conversation ORDER BY k.number"
)


def _planned(held: list[tuple[int, int | None]]) -> Planned:
    return Planned(tuple(number for number, _ in held), tuple(slot for _, slot in held))


def write_shard(task: ShardTask) -> Written:
    """Write one shard; return its entry in the manifest."""
    name = shard_name(task.number)
    path = task.release / name
    hashes: list[bytes] = []
    languages: Counter[str] = Counter()
    with _writer(path, task) as writer:
        for group in _row_groups(_parts(task, languages)):
            rows = _with_media(group, task.work / "media")
            salts = row_salts(task.salt_key, rows.column("record").to_pylist())
            rows, contents = _finished(rows, task)
            hashes += leaves(salts, contents)
            salted = rows.append_column("salt", pa.array(salts, pa.binary()))
            writer.write_table(
                salted.select(writer.schema.names).cast(writer.schema), row_group_size=len(salts)
            )
    entry = manifest.Shard(
        name=name,
        bytes=path.stat().st_size,
        rows=len(hashes),
        sha256=digest_of_file(path).removeprefix("sha256:"),
        root=root_of(hashes).hex(),
    )
    return Written(entry, languages)


def _writer(path: Path, task: ShardTask) -> pq.ParquetWriter:
    if task.sealing is None:
        return release_writer(path, SHARD_SCHEMA, _REPEATING)
    return sealed_shard_writer(path, SEALED_SCHEMA)


def sealed_shard_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a sealed shard, compacted or not."""
    dense = tuple(name for name in ("sealed", "salt", "leaf") if name in schema.names)
    return release_writer(path, schema, _REPEATING_SEALED, dense)


def _finished(rows: pa.Table, task: ShardTask) -> tuple[pa.Table, list[bytes]]:
    """The rows as they are written, but for their salts, and their canonical bytes."""
    sealing = task.sealing
    if sealing is None:
        return rows, canonical_rows(rows)
    places = np.searchsorted(np.array(task.conversations), rows.column("conversation_number").to_numpy())
    keys = dict(zip(sealing.slots, sealing.keys, strict=True))
    slots = np.array(sealing.slots, np.int64)[places].tolist()
    sealed = seal_rows(rows, slots, keys, sealing.inputs_digest)
    return sealed, canonical_sealed_rows(sealed)


def _parts(task: ShardTask, languages: Counter[str]) -> Iterator[pa.Table]:
    """The rows of the shard, chunk by chunk of the stage before; counts languages on the way."""
    numbers, wanted = pa.array(task.conversations, pa.int64()), pa.array(task.languages_of, pa.int64())
    first, last = task.conversations[0] >> CHUNK_SHIFT, task.conversations[-1] >> CHUNK_SHIFT
    for chunk in range(first, last + 1):
        rows = pq.read_table(task.work / "prepared" / f"{chunk:06d}.parquet", columns=PREPARED.names)
        rows = rows.filter(pc.is_in(rows.column("conversation_number"), numbers))
        languages.update(language_counts(rows, wanted))
        yield rows


def _row_groups(parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in row groups: closed at 8,192 rows, or at 16 MiB of text and media."""
    held: list[pa.Table] = []
    rows = size = 0
    for part in parts:
        ends = np.cumsum(_sizes(part))
        start = before = 0
        while start < part.num_rows:
            full = int(np.searchsorted(ends, before + _GROUP_BYTES - size)) + 1
            end = min(start + _GROUP_ROWS - rows, full, part.num_rows)
            held.append(part.slice(start, end - start))
            rows, size = rows + end - start, size + int(ends[end - 1]) - before
            start, before = end, int(ends[end - 1])
            if rows == _GROUP_ROWS or size >= _GROUP_BYTES:
                yield pa.concat_tables(held).combine_chunks()
                held, rows, size = [], 0, 0
    if rows:
        yield pa.concat_tables(held).combine_chunks()


def _sizes(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Bytes of text and media of each row."""
    text = pc.fill_null(pc.binary_length(rows.column("text")), 0).cast(pa.int64())
    return np.asarray(pc.add(text, pc.fill_null(rows.column("media_bytes"), 0)), np.int64)


def _with_media(rows: pa.Table, media: Path) -> pa.Table:
    """The rows with their media bytes, where they have any."""
    sizes = rows.column("media_bytes")
    if sizes.null_count == rows.num_rows:
        return rows.append_column("bytes", pa.nulls(rows.num_rows, pa.binary()))
    carried = zip(sizes.to_pylist(), rows.column("digest").to_pylist(), strict=True)
    data = [None if size is None else media_file(media, digest).read_bytes() for size, digest in carried]
    return rows.append_column("bytes", pa.array(data, pa.binary()))
