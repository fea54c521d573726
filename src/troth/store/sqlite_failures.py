"""What SQLite refuses, in one plain line each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from troth.errors import Place, StoreError

_RESTORE = "restore the store from a backup; the ledger tells what is missing from it"
_PERMIT = "check its path and permissions, and those of its folder"
_SPACE = "make room, and do it again: nothing of it was kept"

_TOLD = {
    sqlite3.SQLITE_BUSY: ("another process keeps the store to itself", "wait for it to end, and try again"),
    sqlite3.SQLITE_LOCKED: ("another process keeps the store to itself", "wait for it to end, and try again"),
    sqlite3.SQLITE_FULL: ("the disk is full", _SPACE),
    sqlite3.SQLITE_IOERR: ("the disk does not read or write", "look after disk and quota, and do it again"),
    sqlite3.SQLITE_READONLY: ("the store cannot be written", _PERMIT),
    sqlite3.SQLITE_CANTOPEN: ("the store cannot be opened", _PERMIT),
    sqlite3.SQLITE_PERM: ("the store cannot be opened", _PERMIT),
    sqlite3.SQLITE_CORRUPT: ("the store is damaged", _RESTORE),
    sqlite3.SQLITE_NOTADB: ("this is not a store", "name the folder of the workspace, or restore a backup"),
}

_OTHER = ("the store does not answer", "restore it from a backup if this stays")
_MISUSED = ("the store is closed, or was opened by another thread", "open the store again, in this thread")


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into `StoreError`, with the file and what to do next."""
    try:
        yield
    except sqlite3.Error as problem:
        code = getattr(problem, "sqlite_errorcode", None)
        what, remedy = _MISUSED if code is None else _TOLD.get(code & 0xFF, _OTHER)
        raise StoreError(f"{what} ({problem})", place=Place(str(file)), remedy=remedy) from problem
    except UnicodeDecodeError as problem:
        # SQLite quotes damaged text in what it says, and Python cannot read that.
        what, remedy = _TOLD[sqlite3.SQLITE_CORRUPT]
        raise StoreError(what, place=Place(str(file)), remedy=remedy) from problem
    except OSError as problem:
        raise StoreError(
            f"the store cannot be opened ({problem.strerror})", place=Place(str(file)), remedy=_PERMIT
        ) from problem
