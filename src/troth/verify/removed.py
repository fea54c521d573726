"""Step 11. Which rows were removed since the release was built, and whether a trusted ledger says so.

The file that tells is a receipt of the release (``docs/formats/sealed-shards.md``, "Compacted shards"). Whoever can write
it can name other files as shards; what is in these is held against the signed roots all the same, so that all they can
do is to remove rows, which is counted, and not established without the log's key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import LedgerError, VerificationError
from troth.proof.checkpoint import Checkpoint
from troth.proof.payloads import ReleaseCompacted, read_payload
from troth.proof.policy import Policy
from troth.receipt.model import LARGEST_RECEIPT, Receipt
from troth.receipt.read import read_receipt
from troth.receipt.stated import stated_checkpoints
from troth.release.layout import COMPACTED
from troth.release.manifest import Release
from troth.verify.chain import LEDGER, LedgerInputs, check_extended
from troth.verify.ordinary import Expected, read_ordinary
from troth.verify.receipts.check import check_receipt
from troth.verify.receipts.report import ReceiptReport
from troth.verify.report import Notes, plural
from troth.verify.statement import ASK, GET_AGAIN


@dataclass(frozen=True, slots=True)
class Removals:
    """What the release's own receipt says of its shards."""

    files: tuple[str, ...] = ()
    """The name of the receipt, where there is one."""
    shards: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By name and ``sha256:`` digest of a shard, how many of its rows are removed in that file."""
    vouched: bool = False
    """Whether a log that the reader trusts signed for it."""
    checkpoints: tuple[Checkpoint, ...] = ()
    """The states of the log under which its entries are proved."""


def read_removals(
    folder: Path, digest: str, release: Release, policy: Policy | None, notes: Notes
) -> Removals:
    """Step 11, first half. What is not a whole receipt of this release, from its log, is a finding and says nothing.

    ``digest`` is the manifest's, ``policy`` the log and the witnesses whom the reader trusts.
    """
    if release.ledger is None or not os.path.lexists(folder / COMPACTED):
        return Removals()
    data = read_ordinary(folder / COMPACTED, Expected("receipt", LARGEST_RECEIPT, GET_AGAIN), notes)
    if data is None:
        return Removals((COMPACTED,))
    report = check_receipt(data, policy, COMPACTED)
    for finding in report.findings:
        notes.found(COMPACTED, finding.what, finding.remedy)
    if report.findings:
        return Removals((COMPACTED,))
    receipt = read_receipt(data).receipt
    shards = _shards(receipt)
    for fault in _faults(report, digest, release, shards):
        notes.found(COMPACTED, fault, GET_AGAIN)
        return Removals((COMPACTED,))
    checkpoints = tuple(one.checkpoint for one in stated_checkpoints(receipt).values())
    return Removals((COMPACTED,), shards, report.established, checkpoints)


def _faults(
    report: ReceiptReport, digest: str, release: Release, shards: Mapping[str, object]
) -> Iterator[str]:
    """What makes a whole receipt another one than that of this release, from its log, about its shards."""
    if (report.subject, report.name) != ("release", digest):
        yield "is the receipt of something else than this release"
    if release.ledger is None or report.origin != release.ledger.origin:
        yield "is from another log than the one that the manifest names"
    if not shards or not shards.keys() <= {shard.name for shard in release.shards}:
        yield "names no shard that was compacted, or one that the release does not have"


def check_removals(
    removals: Removals,
    compacted: Mapping[str, int],
    removed: int,
    ledger: LedgerInputs | None,
    notes: Notes,
) -> None:
    """Step 11, second half. ``compacted`` are the shards that are such a file, ``removed`` the rows that are not there."""
    if ledger is not None and ledger.trust.established and removals.vouched:
        _check_ledger(removals.checkpoints, ledger, notes)
    older = len(removals.shards.keys() - compacted.keys())
    if older:
        notes.checked(f"{plural(older, 'shard')} as built, although rows were removed since: an older copy")
    told = (
        f"{plural(removed, 'row')} removed from {plural(len(compacted), 'shard')}: only a leaf each is left"
    )
    if removals.vouched:
        notes.checked(f"{told}; the ledger has an entry for each of these files")
    else:
        notes.not_checked(f"whether the ledger says so: {told}; give its key with --log-key or --policy")


def _shards(receipt: Receipt) -> dict[str, dict[str, int]]:
    shards: dict[str, dict[str, int]] = {}
    for opened in receipt.entries:
        told = read_payload(opened.entry.kind, opened.payload)
        if isinstance(told, ReleaseCompacted):
            shards.setdefault(told.shard, {})[told.new] = told.removed
    return shards


def _check_ledger(checkpoints: Sequence[Checkpoint], ledger: LedgerInputs, notes: Notes) -> None:
    """The ledger at hand goes on from where the entries were proved."""
    try:
        newest = check_extended(checkpoints, ledger)
    except (VerificationError, LedgerError) as problem:
        notes.found(LEDGER, str(problem.what), problem.remedy or ASK)
        return
    notes.checked(
        f"the newest checkpoint of the ledger, of size {newest.size:,}, extends that of its entries"
    )
