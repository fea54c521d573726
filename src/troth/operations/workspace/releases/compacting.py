"""The compaction of one release, in its order: new files beside, the ledger, the receipt, the new files in place.

Killed at any point, it is finished or undone by the next call. What is needed for that lies in the folder
``.NAME.compacting`` beside the release. Whoever can write there can have files thrown away, and nothing else: what is put
into place is what the ledger names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.canon.canonical import digest_of_file
from troth.disk.durable import sync_folder
from troth.errors import Place, VaultError, VerificationError
from troth.operations.decide import Progress
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.receipts.receipts import receipt_with
from troth.operations.workspace.releases.compactions import KIND, Compaction, compactions_of
from troth.operations.workspace.releases.rewritten_shard import dead_slots, rewrite
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import ReleaseCompacted
from troth.release.layout import COMPACTED, SHARDS
from troth.release.manifest import Shard

AT_ONCE = 32
"""Shards that lie beside their old ones before all are put in place: at 64 MiB each, 2 GiB of room."""


@dataclass(frozen=True, slots=True)
class CompactedShard:
    """A shard that has taken the place of its old one."""

    release: str
    """The digest of the manifest."""
    shard: str
    old: str
    new: str
    """Digests of the files."""
    removed: int
    """How many rows have left only their leaf by now."""
    removed_now: int
    """How many of them went now."""
    old_bytes: int
    new_bytes: int


class ReleaseCompaction:
    """Compacts a release whose manifest nobody else holds."""

    def __init__(self, workspace: Workspace, manifest: str, folder: Path, shards: Sequence[Shard]) -> None:
        self._workspace, self._manifest, self._folder = workspace, manifest, folder
        self._shards = {shard.name: shard for shard in shards}
        self._beside = folder.with_name(f".{folder.name}.compacting")
        self._known: Mapping[str, tuple[Compaction, ...]] = {}

    def run(self, progress: Progress) -> Iterator[CompactedShard]:
        """Finish what was begun, and then remove what is dead, some shards at a time.

        Raises `VerificationError` for a shard that is neither the manifest's nor one that the ledger names, ``OSError``,
        and the errors of stores, vaults and ledgers.
        """
        if self._beside.exists():
            sequence_pending(self._workspace)
            self._put_in_place()
        self._look_up()
        waiting: list[CompactedShard] = []
        for number, shard in enumerate(self._shards.values()):
            progress("compact", number, len(self._shards))
            dead = self._dead(shard)
            if dead:
                waiting.append(self._beside_its_place(shard, dead))
            if len(waiting) == AT_ONCE:
                yield from self._log_and_place(waiting)
                waiting = []
        yield from self._log_and_place(waiting)

    def _dead(self, shard: Shard) -> list[int]:
        try:
            return dead_slots(self._folder / shard.name, self._workspace.keyring)
        except VaultError:
            self._require_known(shard)  # a shard that somebody changed says nothing of the keys
            raise

    def _require_known(self, shard: Shard) -> str:
        """The digest of a shard that is the manifest's, or one that the ledger names."""
        path = self._folder / shard.name
        digest = digest_of_file(path)
        known = {one.told.new for one in self._known.get(shard.name, ())}
        if digest not in known and digest != f"sha256:{shard.sha256}":
            raise VerificationError(
                "is not the file that the manifest or the ledger names",
                place=Place(str(path)),
                remedy="restore the release",
            )
        return digest

    def _beside_its_place(self, shard: Shard, dead: Sequence[int]) -> CompactedShard:
        """Write a shard anew, beside the release."""
        path, new = self._folder / shard.name, self._new(shard.name)
        old = self._require_known(shard)
        self._beside.mkdir(exist_ok=True)
        done = rewrite(shard, path, new, dead)
        sizes = path.stat().st_size, new.stat().st_size
        return CompactedShard(
            self._manifest, shard.name, old, done.new, done.removed, done.removed_now, *sizes
        )

    def _log_and_place(self, waiting: Sequence[CompactedShard]) -> Iterator[CompactedShard]:
        if not waiting:
            return
        sync_folder(self._beside)
        sync_folder(self._beside.parent)
        told = [ReleaseCompacted(self._manifest, one.new, one.old, one.removed, one.shard) for one in waiting]
        self._workspace.store.append([act(KIND, one) for one in told])
        sequence_pending(self._workspace)
        self._put_in_place()
        yield from waiting

    def _put_in_place(self) -> None:
        """Put the new files that the ledger names in the place of those that it names as their old ones; remove all else.

        The receipt speaks of the new files before the first is there, and of the old ones until the last is gone: so
        whoever verifies the release finds each shard vouched for at every moment.
        """
        self._look_up()
        new = {name: one for name, found in self._known.items() for one in found if self._is_next(name, one)}
        spoken = [*self._standing(), *new.values()]
        self._write_receipt(spoken)
        for name in new:
            self._new(name).replace(self._folder / name)
        sync_folder(self._folder / SHARDS)
        standing = self._standing()
        if len(standing) < len(spoken):
            self._write_receipt(standing)
        shutil.rmtree(self._beside)
        sync_folder(self._beside.parent)

    def _is_next(self, name: str, one: Compaction) -> bool:
        """Whether the file beside is the one that takes the place of the one that is there."""
        new = self._new(name)
        there = new.is_file() and digest_of_file(new) == one.told.new
        return there and digest_of_file(self._folder / name) == one.told.old

    def _standing(self) -> list[Compaction]:
        """The compactions whose files are in place."""
        standing: list[Compaction] = []
        for name, found in self._known.items():
            digest = digest_of_file(self._folder / name)
            standing += [one for one in found if one.told.new == digest]
        return standing

    def _write_receipt(self, compactions: Sequence[Compaction]) -> None:
        """Write the receipt of these compactions into the release: durable, and whole whenever it is looked at."""
        if not compactions:
            return
        data = receipt_with(self._workspace, self._manifest, [one.row for one in compactions])
        partial = self._beside / COMPACTED
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / COMPACTED)
        sync_folder(self._folder)

    def _look_up(self) -> None:
        """What the ledger says of the shards by now."""
        found = compactions_of(self._workspace.store, self._manifest)
        self._known = {name: one for name, one in found.items() if name in self._shards}

    def _new(self, name: str) -> Path:
        """Where the new file of a shard lies, until it is in place."""
        return self._beside / Path(name).name
