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
LAYOUT: Final = 2
LIVE: Final = "live"
"""The state of a segment that is read."""
STAGED: Final = "staged"
"""The state of a segment whose rows are not read yet: they take the place of others (`troth.vault.segments.moving`)."""
RETIRED: Final = "retired"
"""The state of a segment whose rows are elsewhere, or nowhere: it goes when nobody reads it any more."""
_PATIENCE: Final = 60.0
_AT_ONCE: Final = 10_000
"""Values of one question to the database."""

TABLES: Final = (
    "CREATE TABLE layout (version INTEGER NOT NULL)",
    f"INSERT INTO layout VALUES ({LAYOUT})",
    "CREATE TABLE segment (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL, free INTEGER NOT NULL)",
    "CREATE TABLE record (mark BLOB PRIMARY KEY, slot INTEGER NOT NULL, fingerprint BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE place (slot INTEGER NOT NULL, segment INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " PRIMARY KEY (slot, segment)) WITHOUT ROWID",
    "CREATE INDEX place_segment ON place (segment)",
    "CREATE TABLE moving (mark BLOB PRIMARY KEY, old INTEGER NOT NULL, slot INTEGER NOT NULL,"
    " fingerprint BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE standing (newest INTEGER NOT NULL, readers INTEGER NOT NULL)",
    "INSERT INTO standing VALUES (0, 0)",
    "CREATE TABLE rewriting (number INTEGER PRIMARY KEY, old BLOB NOT NULL, new BLOB, removed INTEGER NOT NULL)",
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


class Moving(NamedTuple):
    """A stored record that is sealed anew: its slot before and after, and its fingerprint under the new one."""

    mark: bytes
    old: int
    slot: int
    fingerprint: bytes


class Row(NamedTuple):
    """A new record for the index."""

    mark: bytes
    slot: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A note of what a compaction did: files that became one, or none, and how many rows went."""

    number: int
    old: tuple[bytes, ...]
    """SHA-256 of the files that were."""
    new: bytes | None
    """SHA-256 of the file that is."""
    removed: int


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
        """The newest number that was given to a segment; 0 before the first. None is ever given twice."""
        return self._standing("newest")

    def reserve(self) -> int:
        """A number for a new segment. Only the holder of the lock may call it."""
        with self._told(), self._writing():
            self._connection.execute("UPDATE standing SET newest = newest + 1")
            return self._standing("newest")

    def readers(self) -> int:
        """Which of the two locks those hold who begin to read now."""
        return self._standing("readers")

    def numbers(self) -> set[int]:
        """The numbers of all segments that may have a file."""
        with self._told():
            return {number for (number,) in self._connection.execute("SELECT number FROM segment")}

    def segments(self, slots: Collection[int] | None = None) -> list[Segment]:
        """The live segments in the order of their numbers; with ``slots`` only those that hold records of them."""
        query = f"SELECT number, rows, bytes, digest FROM segment WHERE state = '{LIVE}'"
        with self._told():
            if slots is None:
                return [Segment(*row) for row in self._connection.execute(f"{query} ORDER BY number")]
            with self._reading():
                holding = {
                    row[0] for row in self._among("SELECT segment FROM place WHERE slot", sorted(slots))
                }
                found = self._among(f"{query} AND number", sorted(holding))
                return sorted((Segment(*row) for row in found), key=lambda segment: segment.number)

    def find(self, marks: Collection[bytes]) -> dict[bytes, Known]:
        """Those of some records that are stored, by their marks."""
        with self._told():
            rows = self._among("SELECT mark, slot, fingerprint FROM record WHERE mark", sorted(marks))
            return {mark: Known(slot, fingerprint) for mark, slot, fingerprint in rows}

    def commit(self, number: int, name: str, written: Written, rows: Sequence[Row]) -> None:
        """Take in a segment that is where it belongs. When it returns, the segment and its records are stored."""
        counts: dict[int, int] = {}
        for row in rows:
            counts[row.slot] = counts.get(row.slot, 0) + 1
        with self._told(), self._writing():
            self._enter(number, name, written, counts)
            self._connection.executemany("INSERT INTO record VALUES (?, ?, ?)", sorted(rows))

    def replace(
        self, old: Sequence[Segment], new: tuple[int, str, Written] | None, counts: Mapping[int, int]
    ) -> None:
        """Take in a segment in the place of others, which are retired: it has those of their rows that stay.

        ``counts`` tells how many by slot; without any there is no new segment. What was done is noted with it.
        """
        removed = sum(segment.rows for segment in old) - sum(counts.values())
        digests = b"".join(segment.digest for segment in old)
        with self._told(), self._writing():
            run = self._connection
            if new is not None:
                self._enter(*new, counts)
            retired = [(RETIRED, segment.number) for segment in old]
            run.executemany("UPDATE segment SET state = ?, free = 0 WHERE number = ?", retired)
            told = (digests, None if new is None else new[2].digest, removed)
            run.execute("INSERT INTO rewriting (old, new, removed) VALUES (?, ?, ?)", told)

    def _enter(self, number: int, name: str, written: Written, counts: Mapping[int, int]) -> None:
        segment = (number, name, sum(counts.values()), written.size, written.digest, LIVE)
        self._connection.execute("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, 0)", segment)
        self._connection.executemany(f"INSERT INTO place VALUES (?, {number}, ?)", sorted(counts.items()))

    def stage(
        self, segments: Sequence[tuple[int, str, Written, Mapping[int, int]]], rows: Sequence[Moving]
    ) -> None:
        """Take in segments that are not read yet, with the records that they will be the place of."""
        with self._told(), self._writing():
            for number, name, written, counts in segments:
                self._enter(number, name, written, counts)
                self._connection.execute("UPDATE segment SET state = ? WHERE number = ?", (STAGED, number))
            self._connection.executemany("INSERT INTO moving VALUES (?, ?, ?, ?)", sorted(rows))

    def moving(self) -> dict[int, int]:
        """The slots of records that are sealed anew and not read yet: the old one, and the new."""
        with self._told():
            return dict(self._connection.execute("SELECT DISTINCT old, slot FROM moving").fetchall())

    def are_moving(self, marks: Collection[bytes]) -> set[bytes]:
        """Those of some records that are sealed anew and not read yet."""
        with self._told():
            return {mark for (mark,) in self._among("SELECT mark FROM moving WHERE mark", sorted(marks))}

    def grown(self) -> bool:
        """Whether a live segment that is newer than what is staged has records of the old slots."""
        query = (
            "SELECT 1 FROM place p JOIN segment s ON s.number = p.segment WHERE s.state = ? AND p.slot IN"
            " (SELECT old FROM moving) AND s.number > (SELECT min(number) FROM segment WHERE state = ?) LIMIT 1"
        )
        with self._told():
            return bool(self._connection.execute(query, (LIVE, STAGED)).fetchall())

    def unstage(self) -> None:
        """Forget what is staged; its files are nobody's then."""
        own = "(SELECT number FROM segment WHERE state = ?)"
        with self._told(), self._writing():
            self._connection.execute(f"DELETE FROM place WHERE segment IN {own}", (STAGED,))
            self._connection.execute("DELETE FROM segment WHERE state = ?", (STAGED,))
            self._connection.execute("DELETE FROM moving")

    def switch(self) -> None:
        """Read what is staged from now on. A second time it does nothing."""
        own = "(SELECT {} FROM moving m WHERE m.mark = record.mark)"
        with self._told(), self._writing():
            run = self._connection.execute
            run(
                f"UPDATE record SET slot = {own.format('m.slot')}, fingerprint = {own.format('m.fingerprint')}"
                " WHERE mark IN (SELECT mark FROM moving)"
            )
            run("UPDATE segment SET state = ? WHERE state = ?", (LIVE, STAGED))
            run("DELETE FROM moving")

    def retired(self) -> dict[int, int]:
        """The retired segments, and the locks of readers that each was seen without: bit 0 and bit 1."""
        query = "SELECT number, free FROM segment WHERE state = ?"
        with self._told():
            return dict(self._connection.execute(query, (RETIRED,)).fetchall())

    def note_free(self, which: int) -> None:
        """Nobody holds one of the locks: take note for all retired segments, and let new readers hold that one."""
        with self._told(), self._writing():
            run = self._connection.execute
            run(f"UPDATE segment SET free = free | {1 << which} WHERE state = ?", (RETIRED,))
            run("UPDATE standing SET readers = ?", (which,))

    def forget(self, numbers: Collection[int]) -> None:
        """Forget retired segments whose files are gone."""
        with self._told(), self._writing():
            for table, column in (("place", "segment"), ("segment", "number")):
                query = f"DELETE FROM {table} WHERE {column} = ?"
                self._connection.executemany(query, [(number,) for number in sorted(numbers)])

    def rewritings(self, most: int) -> list[Rewriting]:
        """What compactions did and nobody was told yet, the first of it."""
        query = "SELECT number, old, new, removed FROM rewriting ORDER BY number LIMIT ?"
        with self._told():
            rows = self._connection.execute(query, (most,)).fetchall()
        return [Rewriting(number, _digests(old), new, removed) for number, old, new, removed in rows]

    def forget_rewritings(self, rewritings: Sequence[Rewriting]) -> None:
        """Take the notes away of what somebody was told."""
        with self._told(), self._writing():
            numbers = [(one.number,) for one in rewritings]
            self._connection.executemany("DELETE FROM rewriting WHERE number = ?", numbers)

    def places(self, segment: int) -> dict[int, int]:
        """How many records of each slot a segment holds."""
        query = "SELECT slot, rows FROM place WHERE segment = ?"
        with self._told():
            return dict(self._connection.execute(query, (segment,)).fetchall())

    def placed(self) -> Iterator[list[tuple[int, int, float]]]:
        """How many records each slot has in live segments, and their share of the bytes: by ascending slots, in batches."""
        query = (
            "SELECT p.slot, sum(p.rows), sum(1.0 * p.rows * s.bytes / s.rows) FROM place p"
            f" JOIN segment s ON s.number = p.segment WHERE s.state = '{LIVE}' GROUP BY p.slot ORDER BY p.slot"
        )
        with self._told():
            cursor = self._connection.execute(query)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield rows

    def used_slots(self) -> int:
        """One more than the highest slot of a record."""
        with self._told():
            ((highest,),) = self._connection.execute("SELECT coalesce(max(slot), -1) FROM place").fetchall()
            return 1 + int(highest)

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

    def rows_in(self, segment: int, slots: Collection[int]) -> dict[int, int]:
        """How many records a segment holds of those of some slots that it has any of."""
        query = f"SELECT slot, rows FROM place WHERE segment = {int(segment)} AND slot"
        with self._told():
            return dict(self._among(query, sorted(slots)))

    def rows_of_each(self, slots: Collection[int]) -> dict[int, int]:
        """How many records each of some slots has in live segments; a slot without any is left out."""
        query = (
            "SELECT slot, sum(rows) FROM (SELECT p.slot, p.rows FROM place p JOIN segment s ON s.number = p.segment"
            f" WHERE s.state = '{LIVE}' AND p.slot"
        )
        with self._told():
            return dict(self._among(query, sorted(slots), ") GROUP BY slot"))

    def close(self) -> None:
        """Close it. A second time it does nothing."""
        self._connection.close()

    def _standing(self, column: str) -> int:
        with self._told():
            ((value,),) = self._connection.execute(f"SELECT {column} FROM standing").fetchall()
            return int(value)

    def _among(
        self, query: str, values: Sequence[bytes] | Sequence[int], end: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(f"{query} IN ({','.join('?' * len(some))}){end}", some)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One state of the index for several questions."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

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


def _digests(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[start : start + 32] for start in range(0, len(joined), 32))
