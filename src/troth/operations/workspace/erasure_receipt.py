"""Receipts of an erasure: made of what was read before the keys went, and of what the ledger says since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.errors import StoreError, UsageError
from troth.operations.decide import Progress
from troth.operations.whole_file import whole_file
from troth.operations.workspace.erasing import Destroyed
from troth.operations.workspace.lineage import artefacts
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.prover import Prover
from troth.operations.workspace.receipts import answers_about, committed_in, each_once
from troth.operations.workspace.released import folder_of
from troth.receipt.compose import conversation_receipt, write_receipt
from troth.release.layout import MEMBERSHIP
from troth.release.membership import contains
from troth.store.interface import Conversation, Opened

SUFFIX = ".receipt"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a receipt needs of a conversation, and nobody has after the erasure: its name and salt. It stays in memory."""

    known: Conversation


def remember(workspace: Workspace, conversations: Iterable[str]) -> list[Remembered]:
    """Read what receipts will need; a conversation that was never committed to gets none."""
    found = (workspace.store.conversation(name) for name in conversations)
    return [Remembered(known) for known in found if known is not None]


def receipts_of(
    workspace: Workspace,
    erased: Sequence[tuple[Remembered, Destroyed]],
    folder: Path,
    progress: Progress,
) -> tuple[list[Path], list[str]]:
    """Write one receipt for each conversation; give the files, and warnings about releases that could not be asked.

    Each says what was destroyed and when, what of the whole demand stays and why, the releases that contain the
    conversation, and what was made from them. Files have numbers, for a name would stay behind. Raises `StoreError` where
    the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise StoreError(
            f"{folder} cannot be made: {problem.strerror}",
            remedy="the erasure is done; a receipt held from before answers with troth receipt --from-receipt",
        ) from None
    prover = Prover(workspace)
    rows = {row.index: row for row in workspace.store.opened(kinds=("erasure",))}
    releases, warnings = _releases(workspace)
    written: list[Path] = []
    taken = sum(1 for _ in folder.glob(f"*{SUFFIX}"))
    for number, (one, destroyed) in enumerate(erased, taken + 1):
        data = _receipt(
            workspace, prover, one.known, [rows[destroyed.intent], rows[destroyed.done]], releases
        )
        path = folder / f"{number:06d}{SUFFIX}"
        with whole_file(path) as partial:
            partial.write_bytes(data)
        written.append(path)
        progress("receipt", len(written), len(erased))
    return written, warnings


def _receipt(
    workspace: Workspace,
    prover: Prover,
    known: Conversation,
    erasure: Sequence[Opened],
    releases: Sequence[tuple[str, Path]],
) -> bytes:
    committed, entries = committed_in(workspace, prover, known)
    label = known.commitment
    holding = [manifest for manifest, folder in releases if contains(folder / MEMBERSHIP, label)]
    answers, about = answers_about(workspace, prover, label, holding)
    reached = {child for child, _ in workspace.store.descendants(holding)}
    made = prover.entries(row for one, row in artefacts(workspace.store) if one.digest in reached)
    told = each_once(entries, prover.entries(erasure), about, made)
    return write_receipt(conversation_receipt(committed, told, answers))


def _releases(workspace: Workspace) -> tuple[list[tuple[str, Path]], list[str]]:
    found: list[tuple[str, Path]] = []
    warnings: list[str] = []
    for manifest, _ in workspace.store.releases():
        try:
            found.append((manifest, folder_of(workspace.store, manifest)))
        except UsageError as problem:
            warnings.append(f"the receipts do not say whether it is in a release: {problem.what}")
    return found, warnings
