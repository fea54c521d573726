"""The rows of a sealed shard: what stays plain, what is sealed, and the keys (``docs/formats/sealed-shards.md``).

What was said is sealed under a key that follows from the key of its conversation and the release, so that
destroying the one key ends both. Whoever can read a shard learns its plain columns and the length of the rest to a
bucket; whoever can write it can spoil it, and is noticed by the root in the manifest and by each cell's own check.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import pyarrow as pa

from troth.errors import VerificationError
from troth.release.rows import SHARD_SCHEMA, canonical_rows
from troth.vault.sealing import Sealer, context, padded
from troth.vault.segments.schema import values

HIDDEN_COLUMNS = ("parent", "text", "media_type", "digest", "bytes", "path", "model", "tool")
"""The columns of a row that are sealed."""
PLAIN_COLUMNS = tuple(name for name in SHARD_SCHEMA.names if name not in (*HIDDEN_COLUMNS, "salt"))
"""The columns that stay as they are: what deciding, ordering and counting read."""

SEALED_SCHEMA = pa.schema(
    [
        *(SHARD_SCHEMA.field(name) for name in PLAIN_COLUMNS),
        pa.field("slot", pa.int64(), nullable=False),
        pa.field("sealed", pa.binary(), nullable=False),
        SHARD_SCHEMA.field("salt"),
    ],
    metadata={b"troth.format": b"sealed-shard/1"},
)
"""A row of a sealed shard: the slot of its conversation, and the other columns in one sealed cell."""

SEALED_MEMBERS = tuple(sorted(name for name in SEALED_SCHEMA.names if name != "salt"))
"""The members of the canonical object of a sealed row, in their order."""

_LABEL = b"troth:release:1"
_VERSION = b"\x01"
_MARK_END = 17
_OVERHEAD = 1 + 16 + 12 + 16
"""Bytes of a cell beside what is encrypted: version, mark of the key, nonce, and the tag of AES-GCM."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell that does not open: its row, and why."""

    row: int
    problem: VerificationError


@dataclass(frozen=True, slots=True)
class Opening:
    """What came of opening rows. ``places`` are the rows that opened, in order; every other is in one list."""

    rows: pa.RecordBatch
    """Of ``SHARD_SCHEMA``."""
    places: tuple[int, ...]
    gone: tuple[int, ...]
    """Rows whose slot has no key."""
    refused: tuple[Refused, ...]


def shard_schema(*, sealed: bool) -> pa.Schema:
    """The columns of the shards of a release."""
    return SEALED_SCHEMA if sealed else SHARD_SCHEMA


def release_key(key: bytes, inputs_digest: str) -> bytes:
    """The key of a conversation in one release: HMAC-SHA256(key of its slot, ``troth:release:1`` || inputs digest)."""
    return hmac.digest(key, _LABEL + bytes.fromhex(inputs_digest.removeprefix("sha256:")), "sha256")


def seal_rows(
    rows: pa.Table, slots: Sequence[int], keys: Mapping[int, bytes], inputs_digest: str
) -> pa.Table:
    """The same rows sealed, but for their salts. ``rows`` has all columns of ``SHARD_SCHEMA`` but ``salt``.

    ``keys`` are the release's, by slot. The same rows under the same keys give the same bytes.
    """
    cells, sealers = [], _Sealers(keys)
    for bound, slot, content in zip(_contexts(rows, inputs_digest), slots, hidden_bytes(rows), strict=True):
        cells.append(sealers.of(slot).seal(bound, content))
    plain = rows.select(list(PLAIN_COLUMNS))
    return plain.append_column("slot", pa.array(slots, pa.int64())).append_column(
        "sealed", pa.array(cells, pa.binary())
    )


def canonical_sealed_rows(rows: pa.RecordBatch | pa.Table) -> list[bytes]:
    """The canonical bytes of each row: its plain columns, its slot, and the digest of its sealed cell."""
    sha256 = hashlib.sha256
    cells = rows.column("sealed")
    cells = values(cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells)
    digests = pa.array([f"sha256:{sha256(cell).hexdigest()}" for cell in cells], pa.string())
    place = rows.schema.get_field_index("sealed")
    return canonical_rows(rows.set_column(place, "sealed", digests), SEALED_MEMBERS)


def open_rows(rows: pa.RecordBatch, keys: Mapping[int, bytes], inputs_digest: str) -> Opening:
    """Open the rows whose slots have a key. ``rows`` are of ``SEALED_SCHEMA``, ``keys`` the release's, by slot."""
    sealers = _Sealers(keys)
    places, contents, gone, refused = [], [], [], []
    slots, cells = rows.column("slot").to_pylist(), values(rows.column("sealed"))
    bounds = _contexts(rows, inputs_digest)
    for row, (bound, slot, cell) in enumerate(zip(bounds, slots, cells, strict=True)):
        if slot not in keys:
            gone.append(row)
            continue
        try:
            contents.append(_hidden(sealers.of(slot).open(bound, cell)))
        except VerificationError as problem:
            refused.append(Refused(row, problem))
        else:
            places.append(row)
    hidden = dict(zip(HIDDEN_COLUMNS, zip(*contents, strict=True), strict=True)) if contents else {}
    chosen = rows if len(places) == rows.num_rows else rows.take(pa.array(places, pa.int64()))
    opened = pa.RecordBatch.from_arrays(
        [
            pa.array(hidden.get(field.name, ()), field.type)
            if field.name in HIDDEN_COLUMNS
            else chosen.column(field.name)
            for field in SHARD_SCHEMA
        ],
        schema=SHARD_SCHEMA,
    )
    return Opening(opened, tuple(places), tuple(gone), tuple(refused))


def key_mark(cell: bytes) -> bytes:
    """The 16 bytes in a sealed cell that tell its key from others: no key, and the same in all cells of one key.

    Raises `VerificationError` where these are not the bytes of a cell: version, and a length that padding gives.
    """
    body = len(cell) - _OVERHEAD
    if cell[:1] != _VERSION or body < 1 or padded(body - 1) != body:
        raise VerificationError("these are not sealed bytes of a form that is known", remedy=_ASK)
    return cell[1:_MARK_END]


def hidden_bytes(rows: pa.Table | pa.RecordBatch) -> Iterator[bytes]:
    """What is sealed of each row: a MessagePack array of `HIDDEN_COLUMNS`, as short as MessagePack can be."""
    columns = [rows.column(name).to_pylist() for name in HIDDEN_COLUMNS]
    return map(_pack, zip(*columns, strict=True))


_Text = str | None
_Hidden = tuple[_Text, _Text, _Text, _Text, bytes | None, _Text, _Text, _Text]
"""The values of `HIDDEN_COLUMNS` of one row."""

_pack = msgspec.msgpack.Encoder().encode
_unpack: Callable[[bytes], _Hidden] = msgspec.msgpack.Decoder(_Hidden).decode
_ASK = "ask the publisher: who had the key sealed something else in it"


def _hidden(content: bytes) -> _Hidden:
    """The hidden columns of a row. Raises `VerificationError` where the content is not of its form."""
    try:
        return _unpack(content)
    except (msgspec.MsgspecError, ValueError) as problem:
        raise VerificationError(
            f"the sealed cell holds no row of a release: {problem}", remedy=_ASK
        ) from None


def _contexts(rows: pa.Table | pa.RecordBatch, inputs_digest: str) -> Iterator[bytes]:
    """What the cell of each row is bound to: ``context("shard", inputs digest, record)``."""
    release = context("shard", inputs_digest)
    records = map(str.encode, rows.column("record").to_pylist())
    return (release + len(record).to_bytes(4) + record for record in records)


class _Sealers:
    """The sealer of each slot; rows of one conversation follow one another, so the last one is kept."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = keys
        self._last: tuple[int, Sealer] | None = None

    def of(self, slot: int) -> Sealer:
        if self._last is None or self._last[0] != slot:
            self._last = (slot, Sealer(self._keys[slot]))
        return self._last[1]
