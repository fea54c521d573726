"""The newest head of each log that this user has seen, kept outside of the workspace, to notice a restored backup.

Who can write the folder can make the writer refuse to start, or forget; forgetting loses nothing but this notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from troth.errors import LedgerError, VerificationError
from troth.ledger.local_storage import LocalStorage
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.note import Vkey
from troth.store.interface import Head


def heads_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Where heads are remembered: ``$XDG_STATE_HOME/troth/heads``, or below ``~/.local/state`` where it is not set.

    A relative ``XDG_STATE_HOME`` counts as not set (XDG Base Directory Specification).
    """
    told = Path(environment.get("XDG_STATE_HOME", ""))
    state = told if told.is_absolute() else home / ".local" / "state"
    return state / "troth" / "heads"


class Heads:
    """Remembered heads: for each log a file, named by the SHA-256 of its first vkey, with its signed checkpoint."""

    def __init__(self, folder: Path) -> None:
        """The heads in a folder, which is made when something is remembered."""
        self._files = LocalStorage(folder)

    def check(self, vkeys: Sequence[Vkey], head: Head, root_at: Callable[[int], bytes]) -> tuple[str, ...]:
        """Raise `LedgerError` unless the head is, or extends, what was remembered; return a warning if it cannot tell.

        ``root_at`` gives the root that the ledger had at a size up to the head's.
        """
        name = _name(vkeys)
        try:
            data = self._files.read(name)
        except LedgerError as problem:
            return (_warning(problem),)
        if data is None:
            return ()
        remembered = self._checked(name, data, vkeys)
        if remembered.size > head.size:
            raise LedgerError(
                f"rollback: the store holds {head.size} entries, and held {remembered.size} before",
                place=self._files.place(name),
                remedy="restore the newest backup of the whole workspace. If the newer state is lost for good, say so to "
                "the witnesses and to who holds receipts, start a new workspace, and keep the named file as evidence",
            )
        if (remembered.size, remembered.root) == (head.size, head.root):
            return ()
        if root_at(remembered.size) != remembered.root:
            raise LedgerError(
                f"fork: the first {remembered.size} entries of the ledger are not those that were there before",
                place=self._files.place(name),
                remedy="the ledger was rewritten: keep it and the named file, and restore a backup from before",
            )
        return ()

    def remember(self, vkeys: Sequence[Vkey], head: Head) -> tuple[str, ...]:
        """Remember a head that the store has committed; return a warning where it cannot be written."""
        try:
            self._files.replace(_name(vkeys), head.checkpoint)
        except LedgerError as problem:
            return (_warning(problem),)
        return ()

    def remembered(self, vkeys: Sequence[Vkey]) -> Checkpoint | None:
        """What is remembered of a ledger; None where nothing is. Raises `LedgerError` where it cannot be read."""
        data = self._files.read(_name(vkeys))
        return None if data is None else self._checked(_name(vkeys), data, vkeys)

    def _checked(self, name: str, data: bytes, vkeys: Sequence[Vkey]) -> Checkpoint:
        try:
            return check_signed(data, vkeys).checkpoint
        except VerificationError as problem:
            raise LedgerError(
                f"the remembered head does not hold: {problem.what}",
                place=self._files.place(name),
                remedy="find out who changed the file, then remove it: the next head will be remembered",
            ) from problem


def _name(vkeys: Sequence[Vkey]) -> str:
    return sha256(str(vkeys[0]).encode()).hexdigest()


def _warning(problem: LedgerError) -> str:
    return f"{problem.place}: {problem.what}; a restored backup of this workspace would not be noticed"
