"""The key database: sealed nodes, sealed top keys and marked handles in one SQLite file, ``keys.db``, in WAL mode.

Whoever can read it without the live root learns how many slots there are, and which pages and roots changed when they watch
it. Whoever can write it can take keys away, which is noticed when they are asked for; they can bring none back.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError
from troth.vault.keys.failures import told
from troth.vault.keys.layout import FIRST_FORMAT, FORMAT, ID_BYTES, MIGRATION, TABLES, UNFINISHED
from troth.vault.keys.nodes import Address

NAME = "keys.db"
LOCK = "keys.lock"
PATIENCE = 60.0
"""Seconds to wait where SQLite itself is busy; writers wait for one another at the lock, for as long as it takes."""
CACHE_KIB = 16 * 1024
LONGEST_LOG = 64 * 1024 * 1024
"""Bytes of the write-ahead log that stay on the disk after it was written back."""

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class State:
    """What changes with every transaction: the version of the live root, and the count of changes.

    ``keyring`` is a random name that stays: a copy of one keyring is not taken for that of another.
    """

    root: int
    changes: int
    keyring: bytes


class KeyFile:
    """An open key database. One thread uses it; other threads and processes open their own."""

    def __init__(self, folder: Path, *, make: bool = False) -> None:
        """Open ``keys.db`` of a folder. Raises `VaultError` where it is not there, unless an empty one may be made."""
        self.path = folder / NAME
        self._folder = folder
        self._held = 0
        self._lock = -1
        self._writing = False
        self._change: int | None = None
        with told(self.path):
            if make:
                _make_file(self.path)
            elif not self.path.is_file():
                raise VaultError(
                    "there is no key database here",
                    place=Place(str(self.path)),
                    remedy="restore its newest copy; where there never was one, make a keyring",
                )
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            self._connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            try:
                self._set_up()
                self._migrate()
            except BaseException:
                self.close()
                raise

    def _set_up(self) -> None:
        for setting, value, wanted in (
            ("journal_mode", "WAL", "wal"),
            ("synchronous", "FULL", 2),
            ("fullfsync", "ON", 1),
            ("secure_delete", "ON", 1),
            ("journal_size_limit", LONGEST_LOG, LONGEST_LOG),
            ("cache_size", -CACHE_KIB, -CACHE_KIB),
        ):
            self._connection.execute(f"PRAGMA {setting} = {value}")
            ((found,),) = self._connection.execute(f"PRAGMA {setting}")
            if found != wanted:
                raise VaultError(
                    f"SQLite cannot keep keys here: its {setting} is {found!r}",
                    place=Place(str(self.path)),
                    remedy="move the vault's keys to a file system of this machine",
                )

    def _migrate(self) -> None:
        """Bring the layout of an older version to this one, in one transaction; other processes find one or the other."""
        if self._first_format():
            with self.writing():
                if self._first_format():
                    for statement in MIGRATION:
                        self.change(statement)
                    changed = (FORMAT, os.urandom(ID_BYTES))
                    self.change("UPDATE state SET format = ?, keyring = ?", changed)

    def _first_format(self) -> bool:
        if not self.rows("SELECT 1 FROM sqlite_schema WHERE name = 'state'"):
            return False
        return self.rows("SELECT format FROM state") == [(FIRST_FORMAT,)]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever laid out in the file."""
        return not self.rows("SELECT 1 FROM sqlite_schema LIMIT 1")

    def lay_out(self) -> None:
        """Make the tables, for a keyring whose making is not finished yet."""
        with self.writing():
            for statement in TABLES:
                self.change(statement)
            new = (FORMAT, UNFINISHED, os.urandom(ID_BYTES))
            self.change("INSERT INTO state VALUES (1, ?, ?, 0, ?)", new)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for the one writer's place, and hold it. May be entered again while it is held."""
        if not self._held:
            with told(self.path):
                fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._held += 1
            yield
        finally:
            self._let_go()

    @contextmanager
    def alone_at_once(self) -> Iterator[bool]:
        """The same without waiting: False where another process writes."""
        if not self._taken():
            yield False
            return
        try:
            self._held += 1
            yield True
        finally:
            self._let_go()

    def _taken(self) -> bool:
        with told(self.path):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _let_go(self) -> None:
        self._held -= 1
        if not self._held and self._lock >= 0:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One durable transaction, or nothing of it. Inside another, it is part of that one."""
        if self._writing:
            yield
            return
        with self.alone():
            self.change("BEGIN IMMEDIATE")
            self._writing = True
            try:
                yield
                self.change("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # some failures have undone it already
                    self.change("ROLLBACK")
                raise
            finally:
                self._writing = False
                self._change = None
            self._write_back()

    @property
    def in_transaction(self) -> bool:
        """Whether this opener is in `writing`."""
        return self._writing

    @property
    def number(self) -> int:
        """The number of the change that the transaction makes: one more than the last, for all that it writes."""
        if self._change is None:
            self._change = self.state().changes + 1
        return self._change

    def _write_back(self) -> None:
        """Empty the write-ahead log where no reader stands in it: damage to it could undo what was acknowledged."""
        self.change("PRAGMA busy_timeout = 0")
        try:
            self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.change(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One state of the file for several questions. Inside a transaction, it is that one's."""
        if self._writing:
            yield
            return
        self.change("BEGIN")
        try:
            yield
        finally:
            self.change("ROLLBACK")

    def state(self) -> State:
        """The state. Raises `VaultError` where this is no key database, or one of a format that is not known."""
        if not self.rows("SELECT 1 FROM sqlite_schema WHERE name = 'state'"):
            raise self._unknown("this is not a key database")
        found = self.rows("SELECT * FROM state")
        if len(found) != 1 or not all(isinstance(value, int) for value in found[0][:4]):
            raise self._unknown("the key database does not say what state it is in")
        _, form, *state = found[0]
        if form != FORMAT:
            raise self._unknown("the key database has another format")
        return State(*state)

    def _unknown(self, what: str) -> VaultError:
        return VaultError(
            what, place=Place(str(self.path)), remedy="restore its newest copy, or update Troth"
        )

    def move_on(self, root: int) -> State:
        """Say that the transaction changes something, and which root is live after it; return the state it leads to."""
        number = self.number
        self.change("UPDATE state SET root = ?, changes = ?", (root, number))
        return self.state()

    def node(self, address: Address) -> bytes | None:
        """A sealed node; None where there is none."""
        found = self.rows("SELECT sealed FROM node WHERE row = ?", (address.row,))
        return found[0][0] if found else None

    def nodes(self, first: Address, last: Address) -> dict[int, bytes]:
        """The sealed nodes from one address to another of its level, by their rows."""
        return dict(
            self.rows("SELECT row, sealed FROM node WHERE row BETWEEN ? AND ?", (first.row, last.row))
        )

    def put_nodes(self, nodes: Iterable[tuple[Address, bytes]]) -> None:
        """Put sealed nodes into their places."""
        number = self.number
        self.change_each(
            "REPLACE INTO node VALUES (?, ?, ?)", ((address.row, sealed, number) for address, sealed in nodes)
        )

    def drop_nodes(self, addresses: Iterable[Address]) -> None:
        """Remove nodes."""
        rows = [one.row for one in addresses]
        self.change_each("DELETE FROM node WHERE row = ?", ((row,) for row in rows))
        self._removed("node", rows)

    def put_handles(self, handles: Iterable[tuple[bytes, int, bytes]]) -> None:
        """Add handles: mark, slot and tag of each."""
        number = self.number
        self.change_each("INSERT INTO handle VALUES (?, ?, ?, ?)", ((*one, number) for one in handles))

    def drop_handles(self, slots: Iterable[int]) -> None:
        """Remove the handles of slots."""
        numbers = list(slots)
        self.change_each("DELETE FROM handle WHERE slot = ?", ((slot,) for slot in numbers))
        self._removed("handle", numbers)

    def _removed(self, what: str, numbers: Iterable[int]) -> None:
        change = self.number
        self.change_each("REPLACE INTO removed VALUES (?, ?, ?)", ((change, what, one) for one in numbers))

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[list[Any]]:
        """The rows of a question in batches, within `reading`."""
        with told(self.path):
            cursor = self._connection.execute(sql, parameters)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The rows of a question."""
        with told(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Change something; belongs into `writing`."""
        with told(self.path):
            self._connection.execute(sql, parameters)

    def change_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Change something for each of some rows; belongs into `writing`."""
        with told(self.path):
            self._connection.executemany(sql, rows)

    def save(self, target: Path) -> None:
        """Write everything into a new file, within `reading`: the state that was read."""
        with told(self.path), closing(sqlite3.connect(target)) as copy:
            self._connection.backup(copy)

    @property
    def size(self) -> int:
        """Bytes on the disk, the write-ahead log included."""
        log = self.path.with_name(f"{NAME}-wal")
        with told(self.path):
            return self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def close(self) -> None:
        """Close it; whoever closes last writes the log back."""
        with told(self.path):
            if hasattr(self, "_connection"):
                self._connection.close()
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1


def _make_file(file: Path) -> None:
    """Make an empty file, for its owner alone, whose name in the folder is durable."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    sync_folder(file.parent)
