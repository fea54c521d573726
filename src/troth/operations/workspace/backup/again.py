"""What a restore does once the files are there: erase again what was erased since, and say in the ledger what happened.

Each step may be done twice: whatever interrupts it, the same command goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from troth.errors import LedgerError, Place, UsageError
from troth.ledger.log import create_log, vkeys_of
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.signers import load_signer, sign_checkpoint
from troth.ledger.storage import open_storage
from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.backup.files_list import STORE_ROWS
from troth.operations.workspace.backup.restoring import (
    CLOSED,
    Restoring,
    read_mark,
    remove_mark,
    write_mark,
)
from troth.operations.workspace.erasure.unfinished import finish_interrupted, look_for_unfinished
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.sequencing import sequence_pending
from troth.operations.workspace.settings import LOG_KEY, ML_DSA_KEY, Settings, read_settings
from troth.proof.checkpoint import Checkpoint
from troth.proof.note import ED25519, ML_DSA_44
from troth.proof.payloads import Restored, Resumed
from troth.store.interface import Item
from troth.store.saved import load_store
from troth.types.moment import Moment, parse_moment


@dataclass(frozen=True, slots=True)
class RestoredWorkspace:
    """A workspace that was restored."""

    folder: Path
    origin: str
    backup: str
    """The digest of the backup's list."""
    made: Moment
    """When the backup was begun (UTC)."""
    entries: int
    """Entries of the ledger that came with it."""
    lost: int | None
    """Entries that the log of before had more; None where that is not known."""
    destroyed: int
    """Keys that the backup had and that are destroyed since."""
    rows: int
    """Rows of the store that were emptied for that."""
    entry: int
    """The number of the entry that tells of it."""
    closed: bool
    """Whether nothing may be used before somebody answers for it."""


def do_again(folder: Path, mark: Restoring, progress: Progress = silent) -> RestoredWorkspace:
    """Bring a restored workspace to where it may be used, or be closed. The files are there, under the mark."""
    settings = read_settings(folder)
    rows = folder / STORE_ROWS
    if rows.exists():
        load_store(settings.store, rows)
        rows.unlink()
    if mark.before is not None:
        _begin_log(settings)
    look_for_unfinished(folder)
    with opened(folder, restoring=True) as workspace:
        if mark.before is not None:
            _rename_log(workspace)
        emptied = _erase_again(workspace, progress)
        destroyed = workspace.keyring.stats().destroyed - mark.destroyed
        item = act(
            "restore",
            Restored(mark.backup, destroyed, mark.entries, mark.made, mark.before, mark.lost),
        )
        workspace.store.append([item])
        sequence_pending(workspace, progress)
        finish_interrupted(workspace)  # an intent that had no place in the ledger yet has one now
        sequence_pending(workspace, progress)
        entry = _index(workspace, item)
        origin = workspace.settings.origin
    if mark.closed:
        write_mark(folder, msgspec.structs.replace(mark, state=CLOSED, entry=entry))
    else:
        remove_mark(folder)
    return RestoredWorkspace(
        folder,
        origin,
        mark.backup,
        parse_moment(mark.made),
        mark.entries,
        0 if not mark.closed else mark.lost,
        destroyed,
        emptied,
        entry,
        mark.closed,
    )


def resume(folder: Path, why: str, progress: Progress = silent) -> int:
    """Open a closed workspace again, and say in the ledger why; return the number of that entry.

    Raises `UsageError` where it is not closed, or no reason is given.
    """
    if not why.strip():
        raise UsageError(
            "somebody must say why it may be used", remedy="give --why TEXT; it is in the ledger for good"
        )
    mark = read_mark(folder)
    if mark is None or mark.state != CLOSED or mark.entry is None:
        remedy = "run the same troth restore again" if mark is not None else "it can be used as it is"
        raise UsageError("is not a closed workspace", place=Place(str(folder)), remedy=remedy)
    with opened(folder, closed=True) as workspace:
        item = act("restore", Resumed(mark.entry, why))
        workspace.store.append([item])
        sequence_pending(workspace, progress)
        entry = _index(workspace, item)
    remove_mark(folder)
    return entry


def _begin_log(settings: Settings) -> None:
    """An empty log under the new name, which is filled from the store."""
    storage = open_storage(settings.ledger_place)
    paths = ((settings.folder / LOG_KEY, ED25519), (settings.folder / ML_DSA_KEY, ML_DSA_44))
    signers = [load_signer(path, settings.origin, kind) for path, kind in paths if path.exists()]
    begun = storage.read(CHECKPOINT) is not None
    if not begun or not read_published(storage, CHECKPOINT, vkeys_of(signers))[1].size:
        create_log(storage, signers, now())


def _rename_log(workspace: Workspace) -> None:
    """The head of the store, signed under the new name: the same entries."""
    head = workspace.store.head()
    if head is None:
        raise LedgerError("the restored store has no head", remedy="restore another backup")
    checkpoint = Checkpoint(workspace.settings.origin, head.size, head.root)
    signed = sign_checkpoint(checkpoint, workspace.signers, head.at // 1_000_000)
    workspace.store.cosign(replace(head, checkpoint=signed))


def _erase_again(workspace: Workspace, progress: Progress) -> int:
    """Rows and names of every slot whose key is destroyed; what was not finished was finished by the opening."""
    progress("erase again", 0, None)
    rows = workspace.store.erase_rows(None)
    for slots in workspace.keyring.destroyed():
        workspace.handles.forget_slots(slots)
    return rows


def _index(workspace: Workspace, item: Item) -> int:
    for row in workspace.store.opened(key=item.key):
        if row.index is not None:
            return row.index
    raise LedgerError("the entry of the restore is not in the ledger yet", remedy="run it again")
