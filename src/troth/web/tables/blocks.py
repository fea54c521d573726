"""The roots of the blocks of intake batches: with them a receipt reads one block of a batch, and not all of it.

Whoever can write them can make receipts slower, and not wrong: they are held against the ledger each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from troth.proof.merkle import HASH_BYTES
from troth.web.tables.open import Tables
from troth.web.tables.schema import intake_blocks


class KeptBlocks:
    """The table, as `troth.operations.workspace.receipts.prover.Blocks`. Any thread may use it."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, batch: bytes) -> Sequence[bytes] | None:
        """The roots of a batch. Raises ``StoreError``."""
        with self._tables.reading() as connection:
            row = connection.execute(select(intake_blocks).where(intake_blocks.c.batch == batch)).first()
        if row is None:
            return None
        return [row.roots[at : at + HASH_BYTES] for at in range(0, len(row.roots), HASH_BYTES)]

    def keep(self, batch: bytes, roots: Sequence[bytes]) -> None:
        """Keep the roots of a batch. Raises ``StoreError``."""
        with self._tables.writing() as connection:
            connection.execute(delete(intake_blocks).where(intake_blocks.c.batch == batch))
            connection.execute(intake_blocks.insert().values(batch=batch, roots=b"".join(roots)))
