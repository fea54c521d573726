"""A sealed release of the small world from which conversations were removed, and the log that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from small_release import Made, silent

from receipt_worlds import SmallLog, vkey_of
from sealed_world import LEDGER
from troth.proof.policy import Policy, policy_of
from troth.receipt.compose import release_receipt, write_receipt
from troth.release.compacted_rows import COMPACTED_SCHEMA, LEAF, parted, removing, untouched
from troth.release.layout import COMPACTED, MANIFEST
from troth.verify.report import Report
from troth.verify.verify import Recorded, verify

SHARD = "shards/part-00000.parquet"
TRUSTED = policy_of([vkey_of(LEDGER.origin)])
Change = Callable[[pa.Table], pa.Table]


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def slots_of(made: Made, conversations: Iterable[str]) -> pa.Array:
    assert made.slots is not None
    return pa.array([made.slots.of[name] for name in conversations], pa.int64())


@dataclass
class Compacted:
    """A release, its log, and what was compacted."""

    made: Made
    log: SmallLog
    about: list[int]
    """The entries of the build and of the release, and then of compactions."""

    @property
    def folder(self) -> Path:
        return self.made.folder

    @property
    def manifest(self) -> str:
        return digest((self.folder / MANIFEST).read_bytes())

    def shard(self) -> bytes:
        return (self.folder / SHARD).read_bytes()

    def remove(self, *conversations: str, told: int | None = None, change: Change | None = None) -> None:
        """Remove conversations from the shard, log it, and write the receipt; ``change`` is what a forger does besides.

        ``told`` is another number of removed rows than there are.
        """
        before = self.shard()
        (batch,) = pq.read_table(self.folder / SHARD).combine_chunks().to_batches()
        rows = parted(batch) if LEAF in batch.schema.names else untouched(batch)
        after = removing(rows, rows.hashes(), slots_of(self.made, conversations))
        table = pa.Table.from_batches([after])
        pq.write_table(change(table) if change else table, self.folder / SHARD)
        removed = len(after) - after.column(LEAF).null_count
        self.tell(old=digest(before), removed=removed if told is None else told)

    def tell(self, **more: Any) -> None:
        """Log that the shard is what it is now, and write the receipt of the newest entry."""
        payload = {"manifest": self.manifest, "new": digest(self.shard()), "shard": SHARD, "what": "release"}
        self.about = [*self.about[:2], self.log.add("compaction", payload | more)]
        self.write(self.log, self.about)

    def write(self, log: SmallLog, entries: list[int], name: str | None = None, key: str = "") -> None:
        opened = log.open(*entries, key=key)
        data = write_receipt(release_receipt(name or self.manifest, opened))
        (self.folder / COMPACTED).write_bytes(data)

    def verify(self, policy: Policy | None = TRUSTED, *, inputs: bool = True, opened: bool = False) -> Report:
        """By a stranger, with the release's key; ``policy`` None: without the log's. ``opened``: with the keys of the cells."""
        made = self.made
        unlocking = made.slots.unlocking if made.slots is not None and opened else None
        recorded = Recorded(policy=policy, unlocking=unlocking)
        return verify(made.folder, made.public, made.inputs if inputs else None, silent, recorded)


def compacted(closed: Made, folder: Path, *conversations: str, log: SmallLog | None = None) -> Compacted:
    """A copy of a sealed release, with a log that has it, and some conversations removed."""
    made = closed.copy(folder)
    log = log or SmallLog(LEDGER.origin, witnesses=())
    manifest = digest((made.folder / MANIFEST).read_bytes())
    about = list(log_of(log, made, manifest))
    world = Compacted(made, log, about)
    if conversations:
        world.remove(*conversations)
    return world


def log_of(log: SmallLog, made: Made, manifest: str) -> Iterable[int]:
    """The entries of a build and of its release, behind those that the history is cited by."""
    cited = {"origin": LEDGER.origin, "root": LEDGER.root, "size": LEDGER.size}
    while len(log.entries) < LEDGER.size:
        log.add("withdrawal", {"manifest": "sha256:" + "00" * 32, "why": f"entry {len(log.entries)}"})
    yield log.add("build", {"at": "2025-11-01T00:00:00Z", "checkpoint": cited, "purpose": "train.general",
                            "sample": 1, "seed": 7, "terms": made.terms.digest})  # fmt: skip
    tree = {"leaves": 3, "root": "cd" * 32}
    yield log.add(
        "release", {"checkpoint": cited, "manifest": manifest, "membership": tree, "purpose": "train.general"}
    )


def of_leaf(table: pa.Table, place: int, leaf: bytes | None) -> pa.Table:
    """The same rows with another leaf in one."""
    leaves = table.column(LEAF).to_pylist()
    leaves[place] = leaf
    return table.set_column(
        table.schema.get_field_index(LEAF), COMPACTED_SCHEMA.field(LEAF), pa.array(leaves, pa.binary())
    )
