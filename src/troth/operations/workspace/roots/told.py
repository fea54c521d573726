"""The last step of a change of root keepers: the ledger is told, and the note is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troth.errors import Place, VaultError
from troth.operations.workspace.acts import act
from troth.operations.workspace.roots.keepers import kind_of
from troth.operations.workspace.roots.note import NOTE, Tables, check_note, drop_note, read_note
from troth.proof.payloads import KeeperPayload, KeptBy
from troth.vault.keys.chosen import keeper_name

if TYPE_CHECKING:
    from troth.operations.workspace.opened import Workspace

KIND = "keeper"


def tell_of_keepers(workspace: Workspace) -> None:
    """Tell the ledger of a change of keepers that is done but for that: on every opening of a workspace.

    Two processes may do so at the same time: the same act said twice is the same act. Raises `VaultError`.
    """
    folder = workspace.settings.folder
    found = read_note(folder)
    if found is None:
        return
    note, mark = found
    if note.done is None:
        return
    check_note(folder, note, mark, workspace.keyring)
    payload = KeeperPayload(note.done.evidence, _kept(note.new), note.done.versions)
    workspace.store.append([act(KIND, payload)])
    try:
        drop_note(folder)
    except OSError as problem:
        raise VaultError(
            f"the note of a change of root keepers cannot be removed: {problem.strerror}",
            place=Place(str(folder / NOTE)),
            remedy="mend the permissions; nothing else is left of the change",
        ) from problem


def _kept(tables: Tables) -> tuple[KeptBy, ...]:
    chosen = [tables.root, *([] if tables.second_root is None else [tables.second_root])]
    return tuple(KeptBy(kind_of(one), keeper_name(one)) for one in chosen)
