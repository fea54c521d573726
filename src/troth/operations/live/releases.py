"""The builds and releases of a workspace, as its ledger and their manifests tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from troth.errors import RefusedError, TrothError
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.releases.released import folder_of
from troth.proof.payloads import BuildPayload, WithdrawalPayload, read_payload
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import Release, read_statement
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Known:
    """One release. ``manifest`` is None where it does not lie where it was left, or is not what it was."""

    digest: str
    manifest: Release | None
    withdrawn: str | None
    """Why it was withdrawn; None where it stands."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Build:
    """A build that was started. ``at`` is the time (RFC 3339, UTC) that it decides for."""

    index: int | None
    started: Moment | None
    purpose: str
    at: str
    size: int
    """Of the checkpoint that it rests on."""


def known_releases(workspace: Workspace, most: int) -> list[Known]:
    """The newest releases, the newest first. Raises ``StoreError``."""
    withdrawn = _withdrawn(workspace)
    names = [name for name, _ in workspace.store.releases()][::-1][:most]
    return [_known(workspace, name, withdrawn) for name in names]


def known_release(workspace: Workspace, digest: str) -> Known:
    """One release. Raises `RefusedError` where the workspace has none of this digest."""
    if digest not in dict(workspace.store.releases()):
        raise RefusedError("not-found", "there is no such release", remedy="look at the list of releases")
    return _known(workspace, digest, _withdrawn(workspace))


def started_builds(workspace: Workspace, most: int) -> list[Build]:
    """The newest builds that were started, the newest first; not all of them came to an end."""
    told = (
        (row, read_payload(row.kind, row.payload))
        for row in workspace.store.page("build", most, newest=True).rows
    )
    return [
        Build(row.index, row.at, one.purpose, one.at, one.checkpoint.size)
        for row, one in told
        if isinstance(one, BuildPayload)
    ]


def _withdrawn(workspace: Workspace) -> Mapping[str, str]:
    found = {}
    for row in workspace.store.opened(kinds=("withdrawal",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, WithdrawalPayload):
            found[told.manifest] = told.why
    return found


def _known(workspace: Workspace, digest: str, withdrawn: Mapping[str, str]) -> Known:
    try:
        folder = folder_of(workspace.store, digest)
        return Known(digest, _manifest(folder, digest), withdrawn.get(digest))
    except TrothError as problem:  # the others are told all the same
        return Known(digest, None, withdrawn.get(digest), problem.what)


@lru_cache(maxsize=256)
def _manifest(folder: Path, digest: str) -> Release:  # noqa: ARG001 - what has this digest never changes
    return read_statement(open_envelope((folder / MANIFEST).read_bytes()).body()).predicate
