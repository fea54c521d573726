"""An erasure that was interrupted is finished, or given up where it must be, before anything else is done.

Whoever can remove the file ``vault/erasing`` can delay that until somebody erases again; nothing else follows.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from troth.disk.durable import sync_folder
from troth.errors import Place, StoreError
from troth.operations.workspace.acts import act
from troth.operations.workspace.erasure.holds_of import forbids
from troth.operations.workspace.erasure.parted import is_staged, part
from troth.proof.payloads import (
    ErasureAbandoned,
    ErasureDone,
    ErasureIntended,
    Kept,
    RootDestroyed,
    read_payload,
)
from troth.store.interface import Item
from troth.types.moment import Moment, format_moment
from troth.vault.keys.keeper import Evidence
from troth.vault.keys.keyring import Destruction

if TYPE_CHECKING:
    from troth.operations.workspace.opened import Workspace

_LOCK = Path("vault") / "erasure.lock"
_MARKER = Path("vault") / "erasing"


@contextmanager
def erasing_alone(workspace: Workspace) -> Iterator[None]:
    """Wait until nobody else erases here; what an interrupted erasure left is finished first.

    A marker that is durable stands in the folder meanwhile, and stays after a crash. Raises `StoreError`.
    """
    folder = workspace.settings.folder
    with _locked(folder, wait=True):
        if not (folder / _MARKER).exists() or _finish(workspace):
            _mark(folder)
            yield
            _unmark(folder)
            return
    raise StoreError(
        "an erasure that was interrupted is not in the ledger yet",
        place=Place(str(folder)),
        remedy="call troth sequence, and erase again",
    )


def finish_interrupted(workspace: Workspace) -> None:
    """Finish what an interrupted erasure left, unless somebody is erasing just now: on every opening of a workspace."""
    folder = workspace.settings.folder
    if not (folder / _MARKER).exists():
        return
    with _locked(folder, wait=False) as alone:
        if alone and _finish(workspace):
            _unmark(folder)


def look_for_unfinished(folder: Path) -> None:
    """Let the next opening of the workspace look for an unfinished erasure: for a restore. Raises `StoreError`."""
    _mark(folder)


def done_item(intent: int, destruction: Destruction, kept: tuple[Kept, ...] = ()) -> Item:
    """The act that says what was destroyed."""
    evidence = tuple(root_destroyed(one) for one in destruction.evidence)
    count = destruction.count + destruction.already
    return act("erasure", ErasureDone(count, evidence, intent, kept, (destruction.old, destruction.new)))


def _finish(workspace: Workspace) -> bool:
    """Finish every intent without an end; False where one has no place in the ledger yet: of it nothing was done."""
    intents: dict[int, ErasureIntended] = {}
    waiting = False
    for row in workspace.store.opened(kinds=("erasure",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, ErasureIntended):
            if row.index is None:
                waiting = True
            else:
                intents[row.index] = told
        elif isinstance(told, ErasureDone | ErasureAbandoned):
            intents.pop(told.intent, None)
    for index, intended in intents.items():
        _end(workspace, index, intended)
    return not waiting


def _end(workspace: Workspace, index: int, intended: ErasureIntended) -> None:
    """The keys of one intent are destroyed together: if one lives, nothing was done yet, and it can be given up.

    Where a part of a conversation is to stay, that is sealed anew first: where it is not, nobody knows any more which part.
    """
    destruction = _parted(workspace, intended) if intended.parts else _destroyed(workspace, index, intended)
    if destruction is None:
        workspace.store.append([act("erasure", ErasureAbandoned(index))])
    else:
        workspace.store.append([done_item(index, destruction, intended.kept)])


def _destroyed(workspace: Workspace, index: int, intended: ErasureIntended) -> Destruction | None:
    if _lives(workspace, intended) and forbids(workspace, None, intended.checkpoint.size, index):
        return None
    destruction = workspace.keyring.destroy(intended.slots)
    # Rows go before what stands for their names: where that is gone, they are.
    workspace.store.erase_rows(workspace.handles.marks_of(intended.slots))
    workspace.handles.forget_slots(intended.slots)
    return destruction


def _parted(workspace: Workspace, intended: ErasureIntended) -> Destruction | None:
    with workspace.vault.still():
        if not is_staged(workspace, intended) and _lives(workspace, intended):
            return None
        return part(workspace, intended)


def _lives(workspace: Workspace, intended: ErasureIntended) -> bool:
    return any(key is not None for key in workspace.keyring.keys(intended.slots))


def root_destroyed(evidence: Evidence) -> RootDestroyed:
    """How a root was destroyed, as the ledger is told."""
    return RootDestroyed(
        how=evidence.how,
        keeper=evidence.keeper,
        version=evidence.version,
        effective=_text(evidence.effective),
        scheduled=_text(evidence.scheduled),
    )


def _text(moment: Moment | None) -> str | None:
    return None if moment is None else format_moment(moment)


@contextmanager
def _locked(folder: Path, *, wait: bool) -> Iterator[bool]:
    """The lock of who erases; the system lets go of it when a process dies."""
    with _in(folder):
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _mark(folder: Path) -> None:
    with _in(folder):
        os.close(os.open(folder / _MARKER, os.O_RDWR | os.O_CREAT, 0o600))
        sync_folder(folder / _MARKER.parent)


def _unmark(folder: Path) -> None:
    with _in(folder):
        (folder / _MARKER).unlink(missing_ok=True)
        sync_folder(folder / _MARKER.parent)


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise StoreError(
            f"the vault's folder cannot be written: {problem.strerror}",
            place=Place(str(folder)),
            remedy="mend its permissions; nothing was destroyed by this",
        ) from problem
