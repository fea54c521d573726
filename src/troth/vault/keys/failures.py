"""What SQLite and the system refuse the key database, in one plain line each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from troth.errors import Place, VaultError

_WAIT = ("another process keeps the key database to itself", "wait for it to end, and try again")
_ROOM = ("the disk is full", "make room, and do it again: nothing of it was kept")
_LOOK = ("the disk does not read or write", "look after disk and quota, and do it again")
_PERMIT = "check its path and permissions, and those of its folder"
_DAMAGED = ("the key database is damaged", "restore its newest copy; it opens with the root as it is now")

_TOLD = {
    sqlite3.SQLITE_BUSY: _WAIT,
    sqlite3.SQLITE_LOCKED: _WAIT,
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_IOERR: _LOOK,
    sqlite3.SQLITE_READONLY: ("the key database cannot be written", _PERMIT),
    sqlite3.SQLITE_PERM: ("the key database cannot be opened", _PERMIT),
    sqlite3.SQLITE_CANTOPEN: ("the key database cannot be opened", _PERMIT),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: ("this is not a key database", "restore the newest copy of the file"),
}
_CLOSED = ("the key database is closed, or was opened by another thread", "open the keyring in this thread")


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into `VaultError`, with the file and what to do next."""
    try:
        yield
    except sqlite3.Error as problem:
        code = getattr(problem, "sqlite_errorcode", None)
        what, remedy = _CLOSED if code is None else _TOLD.get(code & 0xFF, _DAMAGED)
        raise VaultError(f"{what} ({problem})", place=Place(str(file)), remedy=remedy) from problem
    except UnicodeDecodeError as problem:  # SQLite quotes damaged text in what it says
        what, remedy = _DAMAGED
        raise VaultError(what, place=Place(str(file)), remedy=remedy) from problem
    except OSError as problem:
        what = f"the key database cannot be used ({problem.strerror})"
        raise VaultError(what, place=Place(str(file)), remedy=_PERMIT) from problem
