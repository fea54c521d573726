"""What a workspace writes down about a build: the conversations taken in, the start, the release.

The order (``docs/ledger.md``): what is pending is sequenced; the conversations of the logs get their commitments
in intake batches, and these are sequenced; the newest checkpoint, or the one that was asked for, now names the
history. The start of the build is recorded before anything is decided, and the release before it appears: a
crash in between leaves an entry about a release that the same command makes again, byte for byte; never a
release that the ledger does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from troth.build.inputs import BuildInputs, Recorded, Sealing
from troth.errors import ReleaseError
from troth.operations.decide import Progress
from troth.operations.workspace.acts import act, terms_published
from troth.operations.workspace.checkpoints import checkpoint_at
from troth.operations.workspace.history import write_history
from troth.operations.workspace.intake import take_in
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import BuildPayload, CitedCheckpoint, MembershipTree, ReleasePayload
from troth.release.manifest import LedgerPart, Release
from troth.types.moment import format_moment

COMMITMENTS = pa.schema([pa.field("conversation", pa.string()), pa.field("commitment", pa.binary(32))])
SLOTS = pa.schema([pa.field("conversation", pa.string()), pa.field("slot", pa.int64())])
_AT_ONCE = 50_000


@dataclass(slots=True)
class Books:
    """The workspace of one build, while it is under way."""

    workspace: Workspace
    checkpoint: int | None
    """The size of the checkpoint that names the history; None: the newest."""
    folder: Path
    """Where files of the run may lie."""
    progress: Progress
    ledger: LedgerPart | None = None
    warnings: list[str] = field(default_factory=list)

    def take_in(self, records: tuple[Path, ...], connection: duckdb.DuckDBPyConnection) -> Recorded:
        """Commit the conversations of the logs, and fix the checkpoint that names the history.

        Each has a slot in the keyring afterwards, also where its records are read from files.
        """
        slots = self._slots(records, connection)
        take_in(self.workspace.store, records, connection)
        self._sequence()
        found = checkpoint_at(self.workspace, self.checkpoint)
        self.ledger = LedgerPart(origin=found.origin, size=found.size, root=found.root.hex())
        sealing = Sealing(slots, self.workspace.keyring.keys)
        return Recorded(self.ledger, self._commitments(records, connection), sealing)

    def history(self) -> tuple[str, ...]:
        """The history as a file: every event below the checkpoint."""
        path = self.folder / "history.parquet"
        write_history(self.workspace.store, self._ledger.size, path)
        return (str(path),)

    def start(self, inputs: BuildInputs) -> None:
        """Record which terms are used, and that the build starts."""
        told = BuildPayload(
            at=format_moment(inputs.at), checkpoint=self._cited(), purpose=inputs.purpose,
            sample=float(inputs.sample), seed=inputs.seed, terms=inputs.terms.digest,
        )  # fmt: skip
        self.workspace.store.append([terms_published(inputs.terms), act("build", told)])
        self._sequence()

    def announce(self, release: Release, manifest: str, out: Path) -> None:
        """Record the release, durably, before it appears."""
        if release.membership is None:
            raise ReleaseError("the release has no membership tree", remedy="report this: it is a bug")
        tree = MembershipTree(release.membership.leaves, release.membership.root)
        told = ReleasePayload(self._cited(), manifest, tree, release.purpose)
        self.workspace.store.add_release(act("release", told), manifest, str(out.resolve()))

    def close(self) -> Sequenced:
        """Commit the release to the ledger."""
        return self._sequence()

    def _cited(self) -> CitedCheckpoint:
        return CitedCheckpoint(self._ledger.origin, self._ledger.root, self._ledger.size)

    @property
    def _ledger(self) -> LedgerPart:
        if self.ledger is None:
            raise ReleaseError("the history is not fixed yet", remedy="report this: it is a bug")
        return self.ledger

    def _sequence(self) -> Sequenced:
        done = sequence_pending(self.workspace, self.progress)
        self.warnings.extend(one for one in done.warnings if one not in self.warnings)
        return done

    def _slots(self, records: tuple[Path, ...], connection: duckdb.DuckDBPyConnection) -> Path:
        """The slot of each conversation; new ones by account, so that a person's lie together."""
        path = self.folder / "slots.parquet"
        query = (
            "SELECT conversation, min(account) AS account FROM read_parquet(?) WHERE conversation IS NOT NULL"
            " GROUP BY conversation ORDER BY account, conversation"
        )
        names = connection.sql(query, params=[[str(file) for file in records]]).to_arrow_reader(_AT_ONCE)
        with pq.ParquetWriter(path, SLOTS, compression="zstd") as writer:
            for batch in names:
                ids = batch.column(0).to_pylist()
                known = self.workspace.handles.slots("conversation", ids, make=True)
                writer.write_table(pa.table([ids, [known[one] for one in ids]], schema=SLOTS))
        return path

    def _commitments(self, records: tuple[Path, ...], connection: duckdb.DuckDBPyConnection) -> Path:
        path = self.folder / "commitments.parquet"
        query = "SELECT DISTINCT conversation FROM read_parquet(?) WHERE conversation IS NOT NULL ORDER BY 1"
        names = connection.sql(query, params=[[str(file) for file in records]]).to_arrow_reader(_AT_ONCE)
        with pq.ParquetWriter(path, COMMITMENTS, compression="zstd") as writer:
            for batch in names:
                ids = batch.column(0).to_pylist()
                known = self.workspace.store.commitments(ids)
                # A conversation that was erased has none any more; a build that would release it stops.
                kept = [one for one in ids if one in known]
                writer.write_table(pa.table([kept, [known[one] for one in kept]], schema=COMMITMENTS))
        return path


@contextmanager
def books(workspace: Path, checkpoint: int | None, folder: Path, progress: Progress) -> Iterator[Books]:
    """Open the books of a build. Raises ``StoreError``, ``LedgerError``, and ``UsageError`` for no such checkpoint."""
    with opened(workspace) as found:
        made = Books(found, checkpoint, folder, progress)
        checkpoint_at(found, checkpoint)
        yield made
