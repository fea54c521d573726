"""``troth release withdraw``: say in the ledger that a release is not to be used any more, and why."""

from __future__ import annotations

from pathlib import Path

from troth.errors import UsageError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import opened
from troth.operations.workspace.releases.released import manifest_of
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import WithdrawalPayload


def withdraw_release(
    workspace: Path, release: str, why: str, progress: Progress = silent
) -> tuple[str, Sequenced]:
    """Record a withdrawal, durably; give the digest of the release's manifest.

    ``release`` is its folder, or that digest. Raises `UsageError` where the workspace has no such release.
    """
    if not why.strip():
        raise UsageError("a withdrawal says why", remedy="give --why TEXT; it is in every receipt about it")
    with opened(workspace) as found:
        manifest = manifest_of(found.store, release)
        found.store.append([act("withdrawal", WithdrawalPayload(manifest, why))])
        return manifest, sequence_pending(found, progress)
