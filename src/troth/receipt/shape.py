"""How the parts of a receipt must fit together before any of them is checked."""

from __future__ import annotations

from itertools import pairwise
from typing import NoReturn

from troth.errors import VerificationError
from troth.proof.entry import SALT_BYTES
from troth.proof.payloads import LARGEST_BATCH
from troth.receipt.model import SUBJECTS, Membership, OpenedConversation, OpenedEntry, Receipt


def check_shape(receipt: Receipt) -> None:
    """Raise `VerificationError` unless the receipt has the shape of ``docs/formats/receipts.md``.

    Entries stand in the order of the log, each once; there is a conversation exactly where the receipt is about
    one; what is pointed at is there and of the right kind.
    """
    if receipt.subject not in SUBJECTS:
        _refuse(f"a receipt cannot be about a {receipt.subject!r}")
    if not receipt.entries:
        _refuse("the receipt has no entry")
    if any(one.index >= other.index for one, other in pairwise(receipt.entries)):
        _refuse("the entries do not stand in the order of the log, each once")
    if any(len(opened.salt) != SALT_BYTES for opened in receipt.entries):
        _refuse(f"a salt has {SALT_BYTES} bytes")
    if (receipt.conversation is not None) != (receipt.subject == "conversation"):
        _refuse("a receipt opens a conversation if it is about one, and only then")
    if receipt.conversation is not None:
        _check_conversation(receipt.conversation, receipt)
    if receipt.memberships and receipt.conversation is None:
        _refuse("only a receipt about a conversation can say whether it is in a release")
    for membership in receipt.memberships:
        _entry(receipt, membership.release, "release")
    if any(_order(one) >= _order(other) for one, other in pairwise(receipt.memberships)):
        _refuse("the releases do not stand in the order of the log, each once")


def _check_conversation(opened: OpenedConversation, receipt: Receipt) -> None:
    if opened.conversation != receipt.name:
        _refuse("the conversation is not the one that the receipt is about")
    if len(opened.salt) != SALT_BYTES:
        _refuse(f"the salt of the conversation does not have {SALT_BYTES} bytes")
    if not 0 <= opened.position < opened.batch_size <= LARGEST_BATCH:
        _refuse(f"there is no place {opened.position + 1} in a batch of {opened.batch_size}")
    _entry(receipt, opened.intake, "intake")


def _entry(receipt: Receipt, number: int, kind: str) -> OpenedEntry:
    if not 0 <= number < len(receipt.entries) or receipt.entries[number].entry.kind != kind:
        _refuse(f"what is named as the entry of a {kind} is not one")
    return receipt.entries[number]


def _order(membership: Membership) -> int:
    return membership.release


def _refuse(what: str) -> NoReturn:
    raise VerificationError(what, remedy="get the receipt again; if it stays, ask who made it")
