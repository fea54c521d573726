"""A plain SQLite store becomes a sealed one: a new file, moved into the place of the old one, which is overwritten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from troth.disk.durable import sync_folder
from troth.errors import Place, StoreError
from troth.store.engine import ROWS_AT_ONCE, Row
from troth.store.schema import PLAIN
from troth.store.sqlite import Sqlite
from troth.store.sqlite_failures import told
from troth.store.take_over import Sealed, take_over
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

_AT_ONCE = 1 << 20


def seal_sqlite(file: Path, keyring: Keyring, handles: Handles) -> Sealed | None:
    """Seal a store; None where that was done before, or only the old file was left to destroy.

    Interrupted at any step, it is done again. Raises `StoreError`; while another process has the store open, too.
    """
    old, new = file.with_name(f"{file.name}.plain"), file.with_name(f"{file.name}.sealing")
    done: Sealed | None = None
    with told(file):
        if file.exists() and not old.exists():
            with _alone(file) as connection:
                if connection.execute("SELECT version FROM layout").fetchall() == [(PLAIN,)]:
                    done = _copy(connection, new, keyring, handles)
                    _replace(file, old, new)
            return done
        if not file.exists() and old.exists() and new.exists():
            new.rename(file)
            sync_folder(file.parent)
        if old.exists():
            destroy_file(old)
    return done


def _replace(file: Path, old: Path, new: Path) -> None:
    """Put the new file in the place of the old one, which is destroyed while nobody else can write to it."""
    file.rename(old)
    sync_folder(file.parent)
    new.rename(file)
    sync_folder(file.parent)
    destroy_file(old)


@contextmanager
def _alone(file: Path) -> Iterator[sqlite3.Connection]:
    """The store without its write-ahead log, which is overwritten, and locked against everybody else."""
    log = file.with_name(f"{file.name}-wal")
    before = os.open(log, os.O_RDWR) if log.exists() else None
    with closing(sqlite3.connect(file, timeout=1.0, isolation_level=None)) as connection:
        try:
            size = 0 if before is None else os.fstat(before).st_size
            ((mode,),) = connection.execute("PRAGMA journal_mode = DELETE")
            if mode != "delete":
                raise _used(file)
            connection.execute("BEGIN EXCLUSIVE")
            if before is not None:
                _overwrite(before, size)
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise _used(file) from problem
            raise
        finally:
            if before is not None:
                os.close(before)
        yield connection


def _used(file: Path) -> StoreError:
    return StoreError(
        "another process has the store open",
        place=Place(str(file)),
        remedy="end everything that uses the workspace, and migrate again",
    )


def _copy(connection: sqlite3.Connection, new: Path, keyring: Keyring, handles: Handles) -> Sealed:
    for rest in ("", "-wal", "-shm"):
        new.with_name(new.name + rest).unlink(missing_ok=True)

    def rows(sql: str) -> Iterator[list[Row]]:
        cursor = connection.execute(sql)
        while some := cursor.fetchmany(ROWS_AT_ONCE):
            yield some

    with closing(Sqlite(new)) as target:
        done = take_over(rows, target, keyring, handles)
    with new.open("rb") as written:
        os.fsync(written.fileno())
    return done


def destroy_file(file: Path) -> None:
    """Overwrite a file with random bytes, write that through to the disk, and remove it, durably.

    An SSD, a snapshot or a file system that copies on writing may keep the old bytes elsewhere.
    """
    descriptor = os.open(file, os.O_RDWR)
    try:
        _overwrite(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)
    file.unlink()
    sync_folder(file.parent)


def _overwrite(descriptor: int, size: int) -> None:
    for at in range(0, size, _AT_ONCE):
        noise = os.urandom(min(_AT_ONCE, size - at))
        if os.pwrite(descriptor, noise, at) != len(noise):
            raise OSError(5, "the disk takes fewer bytes than it was given")
    os.fsync(descriptor)
