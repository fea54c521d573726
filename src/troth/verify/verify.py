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
from troth.release.keys import load_public_key
from troth.release.layout import EXCLUDED
from troth.verify.again import VerifyInputs, check_decisions
from troth.verify.chain import LedgerInputs, Logged, check_chain
from troth.verify.counts import check_counts
from troth.verify.excluded import Excluded, ExcludedCheck
from troth.verify.folder import check_folder
from troth.verify.given_terms import check_terms
from troth.verify.marks import Marker
from troth.verify.members import Commitments, check_members
from troth.verify.released import Released
from troth.verify.report import Notes, Progress, Report, Step
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
}
OF_WORKSPACES = (9, 10)
"""Steps that there are only for a release whose manifest names a ledger."""

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
        intact = _check_content(release, manifest, (inputs, recorded.unlocking), notes, progress)
        numbers = _check_recorded(release, manifest, recorded, intact, notes)
    except OSError as problem:
        remedy = "mend the permissions or the disk, and verify again"
        raise ReleaseError(
            f"cannot be read: {problem}", place=Place(str(release)), remedy=remedy
        ) from problem
    steps = tuple(notes[number].step() for number in numbers)
    return _report(release, digest_of_bytes(manifest.data) if manifest.data else "", signer, steps)


def _check_content(
    folder: Path,
    read: Manifest,
    given: tuple[VerifyInputs | None, Unlocking | None],
    notes: dict[int, Notes],
    progress: Progress,
) -> frozenset[str]:
    """Take steps 3 to 8, as far as the manifest allows; give the names of the files that are the manifest's."""
    statement, (inputs, unlocking) = read.statement, given
    # (3) The folder: every file with its digest, and no other.
    intact = frozenset() if statement is None else check_folder(folder, statement, notes[3], progress)
    if statement is None or not read.well_formed:
        for number in range(4 if statement else 3, min(OF_WORKSPACES)):
            notes[number].not_checked("the manifest is not that of a release (step 1)")
        return frozenset()
    manifest = statement.predicate
    released = Released(Marker(hashlib.sha256(read.data).digest()), manifest.sealed)
    # (4) The shards.
    shards = ShardCheck(
        folder, manifest, released, notes[4], for_logs=inputs is not None, unlocking=unlocking
    )
    shards.run(intact, progress)
    # (5) The excluded records.
    excluded = None
    if EXCLUDED in intact:
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
        check_decisions(manifest, inputs, (released, excluded), notes[8], progress)
    return intact


def _check_recorded(
    folder: Path, read: Manifest, recorded: Recorded, intact: frozenset[str], notes: dict[int, Notes]
) -> list[int]:
    """Take steps 9 and 10, where the manifest names a ledger; give the numbers of the steps that there are."""
    if read.statement is None or not read.well_formed or read.statement.predicate.ledger is None:
        return [number for number in TITLES if number not in OF_WORKSPACES]
    manifest = read.statement.predicate
    check_members(folder, manifest, recorded.commitments, intact, notes[9])
    check_chain(digest_of_bytes(read.data), manifest, recorded.ledger, recorded.logged, notes[10])
    return list(TITLES)


def _report(release: Path, manifest: str, signer: str, steps: tuple[Step, ...]) -> Report:
    established = signer if not any(step.findings for step in steps[:2]) else ""
    return Report(str(release), manifest, established, steps, NOT_SHOWN)
