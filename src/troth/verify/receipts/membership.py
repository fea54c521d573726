"""Steps 5 and 6. The conversation is in its intake batch; it is in a release, or it is not."""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import VerificationError
from troth.proof.entry import commit_conversation
from troth.proof.membership import check_excluded, check_included
from troth.proof.merkle import check_inclusion, leaf_hash
from troth.proof.payloads import IntakePayload, Payload, ReleasePayload
from troth.receipt.model import Membership, OpenedConversation, Receipt
from troth.receipt.phrases import counted
from troth.verify.receipts.noting import Noting

_ASK = "ask the log's operator for a receipt that agrees with itself"


def check_batch(receipt: Receipt, payloads: Sequence[Payload], notes: Noting) -> None:
    """Step 5."""
    opened = receipt.conversation
    if opened is None:
        notes.checked("nothing is said about the intake of a conversation")
        return
    with notes.catching():
        intake = payloads[opened.intake]
        if not isinstance(intake, IntakePayload) or intake.conversations != opened.batch_size:
            raise VerificationError("the batch has another size than its entry in the log says", remedy=_ASK)
        leaf, root = leaf_hash(_label(opened)), bytes.fromhex(intake.root)
        check_inclusion(leaf, opened.position, opened.batch_size, opened.path, root)
        notes.checked(f"number {opened.position + 1} of {counted(opened.batch_size, 'conversation')}")


def check_memberships(receipt: Receipt, payloads: Sequence[Payload], notes: Noting) -> None:
    """Step 6."""
    opened = receipt.conversation
    if opened is None or not receipt.memberships:
        notes.checked("nothing is said about being in a release")
        return
    label = _label(opened)
    for membership in receipt.memberships:
        index = receipt.entries[membership.release].index
        with notes.catching(f"the release of entry {index}"):
            _check(membership, opened, label, payloads)
            notes.checked(f"entry {index}: {'in it' if membership.included else 'not in it'}")


def _check(
    membership: Membership, opened: OpenedConversation, label: bytes, payloads: Sequence[Payload]
) -> None:
    release = payloads[membership.release]
    if not isinstance(release, ReleasePayload):
        raise VerificationError("this is not the entry of a release", remedy=_ASK)
    if membership.release <= opened.intake:
        # Else an operator could commit to the conversation again, under a label that no older release can have.
        raise VerificationError(
            "it was logged before the conversation was committed to: no proof about it means anything",
            remedy=_ASK,
        )
    check = check_included if membership.included else check_excluded
    check(label, membership.proof, bytes.fromhex(release.membership.root))


def _label(opened: OpenedConversation) -> bytes:
    return commit_conversation(opened.salt, opened.conversation)
