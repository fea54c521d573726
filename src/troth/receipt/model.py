"""What a receipt holds: opened entries of one log, and where a conversation stands in a batch and in releases.

All of it is what a file claims. ``troth.verify.receipts`` checks it.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.proof.entry import Entry
from troth.proof.membership import MembershipProof
from troth.proof.tlog_proof import TlogProof

SUBJECTS = ("account", "conversation", "release", "lineage")
"""What a receipt can be about. A release is named by its manifest's digest, a lineage by an artefact's."""

LARGEST_RECEIPT = 64 << 20
"""Bytes: a larger file is not read as a receipt."""


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One entry, the salt (32 bytes) and payload that open its commitment, and the proof that it is in the log."""

    entry: Entry
    salt: bytes
    payload: bytes
    proof: TlogProof

    @property
    def index(self) -> int:
        """The number of the entry in the log, from 0."""
        return self.proof.index


@dataclass(frozen=True, slots=True)
class OpenedConversation:
    """A conversation, the salt (32 bytes) that opens its commitment, and where that stands in its intake batch.

    ``position`` counts from 0; ``path`` is the RFC 6962 inclusion path in the tree over the ``batch_size``
    commitments of the batch; ``intake`` says which of the receipt's entries is the batch's, from 0.
    """

    conversation: str
    salt: bytes
    position: int
    batch_size: int
    path: tuple[bytes, ...]
    intake: int


@dataclass(frozen=True, slots=True)
class Membership:
    """That the conversation is in a release, or is not. ``release`` says which of the receipt's entries, from 0."""

    release: int
    included: bool
    proof: MembershipProof


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: what it is about, the entries in the order of the log, and what they are about to show."""

    subject: str
    name: str
    entries: tuple[OpenedEntry, ...]
    conversation: OpenedConversation | None = None
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A receipt as it stands in a file, with the lines of plain words that the file has. Nothing is checked yet."""

    receipt: Receipt
    words: tuple[str, ...]
