"""Where everything stands in ``membership.bin``, and the reading of it.

Whoever can write to the file can make it unreadable or make it answer with proofs that no root confirms.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from troth.errors import Place, ReleaseError, VerificationError
from troth.proof.membership import HASH_BYTES, LABEL_BYTES
from troth.release.membership.levels import Rows

MAGIC = b"troth:members:1\n"
LARGEST_BUCKET = 1 << 16
"""Labels. Buckets of commitments have about 300 to 400; so many more are no commitments."""
LARGEST_PART = 1 << 20
"""Labels. Parts of commitments have at most about 262,144."""

_HEAD = struct.Struct(">16sQQ")
_OFFSET_BYTES = 8
_BUCKET_SHIFT, _PART_SHIFT = 9, 18
_MOST_PART_BITS = 16
REMEDY = "copy the file again from where the release was published; if it stays, it is not the release's"


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a file of so many labels. All that is in it follows from the set of labels."""

    count: int

    @property
    def bits(self) -> int:
        """Buckets are the subtrees at this depth: the least at which they have at most 512 labels on average."""
        return (max(self.count - 1, 0) >> _BUCKET_SHIFT).bit_length()

    @property
    def part_bits(self) -> int:
        """Parts are what is held in memory at once: the subtrees at this depth, never within a bucket."""
        return min((max(self.count - 1, 0) >> _PART_SHIFT).bit_length(), _MOST_PART_BITS)

    @property
    def buckets(self) -> int:
        """How many buckets there are."""
        return 1 << self.bits

    def node_at(self, level: int, index: int) -> int:
        """Where the hash of a subtree at this depth stands: levels follow one another from the root down."""
        return _HEAD.size + HASH_BYTES * ((1 << level) - 1 + index)

    def offset_at(self, bucket: int) -> int:
        """Where it is said how many labels are before this bucket; there is one more than there are buckets."""
        return self.node_at(self.bits + 1, 0) + _OFFSET_BYTES * bucket

    def label_at(self, index: int) -> int:
        """Where a label stands, and after the last one, where the file ends."""
        return self.offset_at(self.buckets + 1) + LABEL_BYTES * index

    def head(self) -> bytes:
        """The first bytes of the file."""
        return _HEAD.pack(MAGIC, self.count, self.bits)


class MembershipFile:
    """The file, open for reading. Raises `ReleaseError` where it cannot be, `VerificationError` where it is none."""

    def __init__(self, path: Path) -> None:
        self._place = Place(str(path))
        try:
            self._file: BinaryIO = path.open("rb", buffering=0)
        except OSError as problem:
            raise self._unreadable(problem) from problem
        try:
            self.layout = self._read_layout()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> MembershipFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def node(self, level: int, index: int) -> bytes:
        """The stored hash of a subtree."""
        return self._read(self.layout.node_at(level, index), HASH_BYTES)

    def level(self, level: int, start: int, end: int) -> Rows:
        """The stored hashes of the subtrees from ``start`` to before ``end`` at this depth."""
        return self._rows(self.layout.node_at(level, start), end - start)

    def offset(self, bucket: int) -> int:
        """How many labels are before this bucket, as the file has it."""
        return int.from_bytes(self._read(self.layout.offset_at(bucket), _OFFSET_BYTES), "big")

    def offsets(self) -> npt.NDArray[np.uint64]:
        """All of these."""
        data = self._read(self.layout.offset_at(0), _OFFSET_BYTES * (self.layout.buckets + 1))
        return np.frombuffer(data, ">u8").astype(np.uint64)

    def labels(self, start: int, end: int) -> Rows:
        """The labels from ``start`` to before ``end``."""
        return self._rows(self.layout.label_at(start), end - start)

    def damaged(self, what: str) -> VerificationError:
        """The error that says what is wrong with this file."""
        return VerificationError(f"the membership file is damaged: {what}", place=self._place, remedy=REMEDY)

    def _read_layout(self) -> Layout:
        size = os.fstat(self._file.fileno()).st_size
        if size < _HEAD.size:
            raise self.damaged("it is shorter than its header")
        magic, count, bits = _HEAD.unpack(self._read(0, _HEAD.size))
        layout = Layout(count)
        if magic != MAGIC or bits != layout.bits:
            raise self.damaged("its header is not one of `membership.bin`, version 1")
        if size != layout.label_at(count):
            raise self.damaged(f"{count:,} labels need {layout.label_at(count):,} bytes, and it has {size:,}")
        return layout

    def _rows(self, start: int, count: int) -> Rows:
        return np.frombuffer(self._read(start, HASH_BYTES * count), np.uint8).reshape(-1, HASH_BYTES)

    def _read(self, start: int, length: int) -> bytes:
        parts, missing = [], length
        try:
            while missing:
                part = os.pread(self._file.fileno(), missing, start + length - missing)
                if not part:
                    raise self.damaged("it ends before what its header announces")
                parts.append(part)
                missing -= len(part)
        except OSError as problem:
            raise self._unreadable(problem) from problem
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _unreadable(self, problem: OSError) -> ReleaseError:
        what = f"the membership file cannot be read: {problem.strerror}"
        remedy = "give the folder of a release that was built from a workspace"
        return ReleaseError(what, place=self._place, remedy=remedy)


def offset_bytes(offsets: npt.NDArray[np.int64]) -> bytes:
    """How offsets are written: 8 bytes each, big-endian."""
    return offsets.astype(">u8").tobytes()
