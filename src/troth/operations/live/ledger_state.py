"""How the ledger of a workspace is: how large, how old, what waits for it, and which witnesses have cosigned it."""

from __future__ import annotations

from dataclasses import dataclass

from troth.errors import LedgerError
from troth.ledger.log import vkeys_of
from troth.ledger.published import CHECKPOINT, read_published
from troth.operations.workspace.opened import Workspace
from troth.proof.note import read_note
from troth.types.moment import Moment

MOST_WAITING = 1_000
"""So many entries that wait are counted; of more it is said that they are more."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One whom the workspace asks to cosign, and whether the newest checkpoint has their line."""

    name: str
    cosigned: bool


@dataclass(frozen=True, slots=True)
class LedgerState:
    """How a ledger is."""

    origin: str
    size: int
    root: str
    """In hexadecimal."""
    at: Moment
    """The time of the newest entry (UTC)."""
    published: int
    """The size of the newest checkpoint that everybody can read."""
    waiting: int
    """Entries that were accepted and have no place yet, up to `MOST_WAITING`."""
    witnesses: tuple[Witness, ...]


def ledger_state(workspace: Workspace) -> LedgerState:
    """Look at the store's head and the published checkpoint. Raises `LedgerError` where the two cannot be read."""
    head = workspace.store.head()
    if head is None:
        raise LedgerError("the ledger has not begun", remedy="make the workspace again with troth init")
    data, published = read_published(workspace.storage, CHECKPOINT, vkeys_of(workspace.signers))
    lines = {(line.name, line.key_id) for line in read_note(data).lines}
    known: dict[str, bool] = {}
    for one in workspace.witnesses.witnesses if workspace.witnesses else ():
        signed = (one.vkey.name, one.vkey.key_id) in lines
        known[one.vkey.name] = known.get(one.vkey.name, True) and signed
    return LedgerState(
        origin=published.origin,
        size=head.size,
        root=head.root.hex(),
        at=head.at,
        published=published.size,
        waiting=len(workspace.store.pending(MOST_WAITING)),
        witnesses=tuple(Witness(name, signed) for name, signed in known.items()),
    )
