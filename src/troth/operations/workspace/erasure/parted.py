"""The end of an erasure in which a part of some conversations stays: that moves to a key of its own, the old one goes.

What stays was sealed anew before, durably and unread (`troth.vault.segments.moving`). All this may be done again after a
crash at any point, and comes to the same end.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from troth.proof.payloads import ErasureIntended
from troth.vault.keys.keyring import Destruction

if TYPE_CHECKING:
    from troth.operations.workspace.opened import Workspace


def is_staged(workspace: Workspace, intended: ErasureIntended) -> bool:
    """Whether what stays of the conversations of an intent is sealed anew, all of it: from then on it is carried through.

    Belongs into `Vault.still`. Where records were added after a crash, and before anything else was done, it is not.
    """
    moves = workspace.vault.staged()
    if set(moves).isdisjoint(intended.slots):
        return False
    if workspace.handles.marks_of(moves.values()) or not workspace.vault.grown():
        return True
    workspace.vault.unstage()
    return False


def part(workspace: Workspace, intended: ErasureIntended) -> Destruction:
    """Move what stays, destroy the old keys, empty the rows that they sealed, and read what stays from its new place.

    Belongs into `Vault.still`. Events of the conversations are sealed anew before the old keys go, so that none is lost
    that comes in meanwhile; records are read from their new place after, so that none is read twice. In between nobody
    reads them.
    """
    moves = workspace.vault.staged()
    handles, store = workspace.handles, workspace.store
    names = store.names_of(handles.marks_of([*moves, *moves.values()]))
    now = {name: slot for name, slot in handles.slots("conversation", names, make=False).items() if slot}
    handles.move("conversation", {name: moves[slot] for name, slot in now.items() if slot in moves})
    living = [slot for slot, key in zip(moves, workspace.keyring.keys(list(moves)), strict=True) if key]
    if living:
        going = partial(workspace.vault.not_staying, slots=set(moves))
        store.reseal({name: moves.get(slot, slot) for name, slot in now.items()}, going)
    destruction = workspace.keyring.destroy(intended.slots)
    own = handles.marks_of(intended.slots)  # of records: the conversations have others now
    store.erase_rows([*own, *(handles.mark("conversation", name) for name in names)])
    handles.forget_slots(intended.slots)
    workspace.vault.switch()
    return destruction
