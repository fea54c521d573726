"""Slots and keys as a workspace has them, in memory: what a sealed release is built, verified and read with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from troth.build.inputs import Recorded, Sealing
from troth.release.manifest import LedgerPart
from troth.verify.sealed import Unlocking

LEDGER = LedgerPart(origin="example.org/shop", size=7, root="ab" * 32)


@dataclass
class Slots:
    """The slots of conversations, in the order of their ids from 1, and which were destroyed."""

    conversations: Sequence[str]
    destroyed: set[int] = field(default_factory=set)
    asked: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def of(self) -> dict[str, int]:
        return {name: slot for slot, name in enumerate(sorted(set(self.conversations)), 1)}

    def key(self, slot: int) -> bytes:
        return hashlib.sha256(b"key of slot %d" % slot).digest()

    def keys(self, slots: Sequence[int]) -> list[bytes | None]:
        self.asked.append(tuple(slots))
        return [None if slot in self.destroyed else self.key(slot) for slot in slots]

    def known(self, conversations: Sequence[str]) -> Mapping[str, int]:
        return {name: self.of[name] for name in conversations if name in self.of}

    def erase(self, conversation: str) -> None:
        self.destroyed.add(self.of[conversation])

    @property
    def unlocking(self) -> Unlocking:
        return Unlocking(self.known, self.keys)


def slots_of(rows: Iterable[Mapping[str, object]]) -> Slots:
    return Slots([str(row["conversation"]) for row in rows])


def recorded(folder: Path, slots: Slots) -> Recorded:
    """What a build is given, with files beside it."""
    names = sorted(slots.of)
    commitments = [hashlib.sha256(b"commitment of " + name.encode()).digest() for name in names]
    pq.write_table(
        pa.table({"conversation": names, "commitment": pa.array(commitments, pa.binary(32))}),
        folder / "commitments.parquet",
    )
    pq.write_table(
        pa.table({"conversation": names, "slot": [slots.of[name] for name in names]}),
        folder / "slots.parquet",
    )
    return Recorded(LEDGER, folder / "commitments.parquet", Sealing(folder / "slots.parquet", slots.keys))
