"""Whether a release of a workspace may be read at all, before any record of it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from troth.canon.canonical import digest_of_file
from troth.disk.reading import while_read
from troth.errors import Place, ReleaseError, UsageError, VerificationError
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.releases.compactions import compactions_of
from troth.operations.workspace.releases.released import folder_of, manifest_of
from troth.proof.payloads import WithdrawalPayload, read_payload
from troth.release.compacted_rows import COMPACTED_SCHEMA
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import Release, Statement, read_statement
from troth.release.sealed_rows import SEALED_SCHEMA
from troth.terms.archive import load
from troth.terms.model import Terms, Version
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Readable:
    """A sealed release of a workspace that was not withdrawn, and the terms under which it is read."""

    folder: Path
    digest: str
    """Of its manifest: the name of the release."""
    manifest: Release
    terms: Terms


@contextmanager
def readable(
    workspace: Workspace, release: str, terms: str | None, options: Mapping[str, str] | None
) -> Iterator[Readable]:
    """Look at a release, by its folder or the digest of its manifest, and keep it as it is for as long as it is read.

    A compaction waits meanwhile, or passes it over.
    ``terms`` are those that the manifest names, perhaps with later versions; None: the ones that come under their
    name. Raises `UsageError` where the workspace has no such release, it is plain, or the terms are others, and
    `ReleaseError` where it was withdrawn, `VerificationError` where a file is not the one that the manifest names, and
    no compaction in the ledger either.
    """
    digest = manifest_of(workspace.store, release)
    folder = folder_of(workspace.store, digest)
    with while_read(folder / MANIFEST):
        statement = read_statement(open_envelope((folder / MANIFEST).read_bytes()).body())
        manifest = statement.predicate
        if not manifest.sealed:
            raise UsageError(
                "this release is plain",
                place=Place(str(folder)),
                remedy="nothing of it is sealed: read its shards",
            )
        _require_standing(workspace, digest)
        compacted = compactions_of(workspace.store, digest)
        _require_files(
            folder, statement, {name: {one.told.new for one in found} for name, found in compacted.items()}
        )
        yield Readable(folder, digest, manifest, _terms(manifest, terms, options or {}))


def require_filtered(release: Readable, purpose: str, at: Moment) -> None:
    """Raise `UsageError` where the terms ask to filter, for this purpose, what the release did not filter."""
    for version in in_force(release.terms, at):
        for duty in version.filters:
            missing = sorted(set(duty.kinds) - set(release.manifest.filter.kinds))
            if purpose in duty.purposes and missing:
                raise UsageError(
                    f"for {purpose}, {duty.clause!r} asks to filter records of kind {', '.join(missing)}, and this"
                    " release did not",
                    remedy="build a release for this purpose",
                )


def in_force(terms: Terms, at: Moment) -> Iterator[Version]:
    """The versions that may bind somebody at a time: the newest that binds everybody, and those published since."""
    effective = [number for number, version in enumerate(terms.versions) if version.effective <= at]
    for number, version in enumerate(terms.versions):
        if number in effective[-1:] or (number not in effective and version.published <= at):
            yield version


def _require_standing(workspace: Workspace, digest: str) -> None:
    for row in workspace.store.opened(kinds=("withdrawal",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, WithdrawalPayload) and told.manifest == digest:
            raise ReleaseError(f"this release was withdrawn: {told.why}", remedy="build another one")


def _require_files(folder: Path, statement: Statement, compacted: Mapping[str, Collection[str]]) -> None:
    """No file is read as Parquet before it is known to be the one that the manifest names, or the ledger since.

    ``compacted`` has the digests of what shards became.
    """
    shards = {shard.name for shard in statement.predicate.shards}
    for subject in statement.subject:
        path = folder / subject.name
        digest = digest_of_file(path) if path.is_file() else ""
        if digest == f"sha256:{subject.digest.get('sha256')}":
            schema = SEALED_SCHEMA
        elif digest in compacted.get(subject.name, ()):
            schema = COMPACTED_SCHEMA
        else:
            raise VerificationError(
                "is not the file that the manifest names",
                place=Place(str(path)),
                remedy="restore the release",
            )
        if subject.name in shards and not pq.read_schema(path).equals(schema):
            raise VerificationError(
                "has not the columns of a sealed shard",
                place=Place(str(path)),
                remedy="verify the release: it says what is wrong with it",
            )


def _terms(manifest: Release, told: str | None, options: Mapping[str, str]) -> Terms:
    """The terms under the options of the release; what a later version leaves open besides, ``options`` may settle."""
    for option, value in options.items():
        if manifest.terms.options.get(option, value) != value:
            raise UsageError(
                f"the release was made with {option}={manifest.terms.options[option]}, and not {value}",
                remedy="leave the option out: a release is read as it was promised",
            )
    name = manifest.terms.name if told is None else told
    known = {version.version: version.digest for version in load(name, {}).versions}
    for version in manifest.terms.versions:
        if known.get(version.version) != version.digest:
            raise UsageError(
                f"these are not the terms of the release: its version {version.version!r} of"
                f" {manifest.terms.name!r} is not among them",
                remedy="give --terms with the folder of its terms, later versions included",
            )
    return load(name, {**manifest.terms.options, **options})
