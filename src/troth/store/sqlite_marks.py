"""An index from marks (64 bits of a hash) to rows of SQLite that stays fast when there are millions of rows.

A B-tree over hashes rewrites one page for every new row as soon as it is large. Here new pairs of mark and row are
first written one behind the other (the tail, of which memory has a copy), and filed into the B-tree later, one
part of all marks at a time, so that many of them fall onto each page.

Whoever can change the index can have an event accepted twice, or hide rows from a question; nothing more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from troth.store.sqlite_sieve import PARTS, Marks, Sieve, first_of

TAIL = 524_288
"""About how many pairs wait in the tail: of 24 bytes each in memory."""
STRIDE = TAIL // PARTS
"""After so many new pairs the next part is filed."""
FULL_ROW = 128
"""Pairs in a row of the tail to which no more are added."""
ASKED_AT_ONCE = 500
FEW = 16
"""Marks that are looked up without the sieve, which is not read for them."""

Pairs = Marks
"""Two rows: marks, and rows of the store."""
Placed = Marks
"""Three rows: marks, in order; rows of the store; and their positions among all pairs that ever were."""


def tables(name: str) -> tuple[str, ...]:
    """The SQL that makes the tables of an index.

    ``tail`` holds pairs of 8 + 8 bytes, little-endian, under the position of the first among all that ever were;
    ``part`` says up to which position the marks of each part were filed.
    """
    return (
        f"CREATE TABLE {name}_filed (mark INTEGER, seq INTEGER, PRIMARY KEY (mark, seq)) WITHOUT ROWID",
        f"CREATE TABLE {name}_tail (position INTEGER PRIMARY KEY, pairs BLOB NOT NULL)",
        f"CREATE TABLE {name}_part (part INTEGER PRIMARY KEY, filed_to INTEGER NOT NULL)",
        f"CREATE TABLE {name}_sieve (part INTEGER PRIMARY KEY, marks INTEGER NOT NULL,"
        " filed_to INTEGER NOT NULL, bits BLOB NOT NULL)",
        f"INSERT INTO {name}_part WITH RECURSIVE n(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM n"
        f" WHERE p < {PARTS - 1}) SELECT p, 0 FROM n",
    )


def marks_of(hashes: Sequence[bytes]) -> Marks:
    """The marks of hashes of 32 bytes: their first eight."""
    return np.frombuffer(b"".join(hashes), dtype="<i8")[::4]


class MarkIndex:
    """One index. All calls belong into a transaction of the caller; after a rollback call `forget`."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._sieve = Sieve(connection, name)
        self.forget()

    def forget(self) -> None:
        """Read everything again at the next call."""
        self._sieve.forget()
        self._start_at(0)

    def _start_at(self, position: int) -> None:
        self._end = position
        self._settled: Placed = np.empty((3, 0), dtype=np.int64)
        self._fresh: list[Pairs] = []
        self._fresh_marks: set[int] = set()
        self._last_row = (0, b"")

    def find(self, marks: Marks) -> list[int]:
        """The rows that may be under one of the marks, in no order; none is left out."""
        self._catch_up()
        marks = np.sort(marks)
        asked = marks if len(marks) <= FEW else marks[self._sieve.may_hold(marks)]
        found = set(self._filed(asked.tolist()))
        found.update(self._in_tail(marks))
        if not self._fresh_marks.isdisjoint(marks.tolist()):
            fresh = np.concatenate(self._fresh, axis=1)
            found.update(fresh[1, np.isin(fresh[0], marks)].tolist())
        return list(found)

    def _in_tail(self, marks: Marks) -> list[int]:
        settled = self._settled[0]
        first = np.searchsorted(settled, marks)
        first, marks = first[first < len(settled)], marks[first < len(settled)]
        hits = settled[first] == marks
        behind = np.searchsorted(settled, marks[hits], "right")
        ranges = zip(first[hits].tolist(), behind.tolist(), strict=True)
        return [row for low, high in ranges for row in self._settled[1, low:high].tolist()]

    def add(self, marks: Marks, seqs: Marks) -> None:
        """Add pairs, and file a part of the tail where it is time. Belongs into a writing transaction."""
        self._catch_up()
        before = self._end
        pairs = np.stack((marks, seqs))
        self._write_tail(pairs)
        self._remember(pairs)
        for _ in range(before // STRIDE, self._end // STRIDE):
            self._file_part()

    def _filed(self, asked: list[int]) -> list[int]:
        rows: list[int] = []
        for at in range(0, len(asked), ASKED_AT_ONCE):
            some = asked[at : at + ASKED_AT_ONCE]
            sql = f"SELECT seq FROM {self._name}_filed WHERE mark IN ({','.join('?' * len(some))})"
            rows += [seq for (seq,) in self._connection.execute(sql, some)]
        return rows

    def _catch_up(self) -> None:
        """Take over what other processes have added to the tail since."""
        position, held = self._last_row
        sql = f"SELECT position, pairs FROM {self._name}_tail WHERE position >= ? ORDER BY position"
        rows = self._connection.execute(sql, (position,)).fetchall()
        if not rows or rows == [(position, held)]:
            return
        if rows[0][0] > self._end:  # others have filed all that lay between
            self._start_at(rows[0][0])
        added = np.frombuffer(b"".join(pairs for _, pairs in rows), dtype="<i8").reshape(-1, 2).T
        self._remember(added[:, self._end - rows[0][0] :])
        self._last_row = rows[-1]
        if self._settled.shape[1] > 2 * TAIL:  # others file, and we only read
            self._trim(self._connection.execute(f"SELECT min(filed_to) FROM {self._name}_part").fetchone()[0])

    def _remember(self, pairs: Pairs) -> None:
        self._fresh.append(pairs)
        self._end += pairs.shape[1]
        if len(self._fresh_marks) + pairs.shape[1] < STRIDE:
            self._fresh_marks.update(pairs[0].tolist())
        else:
            self._settle()

    def _settle(self) -> None:
        """Put the fresh pairs among the settled ones, which are in the order of marks."""
        if not self._fresh:
            return
        fresh = np.concatenate(self._fresh, axis=1)
        placed = np.vstack((fresh, np.arange(self._end - fresh.shape[1], self._end)))
        placed = placed[:, np.argsort(placed[0], kind="stable")]
        where = np.searchsorted(self._settled[0], placed[0])
        self._settled = np.insert(self._settled, where, placed, axis=1)
        self._fresh, self._fresh_marks = [], set()

    def _write_tail(self, pairs: Pairs) -> None:
        """Behind the last row of the tail, or into it while it is short."""
        position, held = self._last_row
        if not held or len(held) >= FULL_ROW * 16:
            position, held = self._end, b""
        held += pairs.T.astype("<i8").tobytes()
        self._connection.execute(f"REPLACE INTO {self._name}_tail VALUES (?, ?)", (position, held))
        self._last_row = (position, held)

    def _file_part(self) -> None:
        """File the marks of the part that has waited longest, if the tail is long enough to make it worth it."""
        sql = f"SELECT part, filed_to FROM {self._name}_part ORDER BY filed_to, part LIMIT 2"
        (part, filed_to), (_, next_filed_to) = self._connection.execute(sql).fetchall()
        if self._end - filed_to < TAIL // 2:
            return
        self._settle()
        first = np.searchsorted(self._settled[0], first_of(part), "left")
        last = np.searchsorted(self._settled[0], first_of(part + 1) - 1, "right")
        mine = self._settled[:, first:last]
        mine = mine[:, mine[2] >= filed_to]
        sql = f"INSERT OR IGNORE INTO {self._name}_filed VALUES (?, ?)"
        self._connection.executemany(sql, zip(mine[0].tolist(), mine[1].tolist(), strict=True))
        self._sieve.add(part, mine[0], self._end)
        sql = f"UPDATE {self._name}_part SET filed_to = ? WHERE part = ?"
        self._connection.execute(sql, (self._end, part))
        self._drop(next_filed_to)

    def _drop(self, filed_to: int) -> None:
        """Drop the rows of the tail of which everything is filed; memory follows in larger steps."""
        sql = f"DELETE FROM {self._name}_tail WHERE position + length(pairs) / 16 <= ? AND position < ?"
        self._connection.execute(sql, (filed_to, self._last_row[0]))
        if self._settled.shape[1] - (self._end - filed_to) > TAIL // 4:
            self._trim(filed_to)

    def _trim(self, filed_to: int) -> None:
        self._settled = self._settled[:, self._settled[2] >= filed_to]
