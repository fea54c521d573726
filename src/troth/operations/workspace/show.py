"""``troth show``: one conversation of the vault, opened as an act that the ledger records first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from troth.errors import UsageError, VerificationError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import Content, ExportPayload
from troth.types.record import MOMENT_TYPE, RECORD_SCHEMA
from troth.vault.segments.reader import Reading

RECIPIENT = "operator"
"""Who is shown a conversation: whoever holds the workspace."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation that was opened."""

    records: tuple[dict[str, Any], ...]
    """The values of ``RECORD_SCHEMA`` that are known, in the order of the conversation; ``at`` in microseconds, UTC."""
    damage: VerificationError | None
    """What could not be opened; the rest is shown all the same."""
    ledger: Sequenced


def show(workspace: Path, conversation: str, why: str, progress: Progress = silent) -> Shown:
    """Log that a conversation is opened, and why; when the ledger has it, open it.

    Raises `UsageError` where the vault holds nothing of it, or nothing that can still be opened: then nothing is logged.
    """
    if not why.strip():
        raise UsageError("who opens a conversation says why", remedy="give --why TEXT; the ledger records it")
    with opened(workspace) as found:
        payload = ExportPayload(
            content=Content(conversation=_commitment(found, conversation)),
            purpose=why,
            recipient=RECIPIENT,
            records=found.vault.stored(conversation),
        )
        found.store.append([act("export", payload, every_time=True)])
        done = sequence_pending(found, progress)
        records, damage = _opened(found.vault.records([conversation]))
        return Shown(records, damage, done)


def _commitment(workspace: Workspace, conversation: str) -> str:
    """The commitment to a conversation that can be opened, in hexadecimal."""
    if not workspace.vault.stored(conversation):
        remedy = "check the id; troth ingest stores conversations in the vault"
        raise UsageError(f"the vault holds nothing of the conversation {conversation!r}", remedy=remedy)
    if not workspace.vault.living([conversation]):
        remedy = "nothing opens it any more, here or in a backup"
        raise UsageError(f"the conversation {conversation!r} is erased", remedy=remedy)
    known = workspace.store.conversation(conversation)
    if known is None:
        remedy = "its ingest was interrupted: ingest its log again"
        raise UsageError(f"the conversation {conversation!r} is not in the ledger yet", remedy=remedy)
    return known.commitment.hex()


def _opened(reading: Reading) -> tuple[tuple[dict[str, Any], ...], VerificationError | None]:
    batches: list[pa.RecordBatch] = []
    damage: VerificationError | None = None
    try:
        for batch in reading:
            batches.append(batch)  # one by one: what came before an error is kept
    except VerificationError as problem:
        damage = problem
    table = pa.Table.from_batches(batches, RECORD_SCHEMA).sort_by(
        [("position", "ascending"), ("record", "ascending")]
    )
    place = RECORD_SCHEMA.get_field_index("at")
    table = table.set_column(place, "at", table["at"].cast(MOMENT_TYPE).cast(pa.int64()))
    known = ({name: value for name, value in row.items() if value is not None} for row in table.to_pylist())
    return tuple(known), damage
