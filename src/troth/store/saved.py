"""A store as it is at one moment, as a file of a backup: SQLite's own file, or the rows of PostgreSQL.

Whoever can read the file learns what the store shows; whoever can write it can do what who writes the store can.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from troth.errors import Place, StoreError
from troth.store.interface import Head
from troth.store.open import SQLITE, STORE_FILE
from troth.store.sqlite_failures import told


def save_store(url: str, folder: Path, target: Path) -> Head:
    """Write the store of a workspace into a new SQLite file while others go on; return the head that is in it.

    The file of a SQLite store is one itself; that of PostgreSQL has its tables, for `load_store`. Raises `StoreError`.
    """
    if url == SQLITE:
        _save_sqlite(folder / STORE_FILE, target)
    else:
        from troth.store.saved_postgres import save_postgres  # noqa: PLC0415 - an optional dependency

        save_postgres(url, target)
    return head_of(target)


def head_of(saved: Path) -> Head:
    """The head in a file that `save_store` wrote. Raises `StoreError`."""
    with told(saved), closing(sqlite3.connect(saved)) as connection:
        found = connection.execute("SELECT size, root, checkpoint, at FROM head").fetchall()
    if len(found) != 1:
        raise StoreError("the saved store has no head", place=Place(str(saved)), remedy="take another backup")
    return Head(*found[0])


def check_empty(url: str) -> None:
    """Raise `StoreError` unless a PostgreSQL database can be reached, and holds no store."""
    from troth.store.saved_postgres import check_no_store  # noqa: PLC0415 - an optional dependency

    check_no_store(url)


def load_store(url: str, saved: Path) -> None:
    """Put the rows of a file into an empty PostgreSQL database, all in one transaction; or find that they are there.

    Raises `StoreError`.
    """
    from troth.store.saved_postgres import load_postgres  # noqa: PLC0415 - an optional dependency

    load_postgres(url, saved)


def _save_sqlite(file: Path, target: Path) -> None:
    with told(file), closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
