"""``troth restore``: a backup becomes a workspace again, and what was erased since stays erased (``docs/backup.md``).

First the files, of which nothing is opened; then, under a mark, what has to be done again: `restore_again`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from troth.disk.durable import sync_folder, write_new
from troth.errors import LedgerError, Place, StoreError, UsageError, VaultError
from troth.ledger.log import vkeys_of
from troth.ledger.memory import Heads, heads_folder
from troth.ledger.published import VKEYS
from troth.ledger.signers import Signer, load_signer, new_log_key
from troth.ledger.storage import open_storage
from troth.operations.decide import Progress, silent
from troth.operations.workspace.backup.again import RestoredWorkspace, do_again
from troth.operations.workspace.backup.files_list import INDEX_FILE, KEYS_FILE, LEDGER, STORE_ROWS, BackupList
from troth.operations.workspace.backup.known import Known, known_of
from troth.operations.workspace.backup.objects import BackupObjects
from troth.operations.workspace.backup.plan import Plan, RestoreRequest, plan_of
from troth.operations.workspace.backup.restored_files import check_segments, clear, write_files
from troth.operations.workspace.backup.restoring import (
    AGAIN,
    CLOSED,
    FILES,
    Restoring,
    read_mark,
    unfinished_mark,
    write_mark,
)
from troth.operations.workspace.opened import now
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.settings import LOG_KEY, ML_DSA_KEY, RELEASES, write_settings
from troth.operations.workspace.vault import VAULT
from troth.proof.note import ED25519, ML_DSA_44, Vkey, read_vkey
from troth.proof.payloads import CitedCheckpoint
from troth.store.saved import check_empty
from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.keyring import check_keyring

_SIGNERS = ((LOG_KEY, ED25519), (ML_DSA_KEY, ML_DSA_44))


def restore(request: RestoreRequest, progress: Progress = silent) -> RestoredWorkspace:
    """Restore a backup into an empty folder, or go on with a restore that was interrupted.

    Raises `UsageError` where the folder is not empty or something is missing that no backup has, ``VerificationError``,
    naming it, for a damaged file, `LedgerError` where entries are lost, and `VaultError` where the live root does not open
    the newest key state. Nothing is changed at a keeper before every file is in its place and opens.
    """
    mark = read_mark(request.to)
    if mark is None or mark.state == FILES:
        with _told(request.to):
            mark = _files(request, mark, progress)
    elif mark.state == CLOSED:
        raise UsageError(
            "is restored already, and closed",
            place=Place(str(request.to)),
            remedy="open it with --resume --why TEXT",
        )
    return do_again(request.to, mark, progress)


def _files(request: RestoreRequest, mark: Restoring | None, progress: Progress) -> Restoring:
    """Every file in its place, and a mark that says so."""
    _check_empty(request.to, mark)
    objects = BackupObjects(request.source)
    backup = objects.newest()
    if backup is None:
        raise UsageError("there is no whole backup here", place=objects.place, remedy="check the path")
    plan = plan_of(objects, backup, request, None if mark is None else mark.outlived)
    copy = _newer_copy(plan, backup)
    vkeys = _vkeys(objects, backup, plan, request)
    heads = Heads(heads_folder(os.environ, Path.home()))
    known = known_of(backup, vkeys, heads, plan.ledger, request.checkpoints, keys_ahead=copy is not None)
    _require_whole(known, backup, request)
    _require_new_name(heads, request)
    if backup.file(STORE_ROWS) is not None:
        check_empty(plan.settings.store)
    mark = _mark(backup, plan, known, request)
    request.to.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_mark(request.to, mark)
    clear(request.to)
    write_files(objects, backup, plan.place, progress)
    _lay_out(plan, backup, copy, request)
    write_settings(plan.settings)
    made = msgspec.structs.replace(mark, state=AGAIN)
    write_mark(request.to, made)
    return made


def _check_empty(folder: Path, mark: Restoring | None) -> None:
    if mark is not None or not folder.exists():
        return
    if not folder.is_dir() or {file.name for file in folder.iterdir()} - {unfinished_mark()}:
        raise UsageError("is not empty", place=Place(str(folder)), remedy="name a new folder to restore into")


def _newer_copy(plan: Plan, backup: BackupList) -> KeyCopy | None:
    """The copy of the keys, where it went on after the backup."""
    place = plan.settings.copy_place
    copy = None if place is None else KeyCopy(place)
    state = None if copy is None else copy.state()
    if copy is None or state is None:
        return None
    if state.keyring.hex() != backup.keys.keyring:
        raise VaultError(
            "the folder holds the copy of another keyring",
            place=Place(str(copy.path)),
            remedy="name the folder of this workspace's key copies: --key-copy DIR",
        )
    return copy if state.changes > backup.keys.changes else None


def _vkeys(
    objects: BackupObjects, backup: BackupList, plan: Plan, request: RestoreRequest
) -> tuple[Vkey, ...]:
    """The public keys of the log as it was: of the signing keys that are given, or as it had published them."""
    if request.keys is not None:
        return vkeys_of(_signers(request.keys, backup.origin))
    if request.origin is None:
        raise UsageError(
            "the signing keys of the log are in no backup",
            remedy="give --keys DIR, a copy of the folder keys/; if they are lost, go on under another name: --origin NAME",
        )
    file = backup.file(LEDGER + VKEYS)
    if file is not None:
        text: bytes | None = b"".join(objects.piece(name, file.path) for name in file.pieces)
    else:
        text = None if plan.ledger is None else open_storage(plan.ledger).read(VKEYS)
    if text is None:
        raise UsageError("nobody says what keys the log had", remedy="give --keys DIR")
    return tuple(read_vkey(line) for line in text.decode().splitlines())


def _signers(folder: Path, origin: str) -> list[Signer]:
    found = [(folder / path.name, kind) for path, kind in _SIGNERS]
    return [load_signer(path, origin, kind) for path, kind in found if kind == ED25519 or path.exists()]


def _require_whole(known: Known, backup: BackupList, request: RestoreRequest) -> None:
    """Raise `LedgerError` where entries are lost, unless that is accepted, and the log gets another name."""
    lost = known.lost(backup.entries)
    if lost == 0 or (request.lost_entries_accepted and request.origin is not None):
        return
    how_many = "entries, nobody knows how many, are" if lost is None else f"{lost:,} of its entries are"
    what = f"the log went on after this backup of {backup.entries:,} entries: {how_many} lost with it"
    if request.lost_entries_accepted:
        raise UsageError(
            what,
            remedy="going on under the same name would be a fork: give the log another one with --origin NAME",
        )
    raise LedgerError(
        what,
        remedy="restore a newer backup; where there is none, go on under another name: --lost-entries-accepted"
        " --origin NAME. Choices and holds of that time are unknown then (docs/backup.md)",
    )


def _require_new_name(heads: Heads, request: RestoreRequest) -> None:
    """Raise `UsageError` where this machine has seen a log under the other name, with these keys."""
    if request.origin is None or request.keys is None:
        return
    if heads.remembered(vkeys_of(_signers(request.keys, request.origin))) is not None:
        raise UsageError(
            f"there was a log {request.origin!r} with these keys already",
            remedy="give --origin a name that no log ever had: two logs of one name are a fork",
        )


def _mark(backup: BackupList, plan: Plan, known: Known, request: RestoreRequest) -> Restoring:
    lost = known.lost(backup.entries)
    before = None
    if request.origin is not None:
        newest = known.newest
        before = (
            CitedCheckpoint(backup.origin, backup.root, backup.entries)
            if newest is None or newest.size < backup.entries
            else CitedCheckpoint(newest.origin, newest.root.hex(), newest.size)
        )
    closed = not (known.complete and lost == 0)
    counted = None if before is None or (lost == 0 and not known.complete) else lost
    return Restoring(
        FILES,
        backup.digest,
        backup.at,
        backup.entries,
        backup.keys.destroyed,
        closed,
        before,
        counted,
        plan.outlived,
    )


def _lay_out(plan: Plan, backup: BackupList, copy: KeyCopy | None, request: RestoreRequest) -> None:
    """The newest key state, the signing keys, and what a workspace has beside its files; then look whether it opens."""
    folder = plan.settings.folder
    if copy is not None:
        _take_keys(copy, folder / KEYS_FILE)
    check_keyring(folder / VAULT, open_keepers(plan.settings, now, os.environ))
    check_segments(folder / INDEX_FILE, plan.settings.segments_place, backup)
    if isinstance(plan.settings.segments_place, Path):
        plan.settings.segments_place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / RELEASES).mkdir(exist_ok=True)
    (folder / LOG_KEY.parent).mkdir(mode=0o700, exist_ok=True)
    for path, kind in _SIGNERS:
        target = folder / path
        if request.keys is not None and (request.keys / path.name).exists():
            target.unlink(missing_ok=True)
            write_new(target, (request.keys / path.name).read_bytes(), 0o600)
        elif request.keys is None and kind == ED25519 and not target.exists():
            new_log_key(target, kind)
    sync_folder(folder)


def _take_keys(copy: KeyCopy, target: Path) -> None:
    """The copy of the keys in the place of the backup's."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy.path)) as source, closing(sqlite3.connect(target)) as taken:
        source.backup(taken)
    with target.open("rb") as written:
        os.fsync(written.fileno())
    target.chmod(0o600)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as problem:
        where = getattr(problem, "filename", None) or folder
        raise StoreError(
            f"the backup cannot be restored: {getattr(problem, 'strerror', None) or problem}",
            place=Place(str(where)),
            remedy="mend that, and run the same command again",
        ) from problem
