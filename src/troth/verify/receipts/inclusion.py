"""Step 3. Each entry is at its place in the tree of its checkpoint, and all checkpoints can be of one log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from troth.proof.checkpoint_text import Checkpoint
from troth.proof.entry import entry_bytes
from troth.proof.merkle import check_inclusion, leaf_hash
from troth.proof.payloads import BuildPayload, CitedCheckpoint, Payload, ReleasePayload
from troth.receipt.model import Receipt
from troth.receipt.phrases import counted
from troth.receipt.stated import Stated
from troth.verify.receipts.noting import Noting

_FORK = "keep this file: if the log signed it, it has contradicted itself"
_ASK = "ask the log's operator for a receipt that agrees with itself"


def check_entries(
    receipt: Receipt, stated: Mapping[bytes, Stated], payloads: Sequence[Payload] | None, notes: Noting
) -> None:
    """Step 3."""
    for opened in receipt.entries:
        at = stated[opened.proof.checkpoint].checkpoint
        with notes.catching(f"entry {opened.index}"):
            leaf = leaf_hash(entry_bytes(opened.entry))
            check_inclusion(leaf, opened.index, at.size, opened.proof.hashes, at.root)
    checkpoints = [one.checkpoint for one in stated.values()]
    _check_one_log(checkpoints, notes)
    roots = {checkpoint.size: checkpoint.root.hex() for checkpoint in checkpoints}
    _check_times(receipt, notes)
    for opened, payload in zip(receipt.entries, payloads or (), strict=bool(payloads)):
        if isinstance(payload, BuildPayload | ReleasePayload):
            _check_cited(payload.checkpoint, opened.index, checkpoints[0].origin, roots, notes)
    if payloads is None:
        notes.not_checked("which checkpoints the entries cite: not all payloads can be read (step 2)")
    sizes = sorted({checkpoint.size for checkpoint in checkpoints})
    told = counted(len(receipt.entries), "entry")
    notes.checked(f"{told}, in the log as it was with {counted(sizes[-1], 'entry')}")
    if len(sizes) > 1:
        listed = ", ".join(map(str, sizes))
        notes.not_checked(
            f"that the checkpoints of sizes {listed} are of one history: a receipt does not show it"
        )


def _check_one_log(checkpoints: Sequence[Checkpoint], notes: Noting) -> None:
    if len({checkpoint.origin for checkpoint in checkpoints}) > 1:
        notes.refuse("the proofs are from more than one log", _ASK)
    for one, other in pairwise(checkpoints):  # they stand in order of size
        if one.size == other.size and one.root != other.root:
            notes.refuse(f"the log has two roots for {counted(one.size, 'entry')}", _FORK)


def _check_times(receipt: Receipt, notes: Noting) -> None:
    for one, other in pairwise(receipt.entries):
        if one.entry.at > other.entry.at:
            notes.refuse(
                f"entry {other.index} was logged before entry {one.index}, which stands earlier", _FORK
            )


def _check_cited(
    cited: CitedCheckpoint, index: int, origin: str, roots: dict[int, str], notes: Noting
) -> None:
    """A build and a release rest on a state of this log from before they were logged."""
    if cited.origin != origin:
        notes.refuse(f"entry {index} rests on another log, {cited.origin!r}", _ASK)
    if cited.size > index:
        notes.refuse(f"entry {index} rests on {counted(cited.size, 'entry')}: on later ones", _FORK)
    if roots.setdefault(cited.size, cited.root) != cited.root:
        notes.refuse(f"the log has two roots for {counted(cited.size, 'entry')}", _FORK)
