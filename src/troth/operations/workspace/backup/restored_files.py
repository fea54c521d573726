"""The files of a backup, written where they belong, each checked piece by piece and as a whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError, VerificationError
from troth.operations.decide import Progress
from troth.operations.workspace.backup.files_list import (
    INDEX_FILE,
    KEYS_FILE,
    LEDGER,
    SEGMENTS,
    STORE_FILE,
    STORE_ROWS,
    BackedUpFile,
    BackupList,
)
from troth.operations.workspace.backup.objects import BackupObjects
from troth.vault.segments.chosen import open_files
from troth.vault.segments.files import segment_name
from troth.vault.segments.index import LIVE

Where = Callable[[str], Path | None]
"""The file of a path of the backup; None for one that is not to be written."""

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite leaves beside a database."""


def write_files(objects: BackupObjects, backup: BackupList, where: Where, progress: Progress) -> int:
    """Write every file, durably; return the bytes.

    Raises `VerificationError`, naming it, for one that is damaged, and ``OSError``.
    """
    folders: set[Path] = set()
    size = 0
    for number, file in enumerate(backup.files, 1):
        target = where(file.path)
        if target is not None:
            _make(target.parent)
            _write(objects, file, target)
            folders.add(target.parent)
            size += file.size
        progress("restore", number, len(backup.files))
    for folder in folders:
        sync_folder(folder)
    return size


def clear(folder: Path) -> None:
    """Remove what an attempt that was interrupted has written below a folder: copies of what a backup has, nothing else."""
    for part in (LEDGER, SEGMENTS):
        if (folder / part).is_dir():
            shutil.rmtree(folder / part)
    for name in (STORE_FILE, STORE_ROWS, INDEX_FILE, KEYS_FILE):
        for rest in ("", *_BESIDE):
            (folder / f"{name}{rest}").unlink(missing_ok=True)


def _write(objects: BackupObjects, file: BackedUpFile, target: Path) -> None:
    for beside in _BESIDE:
        target.with_name(target.name + beside).unlink(missing_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        for name in file.pieces:
            piece = objects.piece(name, file.path)
            digest.update(piece)
            size += len(piece)
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        partial.unlink()
        raise VerificationError(
            f"{file.path} is not what the list of the backup says",
            place=objects.place,
            remedy="take another backup: nothing of this one was used",
        )
    partial.replace(target)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def check_segments(index: Path, place: str | Path, backup: BackupList) -> None:
    """Raise `VerificationError`, naming them, unless every segment of the restored index is there.

    Those of the backup have the digests of the index; of those that lie elsewhere it is seen that they are there.
    """
    with closing(sqlite3.connect(index)) as connection:
        query = "SELECT number, digest FROM segment WHERE state = ? ORDER BY number"
        wanted = {number: digest.hex() for number, digest in connection.execute(query, (LIVE,))}
    copied = {file.path: file.sha256 for file in backup.files if file.path.startswith(SEGMENTS)}
    missing = _not_copied(wanted, copied) if copied or not wanted else _not_there(wanted, place, index.parent)
    if missing:
        more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
        raise VerificationError(
            f"the index names segments that are not here: {', '.join(missing[:3])}{more}",
            place=Place(str(place)),
            remedy="take another backup, or bring these segments back: what was said in them is nowhere else",
        )


def _not_copied(wanted: Mapping[int, str], copied: Mapping[str, str]) -> list[str]:
    return [
        segment_name(number)
        for number, digest in wanted.items()
        if copied.get(SEGMENTS + segment_name(number)) != digest
    ]


def _not_there(wanted: Mapping[int, str], place: str | Path, folder: Path) -> list[str]:
    files = open_files(place, folder)
    missing = []
    for number in wanted:
        try:
            with files.opened(number):
                pass
        except (OSError, VaultError):
            missing.append(segment_name(number))
    return missing
