"""A store in one SQLite file beside the ledger: ``DIR/store.db``, in WAL mode, every commit on disk.

Whoever can write the file can change events, but not without the ledger showing it; whoever can read it reads every
event and every salt.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from troth.disk.durable import sync_folder
from troth.errors import Place, StoreError
from troth.store.clash import key_clash, said_clash
from troth.store.engine import ROWS_AT_ONCE, Query, Row
from troth.store.interface import Item
from troth.store.names import not_text
from troth.store.schema import HOLDS_INDEX, SQLITE, SQLITE_USED, VERSION, check_version
from troth.store.sqlite_failures import told
from troth.store.sqlite_marks import MarkIndex, marks_of
from troth.store.sqlite_sieve import Marks
from troth.types.moment import Moment

PATIENCE = 60.0
"""Seconds to wait for other processes that write."""
CACHE_KIB = 32 * 1024
CHECKPOINT_PAGES = 4_000
"""The write-ahead log is written back when it is this long: 16 MB."""

_OWNER = b"account\x00"
"""Before an account in the index of conversations, which finds them by their own names too."""

_INSERT_ITEM = "INSERT INTO item (key, kind, salt, commitment, account, conversation, payload) VALUES (?, ?, ?, ?, ?, ?, ?)"
"""SQLite numbers the rows itself, each with the highest number there is and one more."""
_INSERT_ENTRIES = (
    "INSERT INTO entry (idx, seq, at, kind, commitment)"
    " SELECT ? + row_number() OVER (ORDER BY seq) - 1, seq, ?, kind, commitment"
    " FROM item WHERE seq BETWEEN ? AND ? ORDER BY seq"
)


class Sqlite:
    """An open SQLite file; an `Engine`."""

    def __init__(self, file: Path, layout: int = VERSION) -> None:
        self._file = file
        self._layout = layout
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with told(file):
            _make_file(file)
            self._connection = self._connect()
            try:
                self._lay_out()
            except BaseException:
                self._connection.close()
                raise
        self._keys = MarkIndex(self._connection, "key")
        self._names = MarkIndex(self._connection, "name")
        self._conversations = MarkIndex(self._connection, "conversation")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)
        try:
            self._set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        mode = _write_ahead(connection)
        if mode != "wal":
            raise StoreError(
                f"SQLite cannot write ahead here: its journal stays in mode {mode!r}",
                place=Place(str(self._file)),
                remedy="move the workspace to a file system of this machine, or use PostgreSQL",
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    def _lay_out(self) -> None:
        run = self._connection.execute
        if not run("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall():
            run("BEGIN IMMEDIATE")
            if not run("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall():
                for statement in SQLITE:
                    run(statement)
            run("COMMIT")
        ours = run("SELECT 1 FROM sqlite_schema WHERE name = 'layout'").fetchall()
        found = run("SELECT version FROM layout").fetchall() if ours else [(None,)]
        check_version(found[0][0] if found else None, self._layout, str(self._file))
        self._add("used", SQLITE_USED)
        if self._layout == VERSION:
            self._add("entry_holds", HOLDS_INDEX)

    def _add(self, name: str, statement: str) -> None:
        """Add what a store of an earlier version has not. Whoever opens it at the same moment waits for the lock."""
        run = self._connection.execute
        if not run("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchall():
            run("BEGIN IMMEDIATE")
            run(statement)
            run("COMMIT")

    @contextmanager
    def writing(self, alone: str = "", beside: str = "") -> Iterator[None]:  # noqa: ARG002
        """See `Engine`. SQLite has one writer at a time anyway."""
        with told(self._file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    def _undo(self) -> None:
        for index in (self._keys, self._names, self._conversations):
            index.forget()
        if self._connection.in_transaction:  # some failures have undone it already
            self._connection.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One state of the file for several queries."""
        with told(self._file):
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See `Engine`."""
        with told(self._file):
            return self._connection.execute(sql, parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Engine`."""
        return self._connection.execute(sql, parameters).rowcount

    def change_each(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """See `Engine`."""
        self._connection.executemany(sql, rows)

    def among(self, column: str, values: Sequence[str] | Sequence[int]) -> Query:
        """See `Engine`."""
        return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(values))]

    def stream(self, queries: Sequence[Query]) -> Generator[list[Row], None, None]:
        """See `Engine`. On a connection of its own, so that writing can go on meanwhile."""
        with told(self._file):
            connection = self._idle.pop() if self._idle else self._connect()
            connection.execute("BEGIN")
            try:
                for sql, parameters in queries:
                    cursor = connection.execute(sql, parameters)
                    while rows := cursor.fetchmany(ROWS_AT_ONCE):
                        yield rows
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def accept(self, items: Sequence[Item]) -> int:
        """See `Engine`."""
        keys = [item.key for item in items]
        also = [item.also for item in items if item.also is not None]
        seqs = self._keys.find(marks_of(keys + also))
        fresh: Sequence[Item] = items
        if seqs or also or len(set(keys)) < len(keys):
            fresh = self._not_accepted(items, seqs)
        if fresh:
            self._insert(fresh)
        return len(fresh)

    def _not_accepted(self, items: Sequence[Item], seqs: list[int]) -> list[Item]:
        """Those items that are not among some rows, nor twice in the call. Raises for a clash."""
        payloads, said = self._accepted(seqs)
        fresh = []
        for item in items:
            if item.also is not None and said.setdefault(item.also, item.bare) != item.bare:
                raise said_clash(item)
            earlier = payloads.get(item.key)
            if earlier is None:
                payloads[item.key] = item.payload
                fresh.append(item)
            elif earlier != item.payload:
                raise key_clash(item)
        return fresh

    def _accepted(self, seqs: list[int]) -> tuple[dict[bytes, bytes], dict[bytes, bytes | None]]:
        """What was accepted under some keys, and said of some things."""
        payloads: dict[bytes, bytes] = {}
        said: dict[bytes, bytes | None] = {}
        chosen, parameters = self.among("seq", seqs)
        payloads.update(self._connection.execute(f"SELECT key, payload FROM item WHERE {chosen}", parameters))
        said.update(self._connection.execute(f"SELECT also, bare FROM said WHERE {chosen}", parameters))
        return payloads, said

    def _insert(self, items: Sequence[Item]) -> None:
        (last,) = self._connection.execute("SELECT max(seq) FROM item").fetchone()
        first = 1 + (last or 0)
        self._connection.executemany(_INSERT_ITEM, _rows(items))
        said = [(seq, item.also, item.bare) for seq, item in enumerate(items, first) if item.also is not None]
        self._connection.executemany("INSERT INTO said VALUES (?, ?, ?)", said)
        marks = marks_of([item.key for item in items] + [also for _, also, _ in said])
        seqs = [*range(first, first + len(items)), *(seq for seq, _, _ in said)]
        self._keys.add(marks, np.array(seqs, dtype=np.int64))

    def place(self, seqs: Sequence[int], first: int, at: Moment) -> bool:
        """See `Engine`. Here what is pending is a tail of the rows, and is placed from its first row on."""
        found = self._connection.execute("SELECT seq FROM pending ORDER BY seq LIMIT ?", (len(seqs),))
        if [seq for (seq,) in found] != list(seqs):
            return False
        if seqs:
            self._connection.execute(_INSERT_ENTRIES, (first, at, seqs[0], seqs[-1]))
            self._file_names(seqs[0], seqs[-1])
        return True

    def _file_names(self, first: int, last: int) -> None:
        sql = "SELECT seq, account, conversation FROM item WHERE seq BETWEEN ? AND ?"
        named = [
            (name, seq)
            for seq, *names in self._connection.execute(sql, (first, last))
            for name in names
            if name is not None
        ]
        if named:
            self._names.add(
                _marks([name for name, _ in named]), np.array([seq for _, seq in named], dtype=np.int64)
            )

    def places(self, account: bytes | None, conversation: bytes | None, key: bytes | None) -> list[Row]:
        """See `Engine`."""
        given = {"key": key, "conversation": conversation, "account": account}
        wanted = {column: value for column, value in given.items() if value is not None}
        fits = " AND ".join(f"i.{column} = ?" for column in wanted)
        with self._reading():
            if key is not None:
                seqs, rest = self._keys.find(marks_of([key])), ""
            else:
                name = conversation if conversation is not None else account
                seqs, rest = self._names.find(_marks([name or b""])), " OR i.seq IN (SELECT seq FROM pending)"
            chosen, parameters = self.among("i.seq", seqs)
            sql = (
                "SELECT e.idx, e.at, i.seq FROM item i LEFT JOIN entry e ON e.seq = i.seq"
                f" WHERE ({chosen}{rest}) AND {fits}"
            )
            return self._connection.execute(sql, (*parameters, *wanted.values())).fetchall()

    def find_conversations(self, names: Sequence[bytes]) -> list[Row]:
        """See `Engine`."""
        with self._reading():
            asked = set(names)
            chosen, parameters = self.among("number", self._conversations.find(_marks(list(asked))))
            sql = f"SELECT name, commitment FROM conversation WHERE {chosen}"
            return [row for row in self._connection.execute(sql, parameters) if row[0] in asked]

    def conversation(self, name: bytes) -> Row | None:
        """See `Engine`."""
        with self._reading():
            chosen, parameters = self.among("number", self._conversations.find(_marks([name])))
            sql = f"SELECT number, name, account, salt, commitment FROM conversation WHERE {chosen} AND name = ?"
            found: Row | None = self._connection.execute(sql, (*parameters, name)).fetchone()
            return found

    def conversations_of(self, account: bytes) -> list[Row]:
        """See `Engine`."""
        with self._reading():
            chosen, parameters = self.among("number", self._conversations.find(_marks([_OWNER + account])))
            sql = f"SELECT number, name, salt FROM conversation WHERE {chosen} AND account = ?"
            return self._connection.execute(sql, (*parameters, account)).fetchall()

    def add_conversations(self, rows: Sequence[Row]) -> None:
        """See `Engine`."""
        self._connection.executemany("INSERT INTO conversation VALUES (?, ?, ?, ?, ?)", rows)
        marked = [(name, number) for number, name, *_ in rows]
        marked += [(_OWNER + account, number) for number, _, account, *_ in rows if account is not None]
        numbers = np.array([number for _, number in marked], dtype=np.int64)
        self._conversations.add(_marks([text for text, _ in marked]), numbers)

    def items_about(self, names: Sequence[bytes]) -> list[int]:
        """See `Engine`. Rows that are pending are not in the index of names yet: all of them are looked at."""
        with self._reading():
            pending = self._connection.execute("SELECT seq FROM pending")
            return [*self._names.find(_marks(names)), *(seq for (seq,) in pending)]

    def items_saying(self, also: Sequence[bytes]) -> list[int]:
        """See `Engine`."""
        with self._reading():
            asked = set(also)
            chosen, parameters = self.among("seq", self._keys.find(marks_of(list(asked))) if asked else [])
            found = self._connection.execute(f"SELECT seq, also FROM said WHERE {chosen}", parameters)
            return [seq for seq, one in found if one in asked]

    def conversations_named(self, names: Sequence[bytes]) -> list[Row]:
        """See `Engine`."""
        with self._reading():
            asked = set(names)
            chosen, parameters = self.among("number", self._conversations.find(_marks(list(asked))))
            sql = f"SELECT number, name, salt FROM conversation WHERE {chosen}"
            return [row for row in self._connection.execute(sql, parameters) if row[1] in asked]

    def erase_items(self, seqs: Sequence[int]) -> None:
        """See `Engine`. The indexes keep 64 bits of a hash of each name and key: they lead to a row that is empty."""
        chosen, parameters = self.among("seq", seqs)
        self._connection.execute(
            "UPDATE item SET key = CAST('erased ' || seq AS BLOB), salt = x'', payload = x'', account = NULL,"
            f" conversation = NULL WHERE {chosen}",
            parameters,
        )
        self._connection.execute(f"DELETE FROM said WHERE {chosen}", parameters)

    def erase_conversations(self, numbers: Sequence[int]) -> None:
        """See `Engine`."""
        chosen, parameters = self.among("number", numbers)
        self._connection.execute(
            "UPDATE conversation SET name = CAST('erased ' || number AS BLOB), salt = x'', account = NULL"
            f" WHERE {chosen}",
            parameters,
        )

    def stamp(self) -> int | None:
        """See `Engine`."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def writer_lock(self) -> Iterator[bool]:
        """See `Engine`. A lock on ``ledger.lock`` beside the file, of which only the lock counts."""
        with told(self._file):
            lock = os.open(self._file.parent / "ledger.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def close(self) -> None:
        """See `Engine`."""
        self._closed = True
        with told(self._file):
            while self._idle:
                self._idle.pop().close()
            self._connection.close()


def _rows(items: Sequence[Item]) -> list[Row]:
    try:
        return [
            (i.key, i.kind, i.salt, i.commitment, None if i.account is None else i.account.encode(),
             None if i.conversation is None else i.conversation.encode(), i.payload)
            for i in items
        ]  # fmt: skip
    except UnicodeEncodeError as problem:
        raise not_text(problem) from problem


def _marks(texts: Sequence[bytes]) -> Marks:
    return marks_of([hashlib.sha256(text).digest() for text in texts])


def _make_file(file: Path) -> None:
    """Make an empty file, for its owner alone, whose name in the folder is durable."""
    if file.exists():
        return
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    sync_folder(file.parent)


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Turn to writing ahead; the mode that it is in then.

    Whoever turns a new file keeps it to itself for a moment, and SQLite does not wait for that by itself.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            ((mode,),) = connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return str(mode)
