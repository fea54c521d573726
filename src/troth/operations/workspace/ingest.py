"""``troth ingest``: logs into the vault of a workspace, sealed; their conversations into its ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from troth.intake.mapping import load_mapping
from troth.intake.read import IntakeReport, read_logs
from troth.operations.decide import Progress, silent
from troth.operations.workspace.erasure.zero_retention import ZeroRetention, zero_retention
from troth.operations.workspace.intake import intake_batch
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.store.salts import fresh_salts
from troth.vault.segments.cut import cut
from troth.vault.segments.vault import Added


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of the records of some logs."""

    added: Added
    never_written: int
    """Records of organisations with zero data retention: they were read, and touched no disk."""
    conversations: int
    """Conversations that were taken in by this call."""
    report: IntakeReport
    """What became of every log."""
    ledger: Sequenced


@dataclass(slots=True)
class _Counted:
    """Counts while records stream through."""

    never_written: int = 0
    conversations: int = 0
    added: Added = field(default_factory=Added)


def ingest(
    workspace: Path,
    patterns: Sequence[str],
    mapping: Path | None = None,
    keep_going: bool = False,
    progress: Progress = silent,
) -> Ingested:
    """Read logs once, and store their records sealed. When this returns, all of them are durable.

    Nothing is staged: what is read goes from memory, sealed, into segments. Raises ``LogError`` for damage (unless
    it is to keep going) and for a record that is stored with other content, ``VaultError`` and ``StoreError``; what
    was stored before an error stays, and ingesting the same logs again adds the rest.
    """
    reading = read_logs(
        list(patterns), mapping=load_mapping(mapping) if mapping else None, keep_going=keep_going
    )
    with opened(workspace, closed=True) as found:
        counted = _Counted()
        kept = _kept(reading, zero_retention(found.store, now()), counted)
        for piece in cut(kept):
            _take(found, piece, counted)
            progress("ingest", counted.added.total, None)
        done = sequence_pending(found, progress)
    return Ingested(counted.added, counted.never_written, counted.conversations, reading.report, done)


def _kept(
    batches: Iterable[pa.RecordBatch], zero: ZeroRetention, counted: _Counted
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        kept = zero.kept(batch)
        counted.never_written += batch.num_rows - kept.num_rows
        yield kept


def _take(found: Workspace, piece: Sequence[pa.RecordBatch], counted: _Counted) -> None:
    """Store a piece, then commit to its conversations: a crash in between is mended by the same logs, or by a build."""
    added = found.vault.take(piece)
    counted.added += added
    counted.conversations += found.store.intake(_conversations(found, piece), fresh_salts, intake_batch)


def _conversations(found: Workspace, piece: Sequence[pa.RecordBatch]) -> Iterator[tuple[str, str | None]]:
    """The conversations of a piece of which something is stored, in the order of their names, with the first account told.

    One that was erased may have a key again, for an event that came since: an old log does not bring its account back.
    """
    accounts: dict[str, str | None] = {}
    for batch in piece:
        names = batch.column("conversation").to_pylist()
        for name, account in zip(names, batch.column("account").to_pylist(), strict=True):
            if accounts.get(name) is None:
                accounts[name] = account
    living = found.vault.living(sorted(accounts))
    slots = found.handles.slots("conversation", living, make=False)
    stored = found.vault.stored_in([slot for slot in slots.values() if slot is not None])
    yield from ((name, accounts[name]) for name in living if slots[name] in stored)
