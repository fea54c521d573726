"""A receipt put together from pieces that somebody else fetched from a store and a ledger. Reads and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from troth.errors import VerificationError
from troth.proof.entry import Entry, check_opening, commit_conversation
from troth.proof.membership import MembershipProof
from troth.proof.merkle import Levels, leaf_hashes, proof_in_block
from troth.proof.tlog_proof import TlogProof
from troth.receipt.model import Membership, OpenedConversation, OpenedEntry, Receipt, ReceiptFile
from troth.receipt.read import read_receipt
from troth.receipt.shape import check_shape
from troth.receipt.text import receipt_bytes
from troth.receipt.words import plain_words, read_content


class Batch:
    """All commitments of an intake batch, in order of position, with the tree over them: many conversations share one."""

    __slots__ = ("_commitments", "_levels")

    def __init__(self, commitments: Sequence[bytes]) -> None:
        self._commitments = commitments
        self._levels = Levels(leaf_hashes(commitments))

    def __len__(self) -> int:
        return len(self._commitments)

    def label(self, position: int) -> bytes:
        """The commitment at a position."""
        return self._commitments[position]

    def path(self, position: int) -> tuple[bytes, ...]:
        """The siblings of a position."""
        return self._levels.inclusion_proof(position)


class BatchPart:
    """One block (`troth.proof.merkle.BLOCK`) of an intake batch, and the roots of all its blocks: enough for one of it."""

    __slots__ = ("_block", "_first", "_roots", "_size")

    def __init__(self, size: int, first: int, block: Sequence[bytes], roots: Sequence[bytes]) -> None:
        """``block`` are the commitments from position ``first`` on, in a batch of ``size``."""
        self._size, self._first, self._block, self._roots = size, first, block, roots

    def __len__(self) -> int:
        return self._size

    def label(self, position: int) -> bytes:
        """The commitment at a position of the block."""
        return self._block[position - self._first]

    def path(self, position: int) -> tuple[bytes, ...]:
        """The siblings of a position of the block."""
        return proof_in_block(leaf_hashes(self._block), self._roots, position)


@dataclass(frozen=True, slots=True)
class Committed:
    """A conversation and the batch it was committed in.

    ``salt`` is the conversation's (32 bytes), ``intake`` the number of the batch's entry in the log.
    """

    conversation: str
    salt: bytes
    position: int
    batch: Batch | BatchPart
    intake: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the conversation is in a release; ``release`` is the number of the release's entry in the log."""

    release: int
    included: bool
    proof: MembershipProof


def open_entry(entry: Entry, salt: bytes, payload: bytes, proof: TlogProof) -> OpenedEntry:
    """One opened entry. Raises `VerificationError` where salt and payload do not open its commitment."""
    check_opening(entry.commitment, salt, payload)
    return OpenedEntry(entry, salt, payload, proof)


def account_receipt(account: str, entries: Iterable[OpenedEntry]) -> Receipt:
    """The receipt of a person's choices, and of what else was logged about the account."""
    return _checked(Receipt("account", account, _in_order(entries)))


def release_receipt(manifest: str, entries: Iterable[OpenedEntry]) -> Receipt:
    """The receipt of a release (named ``sha256:…``): its build, its end, what was made from it."""
    return _checked(Receipt("release", manifest, _in_order(entries)))


def lineage_receipt(artefact: str, entries: Iterable[OpenedEntry]) -> Receipt:
    """The receipt of an artefact (named ``sha256:…``): from what it was made, and what was made from it."""
    return _checked(Receipt("lineage", artefact, _in_order(entries)))


def conversation_receipt(
    committed: Committed, entries: Iterable[OpenedEntry], answers: Iterable[Answer] = ()
) -> Receipt:
    """The receipt of a conversation: its intake, and whether it is in some releases.

    The entries of its intake and of the releases must be among ``entries``. Raises `VerificationError` where
    they are not, or where a release was logged before the conversation was committed to: then an absence would
    prove nothing.
    """
    ordered = _in_order(entries)
    opened = _open_conversation(committed, _number(ordered, committed.intake))
    return _about(opened, ordered, answers)


def answered_receipt(earlier: Receipt, entries: Iterable[OpenedEntry], answers: Iterable[Answer]) -> Receipt:
    """A receipt of a conversation from an earlier one: from the person's own salt, also after an erasure.

    ``entries`` are added to those of the earlier receipt, and replace them where both have one. Raises
    `VerificationError` as `conversation_receipt` does.
    """
    if earlier.conversation is None:
        raise VerificationError(
            "the earlier receipt is not about a conversation", remedy="give the receipt of a conversation"
        )
    intake = earlier.entries[earlier.conversation.intake].index
    known = {opened.index: opened for opened in (*earlier.entries, *entries)}
    ordered = _in_order(known.values())
    opened = replace(earlier.conversation, intake=_number(ordered, intake))
    kept = (
        Answer(earlier.entries[member.release].index, member.included, member.proof)
        for member in earlier.memberships
    )
    given = {answer.release: answer for answer in (*kept, *answers)}
    return _about(opened, ordered, given.values())


def _about(
    opened: OpenedConversation, entries: tuple[OpenedEntry, ...], answers: Iterable[Answer]
) -> Receipt:
    memberships = []
    for answer in sorted(answers, key=lambda answer: answer.release):
        release = _number(entries, answer.release)
        if release <= opened.intake:
            raise VerificationError(
                f"the release of entry {answer.release} was logged before the conversation was committed to",
                remedy="leave it out: no proof about it would mean anything",
            )
        memberships.append(Membership(release, answer.included, answer.proof))
    return _checked(Receipt("conversation", opened.conversation, entries, opened, tuple(memberships)))


def _number(entries: Sequence[OpenedEntry], index: int) -> int:
    """Which of the entries has this number in the log."""
    for number, opened in enumerate(entries):
        if opened.index == index:
            return number
    raise VerificationError(
        f"entry {index} of the log is not among the entries", remedy="open it and give it too"
    )


def _open_conversation(committed: Committed, intake: int) -> OpenedConversation:
    label = commit_conversation(committed.salt, committed.conversation)
    batch = committed.batch
    if not 0 <= committed.position < len(batch) or batch.label(committed.position) != label:
        raise VerificationError(
            f"the conversation is not at place {committed.position + 1} of its batch",
            remedy="give the salt and the position that the store holds for it",
        )
    path = batch.path(committed.position)
    return OpenedConversation(
        committed.conversation, committed.salt, committed.position, len(batch), path, intake
    )


def write_receipt(receipt: Receipt) -> bytes:
    """The file of a receipt, with its plain words and closing digest, read again before it is handed over.

    Raises `VerificationError` where the parts do not fit together, there are no words for an entry, or the log or
    a witness has a name that a receipt cannot show. It checks no proof: check the file as its reader will.
    """
    check_shape(receipt)
    data = receipt_bytes(ReceiptFile(receipt, plain_words(read_content(receipt))))
    read_receipt(data)
    return data


def _in_order(entries: Iterable[OpenedEntry]) -> tuple[OpenedEntry, ...]:
    return tuple(sorted(entries, key=lambda opened: opened.index))


def _checked(receipt: Receipt) -> Receipt:
    check_shape(receipt)
    return receipt
