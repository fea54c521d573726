"""How far the log of a backup is known to have gone on, from whoever remembers a newer state of it.

Whoever can make all of them forget can have an older state taken for the newest: a witness still notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.errors import LedgerError, Place, UsageError, VerificationError
from troth.ledger.memory import Heads
from troth.ledger.published import CHECKPOINT
from troth.ledger.storage import open_storage
from troth.operations.workspace.backup.files_list import BackupList
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.note import Vkey


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the backup. ``newest`` is the newest state of the log, where anybody knows one."""

    newest: Checkpoint | None
    shown: bool
    """Whether somebody knows just the state of the backup, and nobody a newer one."""
    keys_ahead: bool
    """Whether the key state went on after the backup."""

    def lost(self, entries: int) -> int | None:
        """How many entries are lost: 0 where none is known to be; None where some are, and nobody knows how many."""
        if self.newest is not None and self.newest.size > entries:
            return self.newest.size - entries
        return None if self.keys_ahead and not self.shown else 0

    @property
    def complete(self) -> bool:
        """Whether it is shown that nothing is missing."""
        return self.shown and not self.keys_ahead


def known_of(
    backup: BackupList,
    vkeys: Sequence[Vkey],
    heads: Heads,
    ledger: str | Path | None,
    files: Sequence[Path],
    *,
    keys_ahead: bool,
) -> Known:
    """Ask everybody: the memory of this machine, the ledger's own place where it outlived the disk, and given checkpoints.

    Raises `VerificationError` where one does not hold under the log's keys, and `LedgerError` where one is another history.
    """
    signed = check_signed(backup.checkpoint.encode(), vkeys).checkpoint
    if (signed.origin, signed.size, signed.root.hex()) != (backup.origin, backup.entries, backup.root):
        raise VerificationError(
            "the checkpoint of the backup is of another state than its list", remedy="take another backup"
        )
    remembered = heads.remembered(vkeys)
    told = [] if remembered is None else [remembered]
    if ledger is not None:
        storage = open_storage(ledger)
        data = storage.read(CHECKPOINT)
        told += [] if data is None else [_held(data, vkeys, storage.place(CHECKPOINT))]
    told += [_held(_read(file), vkeys, Place(str(file))) for file in files]
    for one in told:
        if one.size == signed.size and one.root != signed.root:
            raise LedgerError(
                f"fork: there is another log of {one.size} entries under the name {one.origin!r}",
                remedy="keep both, and find out who wrote the other one: one of them was rewritten",
            )
    newest = max(told, key=lambda one: one.size, default=None)
    return Known(newest, newest is not None and newest.size == signed.size, keys_ahead)


def _held(data: bytes, vkeys: Sequence[Vkey], place: Place) -> Checkpoint:
    try:
        return check_signed(data, vkeys).checkpoint
    except VerificationError as problem:
        raise VerificationError(
            f"this is no checkpoint of the log: {problem.what}",
            place=place,
            remedy="give one that was published under the name and keys of the log that is restored",
        ) from problem


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise UsageError(
            f"cannot be read: {problem.strerror}", place=Place(str(file)), remedy="check the path"
        ) from None
