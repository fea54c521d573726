"""Step 9. The membership tree is the one in the manifest, over a label for each released conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from troth.errors import ReleaseError, VerificationError
from troth.release.layout import MEMBERSHIP
from troth.release.manifest import Release
from troth.release.membership import check_file
from troth.release.membership.layout import MembershipFile
from troth.release.sealed_rows import shard_schema
from troth.verify.parquet import batches
from troth.verify.report import Notes, plural, shown
from troth.verify.statement import ASK, GET_AGAIN

Commitments = Callable[[Sequence[str]], Mapping[str, bytes]]
"""The commitments of conversations, as a workspace has them; those that it does not have are left out."""
_AT_ONCE = 10_000


def check_members(
    folder: Path, manifest: Release, commitments: Commitments | None, intact: frozenset[str], notes: Notes
) -> None:
    """Step 9, for a release with a membership tree."""
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
    if commitments is None:
        notes.not_checked(
            "for which conversations the labels stand: that takes the workspace, or a receipt each"
        )
    elif intact >= {shard.name for shard in manifest.shards}:
        _compare(folder, manifest, commitments, {label.tobytes() for label in np.asarray(labels)}, notes)


def _compare(
    folder: Path, manifest: Release, commitments: Commitments, labels: set[bytes], notes: Notes
) -> None:
    """Hold every released conversation against the labels."""
    count = 0
    for names in _groups(_conversations(folder, manifest)):
        known = commitments(names)
        for name in names:
            count += 1
            label = known.get(name)
            if label is None:
                what = f"the workspace has no commitment to the conversation {shown(name)}"
                notes.found(
                    MEMBERSHIP, what, "give the workspace of the release", kind="an unknown conversation"
                )
            elif label not in labels:
                what = f"the conversation {shown(name)} is released, and its label is not in the tree"
                notes.found(MEMBERSHIP, what, ASK, kind="a conversation without its label")
            labels.discard(label or b"")
    if labels:
        notes.found(MEMBERSHIP, f"{plural(len(labels), 'label')} of no released conversation", ASK)
    notes.checked(
        f"{plural(count, 'released conversation')} held against the labels, by the workspace's salts"
    )


def _conversations(folder: Path, manifest: Release) -> Iterator[str]:
    """Every released conversation, once: rows are ordered by conversation (step 4)."""
    names = (
        name
        for shard in manifest.shards
        for rows in batches(folder / shard.name, shard_schema(sealed=manifest.sealed))
        for name in rows.column("conversation").to_pylist()
    )
    return (name for name, _ in groupby(names))


def _groups(names: Iterator[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for name in names:
        group.append(name)
        if len(group) == _AT_ONCE:
            yield group
            group = []
    if group:
        yield group
