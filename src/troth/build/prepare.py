"""Stage 4. Allowed conversations, chunk by chunk: filtered if the terms ask for it, counted and sketched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.build.replacing import Duty, Replaced, replaced_texts
from troth.build.second_look import Draw, look_again
from troth.build.sketch import BANDS, sketch
from troth.build.talk_keys import TalkKeys
from troth.build.words import words_of
from troth.release.rows import SHARD_SCHEMA

PREPARED = pa.schema(
    [field for field in SHARD_SCHEMA if field.name not in ("bytes", "salt")]
    + [
        pa.field("plan_in_force", pa.string()),
        pa.field("media_bytes", pa.int64()),
        pa.field("words", pa.int64()),
        pa.field("conversation_number", pa.int64()),
    ]
)
SKETCHES = pa.schema(
    [
        pa.field("conversation", pa.string()),
        pa.field("number", pa.int64()),
        pa.field("rows", pa.int64()),
        pa.field("size", pa.int64()),
        pa.field("words", pa.int64()),
        pa.field("exact", pa.binary()),
        pa.field("signature", pa.binary()),
    ]
    + [pa.field(f"band_{band}", pa.uint64()) for band in range(BANDS)]
)
LEFT = pa.schema([("record", pa.string()), ("conversation", pa.string())])
"""A record that left at this stage."""

CHUNK_SHIFT = 32
"""A conversation's number is its chunk's, shifted, plus its place there: numbers are in the order of ids."""


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """One chunk, and the folder with ``prepared``, ``sketches`` and so on for what comes of it."""

    chunk: Path
    number: int
    folder: Path
    duty: Duty | None
    keys: TalkKeys | None
    """Where there is a duty."""
    draw: Draw | None = None
    """Which filtered texts are looked at again; None: none, for what a second look found is known already."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was counted on the way."""

    rows: int = 0
    changed: int = 0
    replaced: Mapping[str, int] = field(default_factory=dict)
    words: int = 0
    """Words that were replaced."""


def prepare(task: PrepareTask) -> Prepared:
    """Filter, count and sketch one chunk; remove it when its results are written."""
    with pa.memory_map(str(task.chunk)) as source:
        rows = pa.ipc.open_file(source).read_all().combine_chunks()
        rows, filtered = _filter(rows, task)
        _count_and_sketch(rows, task)
    task.chunk.unlink()
    return filtered


def add(results: Iterable[Prepared]) -> Prepared:
    """The sum of what was counted."""
    rows = changed = words = 0
    replaced: Counter[str] = Counter()
    for result in results:
        rows += result.rows
        changed += result.changed
        words += result.words
        replaced.update(result.replaced)
    return Prepared(rows, changed, dict(sorted(replaced.items())), words)


def _filter(rows: pa.Table, task: PrepareTask) -> tuple[pa.Table, Prepared]:
    """The rows that may stay, their texts filtered.

    Media that the filter cannot read go, with their rows; so do rows with what is left out with its record.
    """
    duty, keys = task.duty, task.keys
    if duty is None or keys is None:
        return rows, Prepared(rows.num_rows)
    count = rows.num_rows
    asked = _one(pc.is_in(rows.column("kind"), pa.array(duty.kinds, pa.string())))
    unread = _one(pc.and_(asked, _unreadable(rows, duty)))
    rows, asked = _leave(rows, unread, task, "unfiltered"), asked.filter(pc.invert(unread))
    mine = rows.filter(asked).combine_chunks()
    found = replaced_texts(duty, mine, keys)
    found.write(task.folder / "findings" / f"{task.number:06d}.parquet")
    if task.draw is not None:
        look_again(duty, task.draw, mine, found, task.folder / "looked" / f"{task.number:06d}.parquet")
    place = rows.schema.get_field_index("text")
    texts = pc.replace_with_mask(_one(rows.column("text")), asked, found.texts)
    gone = pc.replace_with_mask(pa.repeat(pa.scalar(False), rows.num_rows), asked, found.dropped)
    rows = _leave(rows.set_column(place, "text", texts), gone, task, "sensitive")
    return rows, _counted(count, found)


def _counted(rows: int, found: Replaced) -> Prepared:
    _, words = words_of(found.pieces)
    return Prepared(rows, found.changed, found.counts, int(words.sum()))


def _leave(rows: pa.Table, gone: pa.Array, task: PrepareTask, reason: str) -> pa.Table:
    """The rows without those that leave; these are listed under their reason."""
    if not pc.any(gone).as_py():
        return rows
    left = rows.filter(gone).select(LEFT.names).cast(LEFT)
    pq.write_table(left, task.folder / reason / f"{task.number:06d}.parquet")
    return rows.filter(pc.invert(gone)).combine_chunks()


def _unreadable(rows: pa.Table, duty: Duty) -> pa.ChunkedArray:
    """Whether a row carries media that the filter cannot read."""
    carries = pc.or_(
        pc.is_valid(rows.column("media_bytes")),
        pc.or_(pc.is_valid(rows.column("path")), pc.is_valid(rows.column("digest"))),
    )
    types = rows.column("media_type").to_pylist() if pc.any(carries).as_py() else []
    unread = {kind for kind in set(types) if not duty.reads(kind)}
    return pc.and_(carries, pa.array([kind in unread for kind in types])) if types else carries


def _count_and_sketch(rows: pa.Table, task: PrepareTask) -> None:
    texts = _one(rows.column("text"))
    words, counts = words_of(_with_media(texts, _one(rows.column("digest"))))
    firsts, numbers = _conversations(_one(rows.column("conversation")), task.number)
    rows = rows.append_column("words", pa.array(counts)).append_column(
        "conversation_number", pa.array(numbers)
    )
    pq.write_table(
        rows.select(PREPARED.names).cast(PREPARED),
        task.folder / "prepared" / f"{task.number:06d}.parquet",
        compression="lz4",
        row_group_size=8192,
        write_statistics=False,
    )
    if not rows.num_rows:
        return
    sizes = _numbers(pc.binary_length(texts)) + _numbers(_one(rows.column("media_bytes")))
    found = sketch(words, np.add.reduceat(counts, firsts))
    columns = [
        _one(rows.column("conversation")).take(pa.array(firsts)),
        pa.array(numbers[firsts]),
        pa.array(np.diff(np.append(firsts, rows.num_rows))),
        pa.array(np.add.reduceat(sizes, firsts)),
        pa.array(np.add.reduceat(counts, firsts)),
        pa.array(found.exact, pa.binary()),
        pa.array([signature.tobytes() for signature in found.signatures], pa.binary()),
        *(pa.array(band) for band in found.bands().T.copy()),
    ]
    target = task.folder / "sketches" / f"{task.number:06d}.parquet"
    pq.write_table(pa.table(columns, schema=SKETCHES), target, compression="none", use_dictionary=False)


def _with_media(texts: pa.Array, digests: pa.Array) -> pa.Array:
    """The texts, and at the end of each the digest of its media as one more word."""
    if digests.null_count == len(digests):
        return texts
    return pc.binary_join_element_wise(pc.fill_null(texts, ""), pc.fill_null(digests, ""), " ")


def _conversations(ids: pa.Array, chunk: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The row at which each conversation begins, and the number of the conversation of each row."""
    coded = ids.dictionary_encode().indices.to_numpy().astype(np.int64)
    firsts = np.flatnonzero(np.diff(coded, prepend=-1))
    return firsts, coded + (chunk << CHUNK_SHIFT)


def _numbers(column: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(column, 0), np.int64)


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
