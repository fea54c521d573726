"""The releases of a workspace: found by folder or by the digest of the manifest."""

from __future__ import annotations

from pathlib import Path

from troth.canon.canonical import digest_of_file
from troth.errors import UsageError
from troth.release.layout import MANIFEST
from troth.store.interface import Store


def manifest_of(store: Store, release: str) -> str:
    """The digest of a release's manifest, from its folder or from itself.

    A folder that was moved is noted where it is now. Raises `UsageError` where the store has no such release.
    """
    known = dict(store.releases())
    folder = Path(release)
    manifest = digest_of_file(folder / MANIFEST) if (folder / MANIFEST).is_file() else release
    if manifest not in known:
        remedy = "name the folder of a release that was built with this workspace, or its manifest's digest"
        raise UsageError(f"this workspace has no release {release}", remedy=remedy)
    if manifest != release and known[manifest] != str(folder.resolve()):
        store.move_release(manifest, str(folder.resolve()))
    return manifest


def folder_of(store: Store, manifest: str) -> Path:
    """Where a release of the store lies. Raises `UsageError` where it is not there any more."""
    folder = Path(dict(store.releases())[manifest])
    if not (folder / MANIFEST).is_file() or digest_of_file(folder / MANIFEST) != manifest:
        remedy = "give --release with the folder where it lies now"
        raise UsageError(f"the release {manifest} is not at {folder}", remedy=remedy)
    return folder
