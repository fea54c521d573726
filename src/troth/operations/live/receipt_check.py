"""Whether a receipt that somebody shows holds, and is of this workspace's ledger."""

from __future__ import annotations

from dataclasses import dataclass

from troth.ledger.log import vkeys_of
from troth.operations.workspace.opened import Workspace
from troth.proof.payloads import ReleasePayload, read_payload
from troth.proof.policy import policy_of
from troth.receipt.read import read_receipt
from troth.verify.receipts.check import check_receipt
from troth.verify.receipts.report import ReceiptReport


@dataclass(frozen=True, slots=True)
class Shown:
    """What was found of a receipt."""

    report: ReceiptReport
    ours: bool
    """Whether the log key of this workspace signed every checkpoint in it, and nothing was found."""
    entries: tuple[int, ...]
    """The numbers of the entries that it opens."""
    releases: tuple[tuple[str, bool], ...]
    """The releases it speaks of, and whether the conversation is in them."""


def shown_receipt(workspace: Workspace, data: bytes) -> Shown:
    """Check a receipt against the log keys of the workspace. What is wrong with it is in the report, and is not raised."""
    report = check_receipt(data, policy_of(vkeys_of(workspace.signers)))
    if report.exit_code:
        return Shown(report, False, (), ())
    held = read_receipt(data).receipt
    releases = []
    for one in held.memberships:
        opened = held.entries[one.release]
        told = read_payload(opened.entry.kind, opened.payload)
        if isinstance(told, ReleasePayload):
            releases.append((told.manifest, one.included))
    return Shown(report, True, tuple(one.index for one in held.entries), tuple(releases))
