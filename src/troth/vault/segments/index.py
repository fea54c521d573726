"""The index of the segments: ``vault.db``, one SQLite file. A segment is there once its row is here.

It knows records by marks (HMAC under the index key) and their content by fingerprints that die with the key of the
conversation. Whoever can write it can hide segments, or have a record taken in twice; whoever can read it learns how
many records each slot has, and nothing that the segments do not tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from troth.errors import Place, VaultError
from troth.vault.segments.files import Written

FILE: Final = "vault.db"
LAYOUT: Final = 1
LIVE: Final = "live"
"""The state of a segment that is read."""
_PATIENCE: Final = 60.0
_AT_ONCE: Final = 10_000
"""Values of one question to the database."""

TABLES: Final = (
    "CREATE TABLE layout (version INTEGER NOT NULL)",
    f"INSERT INTO layout VALUES ({LAYOUT})",
    "CREATE TABLE segment (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE record (mark BLOB PRIMARY KEY, slot INTEGER NOT NULL, fingerprint BLOB NOT NULL,"
    " segment INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE place (slot INTEGER NOT NULL, segment INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " PRIMARY KEY (slot, segment)) WITHOUT ROWID",
    "CREATE INDEX place_segment ON place (segment)",
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as the index knows it."""

    number: int
    rows: int
    size: int
    """Bytes."""
    digest: bytes
    """SHA-256 of the file."""


class Known(NamedTuple):
    """What is known of a record that is stored: the slot of its conversation, and the fingerprint of its content."""

    slot: int
    fingerprint: bytes


class Row(NamedTuple):
    """A new record for the index."""

    mark: bytes
    slot: int
    fingerprint: bytes


class Index:
    """An open index. Every method raises `VaultError` where the file cannot be read or written."""

    def __init__(self, folder: Path, *, make: bool = False) -> None:
        """The index in a folder. Raises `VaultError` where there is none, unless it is to be made."""
        self._file = folder / FILE
        if not make and not self._file.exists():
            raise VaultError(
                "the index of the segments is missing",
                place=Place(str(self._file)),
                remedy="put it back from a backup",
            )
        with self._told():
            self._connection = sqlite3.connect(self._file, timeout=_PATIENCE, isolation_level=None)
            try:
                self._set_up(make=make)
            except BaseException:
                self._connection.close()
                raise

    def _set_up(self, *, make: bool) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA fullfsync = ON")
        if make:
            run("BEGIN IMMEDIATE")
            for statement in TABLES:
                run(statement)
            run("COMMIT")
        ((version,),) = run("SELECT version FROM layout").fetchall()
        if version != LAYOUT:
            raise VaultError(
                f"the index is of layout {version}, not {LAYOUT}",
                place=Place(str(self._file)),
                remedy="use the version of Troth that wrote it",
            )

    def newest(self) -> int:
        """The number of the newest segment; 0 where there is none."""
        with self._told():
            ((number,),) = self._connection.execute("SELECT coalesce(max(number), 0) FROM segment").fetchall()
            return int(number)

    def segments(self, slots: Collection[int] | None = None) -> list[Segment]:
        """The live segments in the order of their numbers; with ``slots`` only those that hold records of them."""
        query = "SELECT number, rows, bytes, digest FROM segment WHERE state = ? ORDER BY number"
        with self._told():
            found = [Segment(*row) for row in self._connection.execute(query, (LIVE,))]
            if slots is None:
                return found
            holding = {row[0] for row in self._among("SELECT segment FROM place WHERE slot", sorted(slots))}
        return [segment for segment in found if segment.number in holding]

    def find(self, marks: Collection[bytes]) -> dict[bytes, Known]:
        """Those of some records that are stored, by their marks."""
        with self._told():
            rows = self._among("SELECT mark, slot, fingerprint FROM record WHERE mark", sorted(marks))
            return {mark: Known(slot, fingerprint) for mark, slot, fingerprint in rows}

    def commit(self, number: int, file: Path, written: Written, rows: Sequence[Row]) -> None:
        """Take in a segment that is on the disk. When it returns, the segment and its records are stored."""
        counts: dict[int, int] = {}
        for row in rows:
            counts[row.slot] = counts.get(row.slot, 0) + 1
        segment = (number, file.name, len(rows), written.size, written.digest, LIVE)
        with self._told(), self._writing():
            run = self._connection
            run.execute("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)", segment)
            run.executemany(f"INSERT INTO record VALUES (?, ?, ?, {number})", sorted(rows))
            run.executemany(f"INSERT INTO place VALUES (?, {number}, ?)", sorted(counts.items()))

    def counts(self) -> Mapping[int, int]:
        """How many records each slot has in live segments."""
        query = (
            "SELECT slot, sum(p.rows) FROM place p JOIN segment s ON s.number = p.segment"
            " WHERE s.state = ? GROUP BY slot"
        )
        with self._told():
            return dict(self._connection.execute(query, (LIVE,)).fetchall())

    def slots_of(self, segment: int) -> set[int]:
        """The slots that a segment holds records of."""
        with self._told():
            found = self._connection.execute("SELECT slot FROM place WHERE segment = ?", (segment,))
            return {slot for (slot,) in found}

    def rows_of(self, slot: int) -> int:
        """How many records a slot has in live segments."""
        query = (
            "SELECT coalesce(sum(p.rows), 0) FROM place p JOIN segment s ON s.number = p.segment"
            " WHERE p.slot = ? AND s.state = ?"
        )
        with self._told():
            ((rows,),) = self._connection.execute(query, (slot, LIVE)).fetchall()
            return int(rows)

    def close(self) -> None:
        """Close it. A second time it does nothing."""
        self._connection.close()

    def _among(self, query: str, values: Sequence[bytes] | Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(f"{query} IN ({','.join('?' * len(some))})", some)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as problem:
            raise VaultError(
                f"the index of the segments cannot be used: {problem}",
                place=Place(str(self._file)),
                remedy="make room or mend the permissions; if it is damaged, put it back from a backup",
            ) from problem
