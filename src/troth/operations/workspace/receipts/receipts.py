"""``troth receipt``: what the store and the ledger hold about one person, conversation or release, as one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.errors import LedgerError, Place, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.receipts.lineage import artefacts, releases_with
from troth.operations.workspace.receipts.prover import Blocks, Prover
from troth.operations.workspace.releases.compactions import compactions_of
from troth.operations.workspace.releases.released import folder_of, manifest_of
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.entry import commit_conversation
from troth.proof.payloads import (
    BuildPayload,
    ErasureAbandoned,
    ErasureDone,
    ErasureIntended,
    EventPayload,
    Payload,
    ReleasePayload,
    WithdrawalPayload,
    read_payload,
)
from troth.receipt.compose import (
    Answer,
    Committed,
    account_receipt,
    answered_receipt,
    conversation_receipt,
    release_receipt,
    write_receipt,
)
from troth.receipt.model import LARGEST_RECEIPT, OpenedEntry
from troth.receipt.read import read_receipt
from troth.release.layout import MEMBERSHIP
from troth.release.membership import prove
from troth.store.interface import Conversation, Opened

ABOUT_PEOPLE = ("choice", "deletion", "event")
"""Kinds of entries that a person's receipt opens. A legal hold is not theirs to be told of by this file."""
ABOUT_CONVERSATIONS = ("choice", "deletion")
"""Kinds of entries that the receipt of a conversation opens, where they name it."""
SAID = "record.said"
"""Events about records, not about choices, and too many to prove one by one."""


@dataclass(frozen=True, slots=True)
class Receipted:
    """A receipt as the bytes of its file, and where the ledger stood."""

    data: bytes
    ledger: Sequenced


def receipt_of_account(workspace: Path, account: str, progress: Progress = silent) -> Receipted:
    """What an account chose, deleted and was. Raises `UsageError` where nothing is recorded of it."""
    with opened(workspace) as found:
        return account_receipt_in(found, account, progress)


def account_receipt_in(workspace: Workspace, account: str, progress: Progress = silent) -> Receipted:
    """The same for an open workspace."""
    done = sequence_pending(workspace, progress)
    rows = workspace.store.opened(account=account, kinds=ABOUT_PEOPLE)
    entries = Prover(workspace).entries((row for row in rows if not _is_said(row)), progress)
    if not entries:
        raise UsageError(f"nothing is recorded of the account {account!r}", remedy="check the name")
    return Receipted(write_receipt(account_receipt(account, entries)), done)


def receipt_of_conversation(
    workspace: Path, conversation: str, releases: Sequence[str], progress: Progress = silent
) -> Receipted:
    """That a conversation was taken in, its deletions, the choices for it, and whether it is in some releases.

    Raises `UsageError` where it was never taken in, or a release is not one of the workspace.
    """
    with opened(workspace) as found:
        return conversation_receipt_in(found, conversation, releases, None, progress)


def conversation_receipt_in(
    workspace: Workspace,
    conversation: str,
    releases: Sequence[str],
    blocks: Blocks | None,
    progress: Progress = silent,
) -> Receipted:
    """The same for an open workspace. With ``blocks`` it reads no more of a large intake batch than it needs."""
    done = sequence_pending(workspace, progress)
    known, prover = _taken_in(workspace, conversation), Prover(workspace)
    committed, entries = committed_in(prover, known, blocks)
    told = prover.entries(workspace.store.opened(conversation=conversation, kinds=ABOUT_CONVERSATIONS))
    answers, about = answers_about(workspace, prover, known.commitment, releases)
    made = conversation_receipt(committed, each_once(entries, told, about), answers)
    return Receipted(write_receipt(made), done)


def receipt_again(
    workspace: Path, receipt: Path, releases: Sequence[str], progress: Progress = silent
) -> Receipted:
    """Whether the conversation of a person's receipt is in some releases, from that receipt alone.

    The store is not asked for the conversation: this answers after an erasure too. Raises `UsageError` where the
    file is no receipt of a conversation, and ``VerificationError`` where it is no receipt.
    """
    held = read_receipt(read_bytes(receipt)).receipt
    if held.conversation is None:
        place = Place(str(receipt))
        raise UsageError("is not the receipt of a conversation", place=place, remedy="give one that is")
    label = commit_conversation(held.conversation.salt, held.conversation.conversation)
    with opened(workspace) as found:
        done = sequence_pending(found, progress)
        prover = Prover(found)
        answers, about = answers_about(found, prover, label, releases)
        erased = prover.entries(_erasures(found, label))
        return Receipted(write_receipt(answered_receipt(held, (*about, *erased), answers)), done)


def receipt_of_release(workspace: Path, release: str, progress: Progress = silent) -> Receipted:
    """The build of a release, itself, and its withdrawal if there is one. ``release``: its folder or digest."""
    with opened(workspace) as found:
        done = sequence_pending(found, progress)
        return Receipted(release_receipt_in(found, manifest_of(found.store, release)), done)


def release_receipt_in(workspace: Workspace, manifest: str) -> bytes:
    """The same for an open workspace whose ledger has the release; with the newest compaction of each shard."""
    newest = [found[-1].row for found in compactions_of(workspace.store, manifest).values()]
    return receipt_with(workspace, manifest, newest)


def receipt_with(workspace: Workspace, manifest: str, rows: Iterable[Opened]) -> bytes:
    """The receipt of a release with some more rows about it. Raises ``LedgerError`` where one is not published yet."""
    wanted = list(rows)
    entries = Prover(workspace).entries([*_about_release(workspace, manifest), *wanted])
    if not {row.index for row in wanted} <= {one.index for one in entries}:
        raise LedgerError(
            "the published ledger does not have all entries about the release yet",
            remedy="call troth sequence, and try again",
        )
    return write_receipt(release_receipt(manifest, entries))


def receipt_of_lineage(workspace: Path, conversation: str, progress: Progress = silent) -> Receipted:
    """Everything that a conversation went into: the releases with it, and what was made from them."""
    with opened(workspace) as found:
        return lineage_receipt_in(found, conversation, None, progress)


def lineage_receipt_in(
    workspace: Workspace, conversation: str, blocks: Blocks | None, progress: Progress = silent
) -> Receipted:
    """The same for an open workspace; ``blocks`` as for `conversation_receipt_in`."""
    done = sequence_pending(workspace, progress)
    known, prover = _taken_in(workspace, conversation), Prover(workspace)
    committed, entries = committed_in(prover, known, blocks)
    releases = [manifest for manifest, _ in releases_with(workspace.store, [known.commitment])]
    answers, about = answers_about(workspace, prover, known.commitment, releases)
    reached = {child for child, _ in workspace.store.descendants(releases)}
    made = prover.entries(row for one, row in artefacts(workspace.store) if one.digest in reached)
    receipt = conversation_receipt(committed, each_once(entries, about, made), answers)
    return Receipted(write_receipt(receipt), done)


def _taken_in(workspace: Workspace, conversation: str) -> Conversation:
    known = workspace.store.conversation(conversation)
    if known is None:
        remedy = "conversations are taken in when a release is built from their logs with this workspace"
        raise UsageError(f"the conversation {conversation!r} was never taken in", remedy=remedy)
    return known


def committed_in(
    prover: Prover, known: Conversation, blocks: Blocks | None = None
) -> tuple[Committed, tuple[OpenedEntry, ...]]:
    """The conversation in its batch, and the entry of the batch. Raises `LedgerError` where that is not published yet."""
    intake = prover.intake(known.batch) if blocks is None else prover.intake_of(known, blocks)
    if not intake.entries:
        raise LedgerError(
            "the intake of the conversation is not in the published ledger yet",
            remedy="call troth sequence, and try again",
        )
    index = intake.entries[0].index
    return Committed(known.conversation, known.salt, known.position, intake.batch, index), intake.entries


def answers_about(
    workspace: Workspace, prover: Prover, label: bytes, releases: Sequence[str]
) -> tuple[list[Answer], tuple[OpenedEntry, ...]]:
    """Whether a label is in each release, and the entries about these releases."""
    answers: list[Answer] = []
    entries: list[OpenedEntry] = []
    for manifest in dict.fromkeys(manifest_of(workspace.store, one) for one in releases):
        about = prover.entries(_about_release(workspace, manifest))
        path = folder_of(workspace.store, manifest) / MEMBERSHIP
        index = next(one.index for one in about if one.entry.kind == "release")
        found = prove(path, label)
        answers.append(Answer(index, found.included, found.proof))
        entries.extend(about)
    return answers, tuple(entries)


def _erasures(workspace: Workspace, label: bytes) -> Iterator[Opened]:
    """The intents that name a label, and their ends."""
    intents: set[int | None] = set()
    for row in workspace.store.opened(kinds=("erasure",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, ErasureIntended) and label.hex() in (*told.subjects, *told.parts):
            intents.add(row.index)
            yield row
        elif isinstance(told, ErasureDone | ErasureAbandoned) and told.intent in intents:
            yield row


def each_once(*groups: Iterable[OpenedEntry]) -> Iterator[OpenedEntry]:
    """Each entry once: two releases may be of one build."""
    yield from {one.index: one for group in groups for one in group}.values()


def _about_release(workspace: Workspace, manifest: str) -> list[Opened]:
    """The rows of a release: builds like it, itself, and withdrawals."""
    rows = [
        (row, read_payload(row.kind, row.payload))
        for row in workspace.store.opened(kinds=("build", "release", "withdrawal"))
    ]
    release = next(told for _, told in rows if isinstance(told, ReleasePayload) and told.manifest == manifest)
    return [row for row, told in rows if _speaks_of(told, release)]


def _speaks_of(told: Payload, release: ReleasePayload) -> bool:
    if isinstance(told, BuildPayload):
        return told.checkpoint == release.checkpoint and told.purpose == release.purpose
    return isinstance(told, ReleasePayload | WithdrawalPayload) and told.manifest == release.manifest


def _is_said(row: Opened) -> bool:
    told = read_payload(row.kind, row.payload)
    return isinstance(told, EventPayload) and told.event.event == SAID


def read_bytes(receipt: Path) -> bytes:
    """The bytes of a receipt. Raises `UsageError` where it cannot be read."""
    try:
        with receipt.open("rb") as file:
            return file.read(LARGEST_RECEIPT + 1)
    except OSError as problem:
        place = Place(str(receipt))
        raise UsageError(
            f"cannot be read: {problem.strerror}", place=place, remedy="check the path"
        ) from None
