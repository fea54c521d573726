"""The note of a change of root keepers that is under way: ``vault/keepers.json``, from before the first step to the last.

Whoever can write it can keep the workspace from opening; a note that was not made with the keys of this vault is refused,
so that it cannot turn a destruction to somebody else's root.
"""

from __future__ import annotations

import hmac
from pathlib import Path

import msgspec

from troth.disk.durable import replace_whole, sync_folder
from troth.errors import Place, VaultError
from troth.proof.payloads import RootDestroyed
from troth.vault.keys.chosen import RootChoice
from troth.vault.keys.keyring import INDEX_SLOT, Keyring

NOTE = Path("vault") / "keepers.json"
LOCK = Path("vault") / "keepers.lock"
"""Held by the one process that changes the keepers, or finishes a change."""

_LABEL = b"troth:keepers:1\x00"


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who keeps the root: the tables ``[root]`` and ``[second-root]``."""

    root: RootChoice
    second_root: RootChoice | None = msgspec.field(name="second-root", default=None)


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The old root is destroyed: its version and the new one, and how each of its keepers did it."""

    versions: tuple[int, int]
    evidence: tuple[RootDestroyed, ...]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who kept the root, and who is to keep it; and, once the old root is destroyed, what the ledger is to be told."""

    old: Tables
    new: Tables
    done: Done | None = None


class _Marked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: Note
    mark: str


def read_note(folder: Path) -> tuple[Note, bytes] | None:
    """The note of a workspace, and the mark on it; None where no change is under way. Raises `VaultError`."""
    try:
        found = msgspec.json.decode((folder / NOTE).read_bytes(), type=_Marked)
        return found.note, bytes.fromhex(found.mark)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise VaultError(
            f"the note of a change of root keepers cannot be read: {problem}",
            place=Place(str(folder / NOTE)),
            remedy="put it back from a backup: it says which keepers may hold the root",
        ) from None


def check_note(folder: Path, note: Note, mark: bytes, keyring: Keyring) -> None:
    """Raise `VaultError` unless the note was made with the keys of this vault."""
    if not hmac.compare_digest(_mark(note, keyring), mark):
        raise VaultError(
            "the note of a change of root keepers was not made by this vault, or was changed",
            place=Place(str(folder / NOTE)),
            remedy="find out who wrote it; the workspace opens when it is moved away",
        )


def write_note(folder: Path, note: Note, keyring: Keyring) -> None:
    """Write the note, durably. Raises ``OSError`` and `VaultError`."""
    marked = _Marked(note, _mark(note, keyring).hex())
    replace_whole(folder / NOTE, msgspec.json.encode(marked))


def drop_note(folder: Path) -> None:
    """Remove the note, durably. Raises ``OSError``."""
    (folder / NOTE).unlink(missing_ok=True)
    sync_folder((folder / NOTE).parent)


def _mark(note: Note, keyring: Keyring) -> bytes:
    (key,) = keyring.keys([INDEX_SLOT])
    return hmac.digest(key or b"", _LABEL + msgspec.json.encode(note), "sha256")
