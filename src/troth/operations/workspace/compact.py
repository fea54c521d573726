"""``troth vault compact``: what is erased is removed from the files, in the vault and in sealed releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.releases.compact_releases import CompactedReleases, compact_releases
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import Rewritten, VaultCompacted
from troth.vault.segments.compact import Compacted, Compaction
from troth.vault.segments.index import Rewriting

_AT_ONCE = 1_000
"""Files that one entry of the ledger speaks of, at most."""


@dataclass(frozen=True, slots=True)
class CompactedWorkspace:
    """What was removed, and where the ledger stands afterwards."""

    vault: Compacted
    releases: CompactedReleases
    ledger: Sequenced


def compact(workspace: Path, progress: Progress = silent) -> CompactedWorkspace:
    """Remove every row whose key was destroyed before this began; each file that was written anew is in the ledger.

    It may be called beside everything else, and be killed at any time: the next call finishes it. Raises
    ``VerificationError`` where segments of the vault are damaged, when all others are compacted; ``VaultError`` where
    another compaction is under way, or something cannot be written; ``StoreError`` and ``LedgerError``.
    """
    with opened(workspace) as found:
        with found.vault.compacting() as compaction:
            _tell(found, compaction)
            try:
                vault = compaction.run(progress)
            finally:
                _tell(found, compaction)
        releases = compact_releases(found, progress)
        return CompactedWorkspace(vault, releases, sequence_pending(found, progress))


def _tell(workspace: Workspace, compaction: Compaction) -> None:
    """What was noted becomes acts. Killed between the two steps, the same act is said again, which changes nothing."""
    while noted := compaction.rewritings(_AT_ONCE):
        workspace.store.append([act("compaction", _payload(noted))])
        compaction.told(noted)


def _payload(noted: Sequence[Rewriting]) -> VaultCompacted:
    rewritten = tuple(
        Rewritten(
            old=tuple(_digest(one) for one in rewriting.old),
            new=None if rewriting.new is None else _digest(rewriting.new),
        )
        for rewriting in noted
    )
    return VaultCompacted(removed=sum(one.removed for one in noted), rewritten=rewritten)


def _digest(digest: bytes) -> str:
    return f"sha256:{digest.hex()}"
