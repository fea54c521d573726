"""Proves entries of a workspace's ledger under its newest checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from troth.ledger.log import vkeys_of
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.reader import TileReader
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import Workspace
from troth.proof.entry import Entry
from troth.proof.merkle import BLOCK, block_roots, leaf_hashes, root_of
from troth.proof.payloads import IntakePayload, read_payload
from troth.proof.tlog_proof import TlogProof
from troth.receipt.compose import Batch, BatchPart, open_entry
from troth.receipt.model import OpenedEntry
from troth.store.interface import Conversation, Opened

KEPT = 4
"""Intake batches that are kept: some 15 MB each."""


class Blocks(Protocol):
    """Keeps the roots of the blocks of intake batches (`troth.proof.merkle.block_roots`), by the keys of their items.

    Whoever can write what it keeps can make receipts slower, and not wrong: every proof is held against the ledger.
    """

    def find(self, batch: bytes) -> Sequence[bytes] | None:
        """The roots that were kept; None where there are none."""
        ...

    def keep(self, batch: bytes, roots: Sequence[bytes]) -> None:
        """Keep them, in the place of what was kept before."""
        ...


@dataclass(frozen=True, slots=True)
class Intake:
    """An intake batch, whole or in part, and its entry, proved; none where it is not in the ledger yet."""

    batch: Batch | BatchPart
    entries: tuple[OpenedEntry, ...]


class Prover:
    """The newest published checkpoint of a ledger, and its tiles. Raises `LedgerError` where these do not hold."""

    def __init__(self, workspace: Workspace) -> None:
        # What is published, and not the head of the store: its tiles are there, whoever is writing meanwhile.
        self._note, newest = read_published(workspace.storage, CHECKPOINT, vkeys_of(workspace.signers))
        self._size = newest.size
        self._reader = TileReader(workspace.storage, newest.size, newest.root)
        self._store = workspace.store
        self._intakes: dict[bytes, Intake] = {}

    def intake(self, batch: bytes) -> Intake:
        """An intake batch, by the key of its item. The last few are kept: many conversations share one."""
        found = self._intakes.pop(batch, None)
        if found is None:
            entries = self.entries(self._store.opened(key=batch))
            found = Intake(Batch(self._store.batch_commitments(batch)), entries)
        self._intakes[batch] = found
        while len(self._intakes) > KEPT:
            del self._intakes[next(iter(self._intakes))]
        return found

    def intake_of(self, known: Conversation, blocks: Blocks) -> Intake:
        """The intake batch of one conversation, of which no more than its own block is read once the blocks are known."""
        entries = self.entries(self._store.opened(key=known.batch))
        if not entries:
            return Intake(Batch(()), entries)
        told = read_payload(entries[0].entry.kind, entries[0].payload)
        root = bytes.fromhex(told.root) if isinstance(told, IntakePayload) else b""
        first = known.position // BLOCK * BLOCK
        roots = blocks.find(known.batch)
        if roots is None or root_of(roots) != root:
            every = self._store.batch_commitments(known.batch)
            blocks.keep(known.batch, roots := block_roots(leaf_hashes(every)))
        own = self._store.batch_commitments(known.batch, first, first + BLOCK)
        return Intake(BatchPart(known.batch_size, first, own, roots), entries)

    def entries(self, rows: Iterable[Opened], progress: Progress = silent) -> tuple[OpenedEntry, ...]:
        """The rows that are in the ledger, opened, each with its proof; what is pending is left out.

        Raises ``VerificationError`` where a row of the store does not open the commitment that was logged.
        """
        proved: list[OpenedEntry] = []
        for row in rows:
            if row.index is None or row.at is None or row.index >= self._size:
                continue
            hashes = self._reader.inclusion_proof(row.index, self._size)
            proof = TlogProof(row.index, hashes, self._note)
            proved.append(open_entry(Entry(row.at, row.kind, row.commitment), row.salt, row.payload, proof))
            progress("prove", len(proved), None)
        return tuple(proved)
