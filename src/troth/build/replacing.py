"""The filter of a build: what the terms ask of it, what it did to the texts of a chunk, and what is kept of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.build.parquet import write_release
from troth.build.talk_keys import TalkKeys
from troth.canon.canonical import digest_of_file
from troth.detect.filter import Filter, Talks
from troth.errors import Place, ReleaseError
from troth.release.findings import (
    PLAIN_SCHEMA,
    SEALED_SCHEMA,
    FindingsFile,
    Head,
    Kept,
    Wanted,
    schema_of,
    seal_findings,
)
from troth.types.edit import Edit
from troth.types.manner import DROP, manner_of


@dataclass(frozen=True, slots=True)
class Duty:
    """What the terms ask of the filter for this purpose: which kinds of records, under which clauses."""

    filter: Filter
    kinds: tuple[str, ...]
    clauses: tuple[str, ...]
    head: Head
    """The filter that found what is replaced: this one, or the one of the earlier build."""
    kept: Path | None = None
    """The findings of an earlier build, to be used in the place of the filter's own."""

    def reads(self, media_type: str | None) -> bool:
        """Whether the filter can look into media of this type; findings that were kept know of none."""
        return self.kept is None and self.filter.reads(media_type)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What came of the texts of a chunk."""

    texts: pa.Array
    dropped: pa.Array
    """Of each text, whether its record leaves."""
    kept: Mapping[str, Kept]
    """Conversation to record to what was replaced."""
    pieces: pa.Array
    """Everything that was replaced."""
    keys: TalkKeys
    inputs_digest: str

    @property
    def changed(self) -> int:
        """How many records have another text now."""
        return sum(len(records) for records in self.kept.values()) - int(pc.sum(self.dropped).as_py() or 0)

    @property
    def counts(self) -> dict[str, int]:
        """How many replacements there were, by kind."""
        kept = (edits for records in self.kept.values() for edits in records.values())
        return dict(Counter(edit.kind for edits in kept for edit in edits))

    def write(self, path: Path) -> None:
        """Write the findings of the chunk, sealed where the release is."""
        pq.write_table(self._sealed() if self.keys.slots else self._plain(), path)

    def _plain(self) -> pa.Table:
        rows = [
            (record, conversation, e.start, e.end, e.kind, e.confidence, e.why, e.put)
            for conversation, records in self.kept.items()
            for record, edits in records.items()
            for e in edits
        ]
        return _table(rows, PLAIN_SCHEMA)

    def _sealed(self) -> pa.Table:
        rows = []
        for conversation, records in self.kept.items():
            slot = self.keys.slots[conversation]
            rows.append((slot, seal_findings(records, self.keys.seal[slot], self.inputs_digest)))
        return _table(rows, SEALED_SCHEMA)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(schema)]
    return pa.table(columns, schema=schema)


def replaced_texts(duty: Duty, rows: pa.Table, keys: TalkKeys) -> Replaced:
    """Filter the texts of some rows: anew, or as they were filtered before. Raises `ReleaseError`."""
    texts, records, conversations = (_one(rows.column(name)) for name in ("text", "record", "conversation"))
    if duty.kept is None:
        found = duty.filter.replace(Talks(texts, conversations, keys.draw))
        by_row: dict[int, list[Edit]] = {}
        for row, *edit in zip(*(column.to_pylist() for column in found.edits.columns), strict=True):
            by_row.setdefault(row, []).append(Edit(*edit))
        after, dropped = found.texts, found.dropped
    else:
        file = FindingsFile(duty.kept)
        known = file.of(Wanted(frozenset(records.to_pylist()), keys.seal))
        by_row = {row: list(known[one]) for row, one in enumerate(records.to_pylist()) if one in known}
        after, dropped = _again(texts, by_row, file)
    return Replaced(after, dropped, _kept(by_row, records, conversations), _pieces(texts, by_row), keys,
                    duty.head.inputs)  # fmt: skip


def _again(
    texts: pa.Array, by_row: Mapping[int, list[Edit]], file: FindingsFile
) -> tuple[pa.Array, pa.Array]:
    """The texts after kept edits, and which records leave."""
    manners = file.head.manners
    after, dropped = texts.to_pylist(), [False] * len(texts)
    for row, edits in by_row.items():
        dropped[row] = any(manner_of(manners, edit.kind) == DROP for edit in edits)
        after[row] = None if dropped[row] else file.applied(after[row], edits)
    return pa.array(after, texts.type), pa.array(dropped, pa.bool_())


def _kept(by_row: Mapping[int, list[Edit]], records: pa.Array, conversations: pa.Array) -> dict[str, Kept]:
    kept: dict[str, dict[str, tuple[Edit, ...]]] = {}
    for row in sorted(by_row):
        of_talk = kept.setdefault(conversations[row].as_py(), {})
        of_talk[records[row].as_py()] = tuple(by_row[row])
    return dict(kept)


def _pieces(texts: pa.Array, by_row: Mapping[int, list[Edit]]) -> pa.Array:
    before = {row: texts[row].as_py() or "" for row in by_row}
    return pa.array(
        [before[row][e.start : e.end] for row, edits in by_row.items() for e in edits], pa.string()
    )


def write_findings(head: Head, folder: Path, path: Path, *, sealed: bool) -> str:
    """Put the findings of all chunks into one file, in their order; return its hexadecimal SHA-256."""
    schema = schema_of(head, sealed=sealed)
    dictionary = [name for name in ("conversation", "kind", "why") if name in schema.names]
    parts = (pq.read_table(part).cast(schema) for part in sorted(folder.iterdir()))
    write_release(path, schema, dictionary, parts)
    return digest_of_file(path).removeprefix("sha256:")


def head_of(sensitive: Filter, inputs_digest: str, kept: Path | None) -> Head:
    """Whose findings are used: the filter's, or those that were kept.

    Raises `ReleaseError` where these are of a build from other inputs.
    """
    if kept is None:
        return Head(sensitive.digest, inputs_digest, dict(sensitive.manners), sensitive.name)
    head = FindingsFile(kept).head
    if head.inputs != inputs_digest:
        raise ReleaseError(
            "these findings are of a build from other inputs: texts would pass unfiltered",
            place=Place(str(kept)),
            remedy="give the findings of a build from the same inputs, or none to have them found anew",
        )
    return head


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
