"""A sieve (Bloom filter) before the B-tree of an index of marks: what it does not hold was never filed.

Of a batch of new marks nearly all are told apart here, in memory, without reading a page for each.
"""

from __future__ import annotations

import sqlite3

import numpy as np
import numpy.typing as npt

PARTS = 16
"""Each part of all marks has bits of its own, and is written when it is filed."""
BITS_A_MARK = 8
"""At least, and up to 20: of marks that were not filed, at most 3 in 100 pass."""
SHIFTS = (0, 17, 34)
"""A mark is 64 bits of a hash; these pieces of it choose its bits."""

Marks = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]


def part_of(marks: Marks) -> Marks:
    """The part of each mark: its highest four bits, from the lowest number on."""
    return (marks >> 60) + PARTS // 2


def first_of(part: int) -> int:
    """The lowest mark of a part; of the part behind the last, the number after the highest mark."""
    return (part - PARTS // 2) << 60


class Sieve:
    """The sieve of one index. All calls belong into a transaction of the caller; after a rollback call `forget`."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self.forget()

    def forget(self) -> None:
        """Read everything again at the next call."""
        self._read_to = 0
        self._parts: list[Bits] = [np.zeros(1, dtype=np.uint8)] * PARTS
        self._join()

    def _join(self) -> None:
        """Lay all parts one behind the other, so that marks of all parts are looked up at once."""
        sizes = np.array([len(bits) for bits in self._parts], dtype=np.int64)
        self._starts = np.cumsum(sizes) - sizes
        self._masks = sizes * 8 - 1
        self._all = np.concatenate(self._parts)

    def may_hold(self, marks: Marks) -> npt.NDArray[np.bool_]:
        """For each mark, whether it may have been filed. False is certain."""
        self._refresh()
        parts = part_of(marks)
        starts, masks = self._starts[parts], self._masks[parts]
        passes = np.ones(len(marks), dtype=np.bool_)
        for shift in SHIFTS:
            bit = (marks >> shift) & masks
            passes &= (self._all[starts + (bit >> 3)] >> (bit & 7).astype(np.uint8)) & 1 != 0
        return passes

    def add(self, part: int, marks: Marks, filed_to: int) -> None:
        """Take in the marks of a part that have just been filed, up to a position."""
        self._refresh()
        sql = f"SELECT marks FROM {self._name}_sieve WHERE part = ?"
        ((before,),) = self._connection.execute(sql, (part,)).fetchall() or ((0,),)
        held, bits = before + len(marks), self._parts[part]
        if len(bits) * 8 < held * BITS_A_MARK:
            bits, marks = np.zeros(_bytes_for(held), dtype=np.uint8), self._filed(part)
        else:
            bits = bits.copy()
        for shift in SHIFTS:
            bit = (marks >> shift) & (len(bits) * 8 - 1)
            np.bitwise_or.at(bits, bit >> 3, np.uint8(1) << (bit & 7).astype(np.uint8))
        sql = f"REPLACE INTO {self._name}_sieve (part, marks, filed_to, bits) VALUES (?, ?, ?, ?)"
        self._connection.execute(sql, (part, held, filed_to, bits.tobytes()))
        self._replace({part: bits})
        self._read_to = filed_to

    def _filed(self, part: int) -> Marks:
        """Every mark of a part that was ever filed."""
        sql = f"SELECT mark FROM {self._name}_filed WHERE mark BETWEEN ? AND ?"
        found = self._connection.execute(sql, (first_of(part), first_of(part + 1) - 1))
        return np.array([mark for (mark,) in found], dtype=np.int64)

    def _refresh(self) -> None:
        """Take over the parts that other processes have filed since."""
        sql = f"SELECT part, filed_to, bits FROM {self._name}_sieve WHERE filed_to > ?"
        rows = self._connection.execute(sql, (self._read_to,)).fetchall()
        if rows:
            self._replace({part: np.frombuffer(bits, dtype=np.uint8) for part, _, bits in rows})
            self._read_to = max(filed_to for _, filed_to, _ in rows)

    def _replace(self, changed: dict[int, Bits]) -> None:
        fits = all(len(bits) == len(self._parts[part]) for part, bits in changed.items())
        for part, bits in changed.items():
            self._parts[part] = bits
            if fits:
                start = int(self._starts[part])
                self._all[start : start + len(bits)] = bits
        if not fits:
            self._join()


def _bytes_for(marks: int) -> int:
    """A power of two of bytes, with room for more marks than there are."""
    size = 1
    while size * 8 < marks * BITS_A_MARK * 5 // 4:
        size *= 2
    return size
