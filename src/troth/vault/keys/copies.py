"""The copy of a key database that is brought up to date with every change: of its rows, only what changed is written.

Whoever can read it learns what the key database shows, and no key without the live root. Whoever can write it can take
the copy away, or make the keyring refuse to change; they can bring nothing back that was destroyed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError
from troth.vault.keys.key_file import NAME, PATIENCE, KeyFile, State
from troth.vault.keys.layout import FORMAT, TABLES

_WHOLE = -1
"""A number of before every change."""

_SETTINGS = (
    # No write-ahead log: the place may be a file system of another machine, on which it does not work.
    ("journal_mode", "DELETE", "delete"),
    ("synchronous", "EXTRA", 3),
    ("fullfsync", "ON", 1),
    ("secure_delete", "ON", 1),
)
_CAME = (
    ("SELECT row, sealed, changed FROM node WHERE changed > ?", "REPLACE INTO node VALUES (?, ?, ?)"),
    (
        "SELECT mark, slot, tag, changed FROM handle WHERE changed > ?",
        "REPLACE INTO handle VALUES (?, ?, ?, ?)",
    ),
    ("SELECT changed, what, number FROM removed WHERE changed > ?", "REPLACE INTO removed VALUES (?, ?, ?)"),
)
_WENT = (
    ("SELECT number FROM removed WHERE what = 'node' AND changed > ?", "DELETE FROM node WHERE row = ?"),
    ("SELECT number FROM removed WHERE what = 'handle' AND changed > ?", "DELETE FROM handle WHERE slot = ?"),
)
_FEW = (
    ("SELECT keeper, sealed FROM root", "root", "INSERT INTO root VALUES (?, ?)"),
    ("SELECT keeper, version, sealed FROM retired", "retired", "INSERT INTO retired VALUES (?, ?, ?)"),
)
"""Tables with a row for each keeper, which are written anew."""


class KeyCopy:
    """The place of the copy: a folder, which must be there, since a disk that is not mounted is noticed by that."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self.folder = folder
        self.path = folder / NAME

    def state(self) -> State | None:
        """The state of the copy; None where there is none. Raises `VaultError` where it cannot be read."""
        with self._told():
            if not self.path.is_file() or not self.path.stat().st_size:
                return None
            with closing(self._connect()) as connection:
                return self._state(connection)

    def bring_up(self, file: KeyFile) -> State:
        """Write what changed since the copy was written, in one durable transaction; return the state it has then.

        Belongs into the one writer's place, after the transaction of the key database. Raises `VaultError`; then the copy
        is as it was.
        """
        with self._told():
            if not self.folder.is_dir():
                raise FileNotFoundError(2, "the folder is not there", str(self.folder))
            with closing(self._connect()) as connection, file.reading():
                known, state = self._state(connection), file.state()
                self.check(known, state)
                if known != state:
                    with _transaction(connection):
                        self._write(connection, file, known, state)
                    sync_folder(self.folder)
        return state

    def _write(
        self, connection: sqlite3.Connection, file: KeyFile, known: State | None, state: State
    ) -> None:
        if known is None:
            for statement in TABLES:
                connection.execute(statement)
        since = _WHOLE if known is None else known.changes
        for asked, told in (*_WENT, *_CAME) if known is not None else _CAME:
            connection.executemany(told, _rows(file, asked, since))
        for asked, table, told in _FEW:
            connection.execute(f"DELETE FROM {table}")
            connection.executemany(told, file.rows(asked))
        connection.execute("DELETE FROM state")
        row = (FORMAT, state.root, state.changes, state.keyring)
        connection.execute("INSERT INTO state VALUES (1, ?, ?, ?, ?)", row)

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            for setting, value, wanted in _SETTINGS:
                connection.execute(f"PRAGMA {setting} = {value}")
                _require(connection, setting, wanted)
        except BaseException:
            connection.close()
            raise
        return connection

    def _state(self, connection: sqlite3.Connection) -> State | None:
        if not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall():
            return None
        found = connection.execute("SELECT format, root, changes, keyring FROM state").fetchall()
        if len(found) != 1 or found[0][0] != FORMAT:
            raise VaultError("the copy of the keys has another format", place=self._place, remedy=_ANEW)
        return State(*found[0][1:])

    def check(self, known: State | None, state: State) -> None:
        """Raise `VaultError` where the copy is of another keyring, or newer than a state that was read after it."""
        if known is None:
            return
        if known.keyring != state.keyring:
            raise VaultError(
                "the folder holds the copy of another keyring",
                place=self._place,
                remedy="give each workspace a folder of its own for key copies: [key-copy] in troth.toml",
            )
        if known.changes > state.changes:
            raise VaultError(
                f"the key database is older than its copy: {state.changes:,} changes, and {known.changes:,} in the copy",
                place=self._place,
                remedy="restore the newest copy of the key database (docs/backup.md): an older one gives slots out twice",
            )

    @property
    def _place(self) -> Place:
        return Place(str(self.path))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            told = problem.strerror if isinstance(problem, OSError) else problem
            raise VaultError(
                f"the copy of the keys cannot be used ({told}): no root was destroyed, and nothing is sealed with new keys",
                place=self._place,
                remedy=f"mount its disk or mend its permissions, and do it again; {_ANEW}",
            ) from problem


def _rows(file: KeyFile, sql: str, since: int) -> Iterator[Any]:
    for rows in file.stream(sql, (since,)):
        yield from rows


def _require(connection: sqlite3.Connection, setting: str, wanted: object) -> None:
    ((found,),) = connection.execute(f"PRAGMA {setting}")
    if found != wanted:
        raise sqlite3.OperationalError(f"its {setting} is {found!r}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_ANEW = "a damaged copy may be removed: the next change of keys writes a whole one"
