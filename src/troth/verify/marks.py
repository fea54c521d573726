"""Marks: 16 bytes for an id or a content, so that what is too much to be held can still be compared.

A mark is BLAKE2b keyed with the digest of the manifest. Whoever makes a release would have to find two ids
of one mark under a key that follows from those very ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

SIZE = 16
Marks = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Marker:
    """Makes the marks of one verification."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:64]

    def texts(self, values: Iterable[str]) -> bytes:
        """The marks of texts, in a row."""
        return self.contents(value.encode() for value in values)

    def contents(self, values: Iterable[bytes]) -> bytes:
        """The marks of contents, in a row."""
        key, blake2b = self._key, hashlib.blake2b
        return b"".join(blake2b(value, digest_size=SIZE, key=key).digest() for value in values)


def as_marks(data: bytes | bytearray, size: int = SIZE) -> Marks:
    """Marks in a row as an array. Comparing and sorting it compares the bytes."""
    return np.frombuffer(bytes(data), f"S{size}")


class Lookup:
    """Finds marks among those of a list, each of which is in it once."""

    def __init__(self, marks: Marks) -> None:
        self._order = np.argsort(marks, kind="stable")
        self._sorted = marks[self._order]

    def find(self, wanted: Marks) -> Numbers:
        """The place of each wanted mark in the list; -1 where it is not there."""
        if not len(self._sorted):
            return np.full(len(wanted), -1, np.int64)
        places = np.searchsorted(self._sorted, wanted)
        places[places == len(self._sorted)] = 0
        found: Numbers = np.where(self._sorted[places] == wanted, self._order[places], -1)
        return found


def repeated(marks: Marks) -> Numbers:
    """The places of all marks that an earlier place has too."""
    order = np.argsort(marks, kind="stable")
    ranked = marks[order]
    again = np.flatnonzero(ranked[1:] == ranked[:-1]) + 1
    found: Numbers = np.sort(order[again])
    return found
