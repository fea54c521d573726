"""``backup.json``: what a backup consists of, with the digest of every file and piece (``docs/backup.md``).

Whoever can write it can name other files; what stands in those is sealed or signed, and is checked by who opens it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from troth.canon.canonical import canonical_bytes
from troth.errors import Place, VerificationError
from troth.types.moment import Moment, MomentError, format_moment, parse_moment

LIST = "backup.json"
FORMAT = 1
PIECE = 4 << 20
"""Bytes of a file that make one object."""

SETTINGS_FILE = "troth.toml"
STORE_FILE = "store.db"
STORE_ROWS = "store.rows"
"""The rows of a store that is in PostgreSQL."""
INDEX_FILE = "vault/vault.db"
KEYS_FILE = "vault/keys.db"
SEGMENTS = "vault/segments/"
LEDGER = "ledger/"

_PATH = re.compile(
    r"troth\.toml|witnesses|store\.(?:db|rows)|vault/(?:vault|keys)\.db|vault/segments/[0-9]+\.parquet"
    r"|ledger/[a-z0-9]+(?:[./][a-z0-9]+)*"
)
"""The files that there may be: a list that was written by somebody else names no place outside of the target."""

Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class BackedUpFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its path in the workspace, size in bytes, SHA-256, and the SHA-256 of each of its pieces in order."""

    path: str
    size: Count
    sha256: Hash
    pieces: tuple[Hash, ...]


class BackedUpKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """The state of the key database: its random name, the live root, its changes, its slots, and how many are destroyed."""

    keyring: str
    root: Count
    changes: Count
    slots: Count
    destroyed: Count


class BackupList(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole backup. ``at`` is when it was begun (RFC 3339, UTC); ``checkpoint`` is the signed head of its store."""

    format: int
    at: str
    origin: str
    entries: Count
    root: Hash
    checkpoint: str
    keys: BackedUpKeys
    elsewhere: tuple[str, ...]
    """What is not in it, and where it lies: parts of the workspace in object stores."""
    files: tuple[BackedUpFile, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of its canonical form: the name of the backup."""
        return "sha256:" + hashlib.sha256(canonical_bytes(msgspec.to_builtins(self))).hexdigest()

    @property
    def moment(self) -> Moment:
        """When it was begun (UTC)."""
        return parse_moment(self.at)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    def file(self, path: str) -> BackedUpFile | None:
        """The file of a path; None where there is none."""
        return next((file for file in self.files if file.path == path), None)

    def pieces(self) -> set[str]:
        """The digests of all its pieces."""
        return {piece for file in self.files for piece in file.pieces}


class _Signed(Struct, frozen=True, forbid_unknown_fields=True):
    backup: BackupList
    digest: str


def list_bytes(backup: BackupList) -> bytes:
    """The file of a list: the list, and its digest."""
    return canonical_bytes(msgspec.to_builtins(_Signed(backup, backup.digest)))


def read_list(data: bytes, place: Place) -> BackupList:
    """Read a list. Raises `VerificationError` unless it is whole and in its one form, and names nothing it may not name."""
    try:
        found = msgspec.json.decode(data, type=_Signed)
        whole = found.digest == found.backup.digest and list_bytes(found.backup) == data
        wrong = _wrong(found.backup) if whole else "its digest is another"
    except (msgspec.MsgspecError, MomentError, ValueError, RecursionError) as problem:
        wrong = str(problem)
    if wrong:
        raise VerificationError(f"the list of the backup is damaged: {wrong}", place=place, remedy=_OTHER)
    return found.backup


def _wrong(backup: BackupList) -> str:
    if backup.format != FORMAT:
        return f"it has format {backup.format}, and not {FORMAT}"
    if format_moment(backup.moment) != backup.at:
        return f"the time {backup.at!r} is not in its one form"
    paths = [file.path for file in backup.files]
    if len(set(paths)) != len(paths):
        return "it names a file twice"
    return next(filter(None, map(_wrong_file, backup.files)), "")


def _wrong_file(file: BackedUpFile) -> str:
    if not _PATH.fullmatch(file.path):
        return f"it names {file.path!r}, which is no file of a workspace"
    if len(file.pieces) != -(-file.size // PIECE):
        return f"{file.path} has {len(file.pieces)} pieces for {file.size} bytes"
    return ""


_OTHER = "take another backup, or remove this list and make a new one: it was changed, or its disk is damaged"
