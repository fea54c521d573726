"""Compaction of releases: erased rows leave their shards, and their leaves stay (``docs/compaction.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from troth.disk.reading import unread
from troth.errors import ReleaseError, UsageError, VerificationError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.releases.compacting import CompactedShard, ReleaseCompaction
from troth.operations.workspace.releases.released import folder_of
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import read_statement


@dataclass(frozen=True, slots=True)
class PassedRelease:
    """A release that was left as it is, and why."""

    release: str
    """The digest of its manifest."""
    why: str


@dataclass(frozen=True, slots=True)
class CompactedReleases:
    """What was compacted, and what was passed over. A release without dead rows is in neither."""

    shards: tuple[CompactedShard, ...]
    passed_over: tuple[PassedRelease, ...]

    @property
    def removed(self) -> int:
        """How many rows were removed now."""
        return sum(shard.removed_now for shard in self.shards)


def compact_releases(workspace: Workspace, progress: Progress = silent) -> CompactedReleases:
    """Remove the rows whose keys are destroyed from every sealed release that the store knows; finish what was begun.

    A release that is plain, missing, damaged, not to be written, or being read just now is passed over and named. It may
    be called at any time, and be killed at any time. Raises ``StoreError``, ``VaultError`` and ``LedgerError``.
    """
    shards: list[CompactedShard] = []
    passed: list[PassedRelease] = []
    for manifest, _ in workspace.store.releases():
        try:
            for shard in _compact(workspace, manifest, progress):
                shards.append(shard)
        except (UsageError, ReleaseError, VerificationError) as problem:
            passed.append(PassedRelease(manifest, str(problem)))
        except (OSError, pa.ArrowException) as problem:
            passed.append(PassedRelease(manifest, f"it cannot be read or written: {problem}"))
    return CompactedReleases(tuple(shards), tuple(passed))


def _compact(workspace: Workspace, manifest: str, progress: Progress) -> Iterator[CompactedShard]:
    folder = folder_of(workspace.store, manifest)
    with unread(folder / MANIFEST) as alone:
        if not alone:
            raise ReleaseError("somebody reads it just now", remedy="compact again when they are done")
        yield from _of_folder(workspace, manifest, folder, progress)


def _of_folder(
    workspace: Workspace, manifest: str, folder: Path, progress: Progress
) -> Iterator[CompactedShard]:
    release = read_statement(open_envelope((folder / MANIFEST).read_bytes()).body()).predicate
    if not release.sealed:
        raise UsageError("it is plain: what is in it is not under any key", remedy="remove it by hand")
    yield from ReleaseCompaction(workspace, manifest, folder, release.shards).run(progress)
