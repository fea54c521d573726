"""The findings that a build used, kept beside the release (``docs/formats/findings.md``).

Whoever has the logs and this file can make the filtered texts again, without the filter. Whoever can read it plain
learns where in a text something was replaced, and by what; sealed, how many conversations had findings. Whoever
can write it is noticed by its digest in the manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.canon.canonical import canonical_bytes
from troth.errors import Place, ReleaseError, VerificationError
from troth.release.manifest import SecondLook
from troth.types.edit import Edit, edited
from troth.vault.sealing import context, open_sealed, seal

_HEAD = b"troth.filter"
_FORMAT = b"troth.format"
_PLAIN_NAME, _SEALED_NAME = b"findings/1", b"sealed-findings/1"
_RESTORE = "take the file that was written with the release"

PLAIN_SCHEMA = pa.schema(
    [
        pa.field("record", pa.string(), nullable=False),
        pa.field("conversation", pa.string(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
        pa.field("put", pa.string(), nullable=False),
    ]
)
"""One row for every replacement, in the order of the release and of the text."""

SEALED_SCHEMA = pa.schema(
    [pa.field("slot", pa.int64(), nullable=False), pa.field("sealed", pa.binary(), nullable=False)]
)
"""One row for every conversation with a replacement, in the order of the release."""

Kept = Mapping[str, tuple[Edit, ...]]
"""Record to what was replaced in its text, in order."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The filter whose findings these are, the inputs of the build that it ran in, and what a second look found."""

    digest: str
    inputs: str
    manners: dict[str, str]
    name: str
    second_look: SecondLook | None = None
    """None only until the texts have been looked at again."""


def schema_of(head: Head, *, sealed: bool) -> pa.Schema:
    """The schema of a file of findings."""
    told = {
        _FORMAT: _SEALED_NAME if sealed else _PLAIN_NAME,
        _HEAD: canonical_bytes(msgspec.to_builtins(head)),
    }
    return (SEALED_SCHEMA if sealed else PLAIN_SCHEMA).with_metadata(told)


_Row = tuple[int, int, str, float, str, str]
_Cell = tuple[tuple[str, tuple[_Row, ...]], ...]
"""What is sealed of a conversation: its records, and of each what was replaced."""
_pack = msgspec.msgpack.Encoder().encode
_unpack: Callable[[bytes], _Cell] = msgspec.msgpack.Decoder(_Cell).decode


def seal_findings(kept: Kept, key: bytes, inputs_digest: str) -> bytes:
    """The sealed findings of one conversation. ``key`` is the conversation's in the release."""
    rows = tuple(
        (record, tuple((e.start, e.end, e.kind, e.confidence, e.why, e.put) for e in edits))
        for record, edits in kept.items()
    )
    return seal(key, context("findings", inputs_digest), _pack(rows))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose findings are asked for."""

    records: Collection[str]
    keys: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    """Where they are sealed: the release's keys, by slot, of the conversations of the records."""


class FindingsFile:
    """A file of findings, read again and again in parts."""

    def __init__(self, path: Path) -> None:
        """Raises `ReleaseError` where it is no file of findings."""
        self.path = path
        try:
            found = pq.read_schema(path)
            self.head = msgspec.json.decode((found.metadata or {}).get(_HEAD, b""), type=Head)
        except (pa.ArrowException, OSError, msgspec.MsgspecError, UnicodeDecodeError) as problem:
            raise self._refused(f"this is no file of findings: {problem}") from None
        self.sealed = found.names == SEALED_SCHEMA.names
        if not found.equals(schema_of(self.head, sealed=self.sealed), check_metadata=False):
            raise self._refused("this is no file of findings: its columns are others")

    def of(self, wanted: Wanted) -> Kept:
        """The findings of some records; records without any are not in it. Raises `ReleaseError`."""
        found: dict[str, tuple[Edit, ...]] = {}
        try:
            for batch in self._batches():
                opened = self._opened(batch, wanted) if self.sealed else _plain(batch, wanted.records)
                for record, edits in opened.items():
                    found[record] = found.get(record, ()) + edits
        except (pa.ArrowException, OSError, ValueError, VerificationError, msgspec.MsgspecError) as problem:
            raise self._refused(f"the findings cannot be read: {problem}") from None
        return found

    def applied(self, text: str | None, edits: Collection[Edit]) -> str:
        """A text with its edits made. Raises `ReleaseError` where they do not fit it."""
        try:
            return edited(text or "", edits)
        except ValueError as problem:
            raise self._refused(f"these are not the findings of these records: {problem}") from None

    def records(self, keys_of: Callable[[Sequence[int]], Mapping[int, bytes]]) -> Iterator[set[str]]:
        """The records that have findings, batch by batch; one may come in two batches.

        ``keys_of`` gives the release's keys of slots, of those that have one. Raises `ReleaseError`.
        """
        try:
            for batch in self._batches():
                if self.sealed:
                    keys = keys_of(batch.column("slot").to_pylist())
                    yield {record for record, _ in self._cells(batch, keys)}
                else:
                    yield set(batch.column("record").to_pylist())
        except (pa.ArrowException, OSError, VerificationError, msgspec.MsgspecError) as problem:
            raise self._refused(f"the findings cannot be read: {problem}") from None

    def _batches(self) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(self.path, pre_buffer=False) as file:
            yield from file.iter_batches(8192)

    def _opened(self, batch: pa.RecordBatch, wanted: Wanted) -> Kept:
        cells = self._cells(batch, wanted.keys)
        return {
            record: tuple(Edit(*row) for row in rows) for record, rows in cells if record in wanted.records
        }

    def _cells(
        self, batch: pa.RecordBatch, keys: Mapping[int, bytes]
    ) -> Iterator[tuple[str, tuple[_Row, ...]]]:
        """What is in the cells that have a key."""
        mine = batch.filter(pc.is_in(batch.column("slot"), pa.array(keys, pa.int64())))
        for slot, cell in zip(
            mine.column("slot").to_pylist(), mine.column("sealed").to_pylist(), strict=True
        ):
            yield from _unpack(open_sealed(keys[slot], context("findings", self.head.inputs), cell))

    def _refused(self, what: str) -> ReleaseError:
        return ReleaseError(what, place=Place(str(self.path)), remedy=_RESTORE)


def _plain(batch: pa.RecordBatch, records: Collection[str]) -> Kept:
    mine = batch.filter(pc.is_in(batch.column("record"), pa.array(records, pa.string())))
    columns = [mine.column(name).to_pylist() for name in ("record", *PLAIN_SCHEMA.names[2:])]
    found: dict[str, list[Edit]] = {}
    for record, *row in zip(*columns, strict=True):
        found.setdefault(record, []).append(Edit(*row))
    return {record: tuple(edits) for record, edits in found.items()}
