"""The door: is this folder the release that it says it is? The steps have the numbers of ``docs/verify.md``.

What is read was written by whoever made the folder. Nothing of it is believed before it is checked, and no
file is opened as Parquet before its digest is the manifest's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from troth.canon.canonical import digest_of_bytes
from troth.errors import Place, ReleaseError
from troth.proof.policy import Policy
from troth.release.keys import load_public_key
from troth.release.layout import EXCLUDED
from troth.verify.again import VerifyInputs, check_decisions
from troth.verify.chain import LedgerInputs, Logged, check_chain
from troth.verify.counts import check_counts
from troth.verify.excluded import Excluded, ExcludedCheck
from troth.verify.folder import Intact, check_folder
from troth.verify.given_terms import check_terms
from troth.verify.marks import Marker
from troth.verify.members import Commitments, Known, check_members
from troth.verify.released import Released
from troth.verify.removed import Removals, check_removals, read_removals
from troth.verify.report import Notes, Progress, Removed, Report, Step
from troth.verify.sealed import Unlocking
from troth.verify.shards import ShardCheck
from troth.verify.signature import establish_signer
from troth.verify.statement import Manifest, read_manifest

TITLES = {
    1: "The manifest is the canonical statement of a release",
    2: "A trusted key signed it",
    3: "The folder holds its files and nothing else",
    4: "The shards hold the rows of their roots, in order, each once",
    5: "The excluded records are listed in order, each once, none released",
    6: "The counts add up and are those of the files",
    7: "The terms are those of the manifest",
    8: "Every record of the logs is there once, and is decided again in the same way",
    9: "The membership tree is over the released conversations",
    10: "The ledger has the checkpoint of the history, and the release",
    11: "The ledger says which rows were removed since",
}
OF_WORKSPACES = (9, 10)
"""Steps that there are only for a release whose manifest names a ledger."""
SINCE = 11
"""The step that there is only for a release from which rows were removed."""

NOT_SHOWN = (
    "that the logs given were all the logs there are",
    "that the logs and the history tell the truth about who said what, when, and who chose what",
    "that the filter found all sensitive data, or that what it replaced was sensitive",
    "that nothing else was used to train a model, or that a record is absent from other releases",
    "that the texts are true, good, or free to use for reasons beyond these terms",
)
"""What no step shows, however well it ends."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a reader has beside the release of a workspace: its ledger, receipts that hold, its commitments."""

    ledger: LedgerInputs | None = None
    logged: tuple[Logged, ...] = ()
    commitments: Commitments | None = None
    unlocking: Unlocking | None = None
    """The slots and keys of its conversations, with which a sealed release is opened."""
    policy: Policy | None = None
    """The log and the witnesses whom the reader trusts."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the steps about the content leave for those about the ledger."""

    intact: Intact
    released: Released
    removals: Removals


def verify(
    release: Path,
    key: Path | None,
    inputs: VerifyInputs | None,
    progress: Progress,
    recorded: Recorded = Recorded(),
) -> Report:
    """Verify a release, all steps that can be taken, and report on each.

    ``key`` is the public key that the reader trusts, ``inputs`` the terms, history and records to decide
    again from, ``recorded`` what there is of the workspace; without one of them its step is not taken, and the
    report says so. Findings are in the
    report. Raises `ReleaseError` where there is no folder to read, ``UsageError`` for a key file that is
    none, and ``LogError`` where the records are not records.
    """
    public = None if key is None else load_public_key(key)
    if not release.is_dir():
        raise ReleaseError(
            "there is no such folder", place=Place(str(release)), remedy="give a release's folder"
        )
    notes = {number: Notes(number, title) for number, title in TITLES.items()}
    manifest = read_manifest(release, notes[1])
    signer = establish_signer(manifest, public, notes[2])
    try:
        found = _check_content(release, manifest, (inputs, recorded), notes, progress)
        numbers = _check_recorded(release, manifest, recorded, found, notes)
    except OSError as problem:
        remedy = "mend the permissions or the disk, and verify again"
        raise ReleaseError(
            f"cannot be read: {problem}", place=Place(str(release)), remedy=remedy
        ) from problem
    steps = tuple(notes[number].step() for number in numbers)
    return _report(release, manifest, signer, found, steps)


def _check_content(
    folder: Path,
    read: Manifest,
    given: tuple[VerifyInputs | None, Recorded],
    notes: dict[int, Notes],
    progress: Progress,
) -> _Found | None:
    """Take steps 3 to 8, as far as the manifest allows; None where it does not."""
    statement, (inputs, recorded) = read.statement, given
    removals = Removals()
    if statement is not None and read.well_formed:
        digest = digest_of_bytes(read.data)
        removals = read_removals(folder, digest, statement.predicate, recorded.policy, notes[SINCE])
    # (3) The folder: every file with its digest, and no other.
    intact = Intact() if statement is None else check_folder(folder, statement, removals, notes[3], progress)
    if statement is None or not read.well_formed:
        for number in range(4 if statement else 3, min(OF_WORKSPACES)):
            notes[number].not_checked("the manifest is not that of a release (step 1)")
        return None
    manifest = statement.predicate
    released = Released(Marker(hashlib.sha256(read.data).digest()))
    # (4) The shards.
    unlocking = recorded.unlocking
    shards = ShardCheck(
        folder, manifest, released, notes[4], for_logs=inputs is not None, unlocking=unlocking
    )
    shards.run(intact, progress)
    # (5) The excluded records.
    excluded = None
    if EXCLUDED in intact.names:
        excluded = Excluded(released.marker, folder / EXCLUDED)
        ExcludedCheck(excluded, manifest, notes[5]).run(released, progress)
    else:
        notes[5].not_checked(f"{EXCLUDED}: its bytes are not the manifest's (step 3)")
    # (6) The counts.
    check_counts(manifest, released, excluded, shards.tally, notes[6])
    # (7) The terms.
    check_terms(manifest.terms, inputs.terms if inputs else None, notes[7])
    # (8) The history and the records.
    if inputs is None:
        notes[8].not_checked("history and records were not given")
    elif excluded is None or not (excluded.complete and released.complete):
        notes[8].not_checked("what was released and excluded is not known (steps 4 and 5)")
    else:
        check_decisions(manifest, inputs, (released, excluded), unlocking, notes[8], progress)
    return _Found(intact, released, removals)


def _check_recorded(
    folder: Path, read: Manifest, recorded: Recorded, found: _Found | None, notes: dict[int, Notes]
) -> list[int]:
    """Take steps 9 to 11, where the manifest names a ledger; give the numbers of the steps that there are."""
    without = [number for number in TITLES if number not in (*OF_WORKSPACES, SINCE)]
    if read.statement is None or found is None or read.statement.predicate.ledger is None:
        return without
    manifest = read.statement.predicate
    sides = (found.intact.names, found.released)
    known = Known(recorded.commitments, recorded.unlocking) if recorded.commitments is not None else None
    check_members(folder, manifest, known, sides, notes[9])
    check_chain(digest_of_bytes(read.data), manifest, recorded.ledger, recorded.logged, notes[10])
    if not found.removals.files:
        return [*without, *OF_WORKSPACES]
    if found.removals.shards:
        removed = found.released.removed
        check_removals(found.removals, found.intact.compacted, removed, recorded.ledger, notes[SINCE])
    return list(TITLES)


def _report(
    release: Path, read: Manifest, signer: str, found: _Found | None, steps: tuple[Step, ...]
) -> Report:
    established = signer if not any(step.findings for step in steps[:2]) else ""
    removed = None
    if found is not None and found.intact.compacted:
        removed = Removed(found.released.removed, len(found.intact.compacted), found.removals.vouched)
    digest = digest_of_bytes(read.data) if read.data else ""
    return Report(str(release), digest, established, removed, steps, NOT_SHOWN)
