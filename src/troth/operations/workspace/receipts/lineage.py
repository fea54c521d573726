"""``troth lineage``: which weights and other artefacts were made from which releases, over any depth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.canon.canonical import digest_of_file
from troth.errors import UsageError, VerificationError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.releases.released import folder_of, manifest_of
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import LineagePayload, Parent, parent_order, payload_bytes, read_payload
from troth.release.layout import MEMBERSHIP
from troth.release.membership import contains
from troth.store.interface import Opened, Store

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something that was made: its digest, what it is, its name, and what it was made from."""

    digest: str
    made: str
    name: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a conversation, account or release went into."""

    releases: tuple[str, ...]
    """Digests of the manifests of the releases that contain it."""
    artefacts: tuple[Artefact, ...]
    """Everything made from these, over any depth, in the order of the ledger."""


def add_lineage(
    workspace: Path, artefact: str, made: str, name: str, sources: Sequence[str], progress: Progress = silent
) -> tuple[Artefact, Sequenced]:
    """Record that an artefact was made from releases and other artefacts.

    ``artefact`` is a file or a ``sha256:`` digest; ``sources`` are folders of releases, digests of manifests,
    or digests of artefacts that are recorded. Raises `UsageError` for what is neither, and ``StoreError``
    where the artefact is recorded with other sources.
    """
    with opened(workspace) as found:
        digest = _digest(artefact)
        parents = tuple(sorted({_parent(found.store, one) for one in sources}, key=parent_order))
        payload = LineagePayload(artefact=digest, made=made, name=name, parents=parents)
        _require_form(payload)
        names = [_name(one) for one in parents]
        found.store.add_lineage(act("lineage", payload), digest, names)
        return Artefact(digest, made, name, tuple(names)), sequence_pending(found, progress)


def lineage_of(
    workspace: Path,
    *,
    conversation: str | None = None,
    account: str | None = None,
    release: str | None = None,
) -> Touched:
    """What a conversation, the conversations of an account, or a release went into; one of them is given."""
    with opened(workspace) as found:
        if release is not None:
            return touched(found, [manifest_of(found.store, release)])
        names = [conversation] if conversation is not None else conversations_of(found.store, account or "")
        return touched_by_conversations(found, names)


def touched(workspace: Workspace, releases: Sequence[str]) -> Touched:
    """Everything that was made from some releases."""
    reached = {child for child, _ in workspace.store.descendants(releases)}
    return Touched(
        tuple(releases), tuple(one for one, _ in artefacts(workspace.store) if one.digest in reached)
    )


def touched_by_conversations(workspace: Workspace, conversations: Sequence[str]) -> Touched:
    """Everything that some conversations went into, by the membership trees of the releases."""
    labels = list(workspace.store.commitments(conversations).values())
    return touched(workspace, [manifest for manifest, _ in releases_with(workspace.store, labels)])


def releases_with(store: Store, labels: Sequence[bytes]) -> Iterator[tuple[str, Path]]:
    """The releases that contain any of some labels, and where they lie."""
    for manifest, _ in store.releases():
        folder = folder_of(store, manifest)
        if any(contains(folder / MEMBERSHIP, label) for label in labels):
            yield manifest, folder


def artefacts(store: Store) -> Iterator[tuple[Artefact, Opened]]:
    """Every artefact that is recorded, with its row, in the order of the ledger."""
    for row in store.opened(kinds=("lineage",)):
        payload = read_payload("lineage", row.payload)
        if isinstance(payload, LineagePayload):
            names = tuple(_name(one) for one in payload.parents)
            yield Artefact(payload.artefact, payload.made, payload.name, names), row


def conversations_of(store: Store, account: str) -> list[str]:
    """The conversations that the intake or the history gives to an account."""
    return sorted({*_told(store.opened(account=account)), *store.conversations_of(account)})


def _told(rows: Iterable[Opened]) -> Iterator[str]:
    for row in rows:
        told = msgspec.json.decode(row.payload).get("event", {}).get("conversation")
        if told is not None:
            yield told


def _digest(artefact: str) -> str:
    if _DIGEST.match(artefact):
        return artefact
    path = Path(artefact)
    if not path.is_file():
        remedy = "name a file, or its digest as sha256: and 64 hexadecimal digits"
        raise UsageError(f"{artefact} is neither a file nor a digest", remedy=remedy)
    return digest_of_file(path)


def _parent(store: Store, source: str) -> Parent:
    if source in {child for child, _ in store.artefacts()}:
        return Parent(artefact=source)
    try:
        return Parent(release=manifest_of(store, source))
    except UsageError:
        remedy = "record first what it was made from, or name a release of this workspace"
        raise UsageError(f"{source} is no release and no recorded artefact", remedy=remedy) from None


def _name(parent: Parent) -> str:
    return parent.release or parent.artefact or ""


def _require_form(payload: LineagePayload) -> None:
    """Raise `UsageError` where the words given do not make an entry."""
    try:
        read_payload("lineage", payload_bytes(payload))
    except VerificationError as problem:
        raise UsageError(problem.what, remedy="mend --made or --name") from None
