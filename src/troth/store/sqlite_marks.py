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
import numpy.typing as npt

TAIL = 262_144
"""About how many pairs wait in the tail."""
PARTS = 64
"""In how many parts the marks are filed, in turn."""
STRIDE = TAIL // PARTS
"""After so many new pairs the next part is filed."""
FULL_ROW = 128
"""Pairs in a row of the tail to which no more are added."""
ASKED_AT_ONCE = 500

Marks = npt.NDArray[np.int64]
Pairs = npt.NDArray[np.int64]
"""Two columns: mark, row."""


def tables(name: str) -> tuple[str, ...]:
    """The SQL that makes the tables of an index.

    ``tail`` holds pairs of 8 + 8 bytes, little-endian, under the position of the first among all that ever were;
    ``part`` says up to which position the marks of each part were filed.
    """
    return (
        f"CREATE TABLE {name}_filed (mark INTEGER, seq INTEGER, PRIMARY KEY (mark, seq)) WITHOUT ROWID",
        f"CREATE TABLE {name}_tail (position INTEGER PRIMARY KEY, pairs BLOB NOT NULL)",
        f"CREATE TABLE {name}_part (part INTEGER PRIMARY KEY, filed_to INTEGER NOT NULL)",
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
        self.forget()

    def forget(self) -> None:
        """Read the tail again at the next call."""
        self._base = 0
        self._pairs: Pairs = np.empty((0, 2), dtype=np.int64)
        self._end = 0
        self._known: set[int] = set()
        self._last_row = (0, b"")

    def find(self, marks: Marks) -> list[int]:
        """The rows that may be under one of the marks, in no order; none is left out."""
        self._catch_up()
        asked = marks.tolist()
        found = set(self._filed(asked))
        if not self._known.isdisjoint(asked):
            tail = self._pairs[: self._end - self._base]
            found.update(tail[np.isin(tail[:, 0], marks), 1].tolist())
        return list(found)

    def add(self, marks: Marks, seqs: Marks) -> None:
        """Add pairs, and file a part of the tail where it is time. Belongs into a writing transaction."""
        self._catch_up()
        before = self._end
        pairs = np.stack((marks, seqs), axis=1)
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
        for first, blob in self._connection.execute(sql, (position,)):
            if (first, blob) == (position, held):
                continue
            pairs = np.frombuffer(blob, dtype="<i8").reshape(-1, 2)
            if first > self._end:  # others have filed all that lay between
                self.forget()
                self._base = self._end = first
            self._remember(pairs[self._end - first :])
            self._last_row = (first, blob)
        if self._end - self._base > 2 * TAIL:  # others file, and we only read
            self._trim(self._connection.execute(f"SELECT min(filed_to) FROM {self._name}_part").fetchone()[0])

    def _remember(self, pairs: Pairs) -> None:
        held, more = self._end - self._base, len(pairs)
        if held + more > len(self._pairs):
            room = np.empty((max(1024, 2 * (held + more)), 2), dtype=np.int64)
            room[:held] = self._pairs[:held]
            self._pairs = room
        self._pairs[held : held + more] = pairs
        self._known.update(pairs[:, 0].tolist())
        self._end += more

    def _write_tail(self, pairs: Pairs) -> None:
        """Behind the last row of the tail, or into it while it is short."""
        position, held = self._last_row
        if not held or len(held) >= FULL_ROW * 16:
            position, held = self._end, b""
        held += pairs.astype("<i8").tobytes()
        self._connection.execute(f"REPLACE INTO {self._name}_tail VALUES (?, ?)", (position, held))
        self._last_row = (position, held)

    def _file_part(self) -> None:
        """File the marks of the part that has waited longest, if the tail is long enough to make it worth it."""
        sql = f"SELECT part, filed_to FROM {self._name}_part ORDER BY filed_to, part LIMIT 2"
        (part, filed_to), (_, next_filed_to) = self._connection.execute(sql).fetchall()
        if self._end - filed_to < TAIL // 2:
            return
        tail = self._pairs[max(0, filed_to - self._base) : self._end - self._base]
        mine = tail[(tail[:, 0] >> 58) + PARTS // 2 == part]
        mine = mine[np.argsort(mine[:, 0], kind="stable")]
        self._connection.executemany(f"INSERT OR IGNORE INTO {self._name}_filed VALUES (?, ?)", mine.tolist())
        self._connection.execute(
            f"UPDATE {self._name}_part SET filed_to = ? WHERE part = ?", (self._end, part)
        )
        self._drop(next_filed_to)

    def _drop(self, filed_to: int) -> None:
        """Drop the rows of the tail of which everything is filed; memory follows in larger steps."""
        sql = f"DELETE FROM {self._name}_tail WHERE position + length(pairs) / 16 <= ? AND position < ?"
        self._connection.execute(sql, (filed_to, self._last_row[0]))
        if filed_to - self._base > TAIL // 4:
            self._trim(filed_to)

    def _trim(self, filed_to: int) -> None:
        self._pairs = self._pairs[max(0, filed_to - self._base) : self._end - self._base].copy()
        self._base = max(self._base, filed_to)
        self._known = set(self._pairs[:, 0].tolist())
