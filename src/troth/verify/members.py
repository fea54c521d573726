"""Step 9. The membership tree is the one in the manifest, over a label for each released conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from troth.errors import ReleaseError, VerificationError
from troth.release.layout import MEMBERSHIP
from troth.release.manifest import Release
from troth.release.membership import check_file
from troth.release.membership.layout import MembershipFile
from troth.verify.released import Released
from troth.verify.report import Notes, plural, shown
from troth.verify.sealed import Unlocking
from troth.verify.statement import ASK, GET_AGAIN

Commitments = Callable[[Sequence[str]], Mapping[str, bytes]]
"""The commitments of conversations, as a workspace has them; those that it does not have are left out."""
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """What a workspace knows of the conversations in its releases."""

    commitments: Commitments
    unlocking: Unlocking | None


def check_members(
    folder: Path,
    manifest: Release,
    known: Known | None,
    sides: tuple[frozenset[str], Released],
    notes: Notes,
) -> None:
    """Step 9, for a release with a membership tree. ``sides`` are the names of the intact files, and what was released."""
    intact, released = sides
    if manifest.membership is None or MEMBERSHIP not in intact:
        notes.not_checked(f"{MEMBERSHIP}: its bytes are not the manifest's (step 3)")
        return
    try:
        root = check_file(folder / MEMBERSHIP)
        with MembershipFile(folder / MEMBERSHIP) as file:
            labels = file.labels(0, file.layout.count)
    except (VerificationError, ReleaseError) as problem:
        notes.found(MEMBERSHIP, problem.what, GET_AGAIN)
        return
    if root.hex() != manifest.membership.root:
        notes.found(MEMBERSHIP, "its labels have another root than the manifest says", ASK)
    if len(labels) != manifest.membership.leaves:
        notes.found(
            MEMBERSHIP, f"has {plural(len(labels), 'label')}, not {manifest.membership.leaves:,}", ASK
        )
    notes.checked(f"the root over {plural(len(labels), 'label')}, computed again")
    if known is None:
        notes.not_checked(
            "for which conversations the labels stand: that takes the workspace, or a receipt each"
        )
    elif released.complete:
        _compare(released, manifest, known, {label.tobytes() for label in np.asarray(labels)}, notes)


def _compare(released: Released, manifest: Release, known: Known, labels: set[bytes], notes: Notes) -> None:
    """Hold every released conversation against the labels. Those of erased ones, and of removed rows, are left over."""
    count = erased = 0
    for named in _groups(_conversations(released, sealed=manifest.sealed)):
        commitments = known.commitments(list(named))
        gone = _gone({name: slot for name, slot in named.items() if name not in commitments}, known.unlocking)
        count, erased = count + len(named), erased + len(gone)
        for name in (name for name in named if name not in gone):
            label = commitments.get(name)
            if label is None:
                what = f"the workspace has no commitment to the conversation {shown(name)}"
                notes.found(
                    MEMBERSHIP, what, "give the workspace of the release", kind="an unknown conversation"
                )
            elif label not in labels:
                what = f"the conversation {shown(name)} is released, and its label is not in the tree"
                notes.found(MEMBERSHIP, what, ASK, kind="a conversation without its label")
            labels.discard(label or b"")
    left = erased + (manifest.statistics.conversations - count if released.removed else 0)
    if len(labels) > left:
        notes.found(MEMBERSHIP, f"{plural(len(labels) - left, 'label')} of no released conversation", ASK)
    elif len(labels) < left:
        notes.found(MEMBERSHIP, f"{plural(left - len(labels), 'erased conversation')} without a label", ASK)
    elif left:
        notes.not_checked(f"which conversation each of {plural(left, 'label')} stands for: they are erased")
    notes.checked(
        f"{plural(count - erased, 'released conversation')} held against the labels, by the workspace's salts"
    )


def _gone(slots: Mapping[str, int], unlocking: Unlocking | None) -> set[str]:
    """The conversations whose keys are destroyed: their salts went with them."""
    if unlocking is None or not slots:
        return set()
    keys = zip(slots, unlocking.keys(list(slots.values())), strict=True)
    return {name for name, key in keys if key is None}


def _conversations(released: Released, *, sealed: bool) -> Iterator[tuple[str, int]]:
    """Every released conversation that is there, once, with its slot: rows are ordered by conversation (step 4)."""
    wanted = ["conversation", "slot"] if sealed else ["conversation"]
    pairs = (
        pair
        for shard in released.shards
        for rows in shard.read(wanted)
        for pair in zip(
            rows.column("conversation").to_pylist(),
            rows.column("slot").to_pylist() if sealed else [0] * rows.num_rows,
            strict=True,
        )
    )
    return (next(group) for _, group in groupby(pairs, key=lambda pair: str(pair[0])))


def _groups(named: Iterator[tuple[str, int]]) -> Iterator[dict[str, int]]:
    group: dict[str, int] = {}
    for name, slot in named:
        group[name] = slot
        if len(group) == _AT_ONCE:
            yield group
            group = {}
    if group:
        yield group
