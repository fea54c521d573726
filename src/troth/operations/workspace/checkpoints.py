"""Published checkpoints of the ledger of a workspace, by their size."""

from __future__ import annotations

from troth.errors import LedgerError, UsageError
from troth.ledger.tiles import checkpoint_path
from troth.operations.workspace.opened import Workspace
from troth.proof.checkpoint import Checkpoint, check_signed


def checkpoint_at(workspace: Workspace, size: int | None) -> Checkpoint:
    """The checkpoint of a size, or the newest, with its signature checked.

    Raises `UsageError` where none of the size was published, and `LedgerError` where there is no head.
    """
    if size is None:
        head = workspace.store.head()
        if head is None:
            raise LedgerError("the ledger has not begun", remedy="make the workspace again with troth init")
        data = head.checkpoint
    else:
        found = workspace.storage.read(checkpoint_path(size))
        if found is None:
            remedy = "name the size of a published checkpoint: see checkpoints/ in the ledger"
            raise UsageError(f"no checkpoint of size {size} was published", remedy=remedy)
        data = found
    return check_signed(data, [signer.vkey for signer in workspace.signers]).checkpoint
