"""A key grant: every record of a sealed release is decided again, and those still allowed are opened.

What a person chose since the release was built counts at once. A record that may not be used any more is *withheld*,
one whose key was destroyed is *gone*; both are passed over and named, and neither is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.errors import Place, UsageError, VerificationError
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.releases.again import Verdicts, decided_again
from troth.operations.workspace.releases.readable import Readable, require_filtered
from troth.release.sealed_rows import open_rows, release_key
from troth.types.moment import Moment
from troth.types.vocabulary import PURPOSES

ROWS = 4096
"""Rows that are opened at a time."""
_PLAIN = ["record", "conversation", "slot"]
"""What counting reads of a row."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Some rows of a release after the grant."""

    allowed: int
    """How many may be opened."""
    opened: pa.RecordBatch | None
    """Those, in the columns of a plain shard; None where they were only counted."""
    withheld: pa.RecordBatch
    """``record``, ``conversation``, ``reason``, ``rule`` and ``clause``: what the decision says of the others now."""
    gone: pa.RecordBatch
    """``record`` and ``conversation`` of those whose key is destroyed."""
    removed: int = 0
    """How many more have left only their leaf."""


class Grant:
    """The grant of a release, while it lasts."""

    def __init__(self, workspace: Workspace, release: Readable, verdicts: Verdicts) -> None:
        self._workspace, self._release, self._verdicts = workspace, release, verdicts

    def rows(self, *, opens: bool) -> Iterator[Granted]:
        """All rows of the release in their order; without ``opens`` they are counted, and nothing is opened.

        A shard is granted as a whole: its keys are asked for once, when its turn comes. Raises `VerificationError`
        where a cell does not open.
        """
        verdicts = self._verdicts.cursor()
        for shard in self._release.manifest.shards:
            with pq.ParquetFile(self._release.folder / shard.name) as file:
                keys = self._keys(file)
                for piece in _pieces(file, None if opens else _PLAIN):
                    rows = piece.filter(piece.column("record").is_valid())
                    removed = piece.num_rows - rows.num_rows
                    if rows.num_rows:
                        yield self._granted(rows, verdicts.take(rows.num_rows), keys, opens=opens)
                    if removed:
                        nothing = rows.slice(0, 0)
                        yield Granted(0, None, nothing, nothing, removed)

    def _granted(
        self, rows: pa.RecordBatch, verdicts: pa.Table, keys: Mapping[int, bytes], *, opens: bool
    ) -> Granted:
        if not verdicts.column("record").combine_chunks().equals(rows.column("record")):
            raise VerificationError(
                "a record is in the release twice, or in the history in two ways: nothing is opened",
                place=Place(str(self._release.folder)),
                remedy="verify the release with --workspace: it says what is wrong with it",
            )
        living = pc.is_in(rows.column("slot"), pa.array(list(keys), pa.int64()))
        may = verdicts.column("allow").combine_chunks()
        allowed = rows.filter(pc.and_(living, may))
        named = rows.select(["record", "conversation"])
        told = named
        for name in ("reason", "rule", "clause"):
            told = told.append_column(name, verdicts.column(name).combine_chunks())
        return Granted(
            allowed.num_rows,
            self._open(allowed, keys) if opens else None,
            told.filter(pc.and_(living, pc.invert(may))),
            named.filter(pc.invert(living)),
        )

    def _open(self, rows: pa.RecordBatch, keys: Mapping[int, bytes]) -> pa.RecordBatch:
        digest = self._release.manifest.inputs_digest
        wanted = pc.unique(rows.column("slot")).to_pylist()
        opening = open_rows(rows, {slot: release_key(keys[slot], digest) for slot in wanted}, digest)
        for refused in opening.refused:
            record = rows.column("record")[refused.row].as_py()
            raise VerificationError(
                f"the record {record!r} does not open: {refused.problem.what}",
                place=Place(str(self._release.folder)),
                remedy="verify the release with --workspace: it says what is wrong with it",
            )
        return opening.rows

    def _keys(self, file: pq.ParquetFile) -> dict[int, bytes]:
        """The keys of the slots of a shard; a slot that was destroyed has none."""
        slots = sorted(pc.unique(file.read(["slot"]).column("slot")).drop_null().to_pylist())
        found = zip(slots, self._workspace.keyring.keys(slots), strict=True)
        return {slot: key for slot, key in found if key is not None}


def _pieces(file: pq.ParquetFile, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
    """All rows of a shard, never beyond a row group at a time: what bounds the memory where records are large."""
    for group in range(file.num_row_groups):
        yield from file.iter_batches(ROWS, row_groups=[group], columns=columns)


@contextmanager
def granted(workspace: Workspace, release: Readable, purpose: str, at: Moment) -> Iterator[Grant]:
    """Decide every record of a release for a purpose at a time, by the history of the workspace as it stands.

    Raises `UsageError` for a purpose that there is not, or for which the release is not filtered as the terms ask;
    ``HistoryError``, ``StoreError`` and ``VaultError`` where nothing can be decided.
    """
    if purpose not in PURPOSES:
        raise UsageError(f"there is no purpose {purpose!r}", remedy=f"name one of {', '.join(PURPOSES)}")
    require_filtered(release, purpose, at)
    with decided_again(workspace, release, purpose, at) as verdicts:
        yield Grant(workspace, release, verdicts)
