"""Who has everything: all files of a workspace, of its releases and of every copy, and the root that lives. What opens?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from key_attacker import derivable
from troth.errors import VerificationError
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import read_statement
from troth.release.sealed_rows import SEALED_SCHEMA, open_rows, release_key
from troth.vault.keys.local import LocalKeeper
from troth.vault.sealing import Sealer
from troth.vault.segments.schema import SEGMENT_SCHEMA, contexts


@dataclass
class Attack:
    """Every key that can be had, and the records that opened."""

    keys: set[bytes]
    opened: set[str] = field(default_factory=set)


def root_versions(roots: Path) -> list[int]:
    return _keeper(roots).versions()


def attacked(folders: Iterable[Path], roots: Path) -> Attack:
    """Try every key that follows from any key database below some folders, under the roots that are left, on every row."""
    keeper = _keeper(roots)
    live = [(keeper.name, version, keeper.get(version)) for version in keeper.versions()]
    paths = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    files = {path.read_bytes(): path for path in paths}
    keys = derivable([data for data in files if _is_of_keys(data)], live)
    found = Attack(set().union(*keys.values()))
    for data, path in files.items():
        if data.startswith(b"PAR1") and data[8:].endswith(b"PAR1"):  # the half of one opens nothing
            rows = pq.read_table(pa.BufferReader(data))
            if rows.schema.equals(SEGMENT_SCHEMA):
                _open_segment(rows, keys, found)
            elif "sealed" in rows.schema.names:
                _open_shard(rows, path.parents[1], keys, found)
    return found


def _keeper(roots: Path) -> LocalKeeper:
    return LocalKeeper(roots, lambda: 0)


def _is_of_keys(data: bytes) -> bool:
    """A key database or a copy of one, a log of one, or as much of one as lies in a backup."""
    log = data.startswith((b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"))
    return log or (data.startswith(b"SQLite format 3") and b"CREATE TABLE node" in data[:16_384])


def _open_segment(rows: pa.Table, keys: Mapping[int, set[bytes]], found: Attack) -> None:
    columns = (rows.column(name).to_pylist() for name in ("record", "slot", "sealed"))
    for bound, (record, slot, sealed) in zip(contexts(rows), zip(*columns, strict=True), strict=True):
        for key in keys.get(slot, ()):
            try:
                Sealer(key).open(bound, sealed)
            except VerificationError:
                continue
            found.opened.add(record)


def _open_shard(table: pa.Table, release: Path, keys: Mapping[int, set[bytes]], found: Attack) -> None:
    """The rows of a sealed shard; those that were compacted away have only a leaf left."""
    digest = read_statement(open_envelope((release / MANIFEST).read_bytes()).body()).predicate.inputs_digest
    left = table.filter(pc.is_valid(table.column("record")))
    for rows in left.select(SEALED_SCHEMA.names).cast(SEALED_SCHEMA).to_batches():
        for slot in set(rows.column("slot").to_pylist()):
            for key in keys.get(slot, ()):
                opening = open_rows(rows, {slot: release_key(key, digest)}, digest)
                found.opened |= set(opening.rows.column("record").to_pylist())
