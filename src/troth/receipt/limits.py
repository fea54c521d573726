"""What a receipt proves and what it does not, in plain words: the same sentences for every receipt of its sort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.proof.strict import to_base64
from troth.receipt.model import Receipt
from troth.receipt.phrases import counted, listed
from troth.receipt.quoting import quoted
from troth.receipt.stated import Stated

TRUE = (
    "It does not prove that what was logged is true: only that it was written down when the log says, and not "
    "changed since."
)
COMPLETE = "It does not prove that nothing else was logged: what is not in this file may still be in the log."
SECRETLY_TWICE = (
    "It covers the committed set only: an operator who secretly committed to the same conversation twice is not "
    "caught by this proof alone."
)
NOT_USED = "That a conversation is in a release does not prove what the release was used for."
NOT_ELSEWHERE = (
    "That a conversation is NOT in a release says nothing about another release, a disk, or a model: it may be "
    "there."
)
ONE_LOG = (
    "It does not prove that everybody was shown the same log: the log's operator may show other people another one, "
    "unless witnesses whom you trust cosigned it."
)
"""The sentences that are the same in every receipt they stand in."""


def proven(receipt: Receipt, checkpoints: Mapping[bytes, Stated]) -> Iterator[str]:
    """What holds once the steps of the check have passed, signatures included."""
    for stated in checkpoints.values():
        at = stated.checkpoint
        yield (
            f"The entries proved against the checkpoint of {counted(at.size, 'entry')} stood in the log "
            f"{quoted(at.origin)} at their numbers when it had the root {to_base64(at.root)}."
        )
    yield "Each entry was made for the content told above: nobody can find other content that opens it."
    if receipt.conversation is not None:
        yield "The label of the conversation was fixed by its intake, and cannot be exchanged afterwards."
    if any(member.included for member in receipt.memberships):
        yield "A conversation that is told to be in a release is under the root that was logged for the release."
    if any(not member.included for member in receipt.memberships):
        yield (
            "A conversation that is told NOT to be in a release has no place under the root that was logged for the "
            "release; its label had been logged before."
        )
    yield (
        "All this holds only if the log signed its checkpoint. Check it with the log's public key, and get that by "
        "another way than this file."
    )


def limits(receipt: Receipt, checkpoints: Mapping[bytes, Stated]) -> Iterator[str]:
    """What stays open, however well the check ends."""
    yield TRUE
    yield COMPLETE
    if receipt.conversation is not None:
        yield SECRETLY_TWICE
    if any(member.included for member in receipt.memberships):
        yield NOT_USED
    if any(not member.included for member in receipt.memberships):
        yield NOT_ELSEWHERE
    yield ONE_LOG
    for stated in checkpoints.values():
        size = counted(stated.checkpoint.size, "entry")
        if stated.witnesses:
            names = listed(stated.witnesses)
            yield (
                f"Under the checkpoint of {size} stand lines with these names of witnesses: {names}. Only their "
                "public keys can tell whether they are genuine."
            )
        else:
            yield f"Under the checkpoint of {size} no line of a witness stands."
