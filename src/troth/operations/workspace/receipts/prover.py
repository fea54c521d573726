"""Proves entries of a workspace's ledger under its newest checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from troth.ledger.log import vkeys_of
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.reader import TileReader
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import Workspace
from troth.proof.entry import Entry
from troth.proof.tlog_proof import TlogProof
from troth.receipt.compose import Batch, open_entry
from troth.receipt.model import OpenedEntry
from troth.store.interface import Opened

KEPT = 4
"""Intake batches that are kept: some 15 MB each."""


@dataclass(frozen=True, slots=True)
class Intake:
    """An intake batch: all its commitments, and its entry, proved; none where it is not in the ledger yet."""

    batch: Batch
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
