"""A root keeper in the transit engine of HashiCorp Vault or OpenBao: a named key there wraps the roots, and is trimmed.

Written from the published interface; not run against a server. Whoever may decrypt with the key and has the wrapped root
has the root. Whoever can bring back an old snapshot of the server's storage, and unseal it, brings trimmed versions back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from troth.errors import VaultError
from troth.types.moment import Moment
from troth.vault.keys.keeper import ROOT_BYTES, Evidence
from troth.vault.keys.local import read_root_file, root_file
from troth.vault.keys.transit_http import Transit, TransitKey, key_version
from troth.vault.keys.wrapped import WrappedRoot, WrappedRoots, new_mark

KIND = "transit"

_TYPES = ("aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305")
_NOT_REACHED = (
    "Not reached by this: snapshots and backups of the server's storage from before. Whoever restores one and unseals it "
    "has the deleted versions again, so that such snapshots must end too."
)


class TransitKeeper:
    """Keeps roots wrapped by a named key that serves this one keyring: trimming it would end the roots of another."""

    def __init__(self, engine: Transit, folder: Path, clock: Callable[[], Moment], name: str = KIND) -> None:
        """``folder`` gets the wrapped roots, and need not be there yet. ``clock`` gives the present moment (UTC)."""
        self.name = name
        self._engine = engine
        self._files = WrappedRoots(folder, KIND)
        self._clock = clock

    @property
    def statement(self) -> str:
        """What makes a root destroyed here."""
        return (
            f"Roots are wrapped by versions of the key {self._engine.key!r}. To destroy one, the key is rotated, roots "
            "that live on are wrapped anew, and every older version of the key is refused and then trimmed, which the "
            f"server cannot undo; the wrapped root is overwritten and removed. {_NOT_REACHED}"
        )

    def versions(self) -> list[int]:
        """See `RootKeeper`. A version counts while the server has the version of the key that wrapped it."""
        marks = self._files.marks()
        if not marks:
            return []
        key = self._key()
        return [version for version in marks if self._held(version, key)]

    def make(self, version: int) -> None:
        """See `RootKeeper`: the key is rotated, and its newest version wraps the root."""
        if version in self.versions():
            raise VaultError(
                f"version {version} of the root is there already", remedy="destroy it before it is made again"
            )
        marks = self._files.marks()
        if version in marks:
            self._files.remove(version)
        self._take_key(first=not marks)
        self._engine.rotate()
        wrapped = self._engine.encrypt(root_file(version, os.urandom(ROOT_BYTES)))
        self._files.write(
            WrappedRoot(version, new_mark(), f"{self._engine.key} {key_version(wrapped)}", wrapped)
        )

    def get(self, version: int) -> bytes:
        """See `RootKeeper`."""
        root = self._files.read(version)
        key_version(root.wrapped)
        self._key()
        content = self._engine.decrypt(root.wrapped)
        if content is None:
            raise VaultError(
                f"the transit engine does not open version {version} of the wrapped root: it is damaged, or of another key",
                remedy="look at address and key in troth.toml; where its version of the key was trimmed, it is gone",
            )
        return read_root_file(content, version, f"{self.name}: wrapped root {version}")

    def destroy(self, version: int) -> Evidence:
        """See `RootKeeper`. Roots that live on are wrapped anew first: the engine trims only from the lower end."""
        self._files.find(version)
        doomed = self._readable(version)
        others = [self._files.read(other) for other in self.versions() if other != version]
        self._engine.rotate()
        newest = self._key().latest_version
        for other in others:
            wrapped = self._engine.rewrap(other.wrapped)
            if key_version(wrapped) < newest:
                raise VaultError(
                    "the transit engine did not wrap a root with its newest key",
                    remedy="look at the key, and do it again",
                )
            self._files.write(
                WrappedRoot(other.version, other.mark, f"{self._engine.key} {key_version(wrapped)}", wrapped)
            )
        self._engine.trim(newest)
        self._check_trimmed(newest, doomed)
        self._files.remove(version)
        how = (
            f"The versions of the transit key {self._engine.key!r} before {newest} were refused and then trimmed, and "
            f"the server tells that {newest} is the first it has; the wrapped root was overwritten and removed. "
            f"{'Asked to open it, the server refused. ' if doomed else ''}{_NOT_REACHED}"
        )
        return Evidence(self.name, version, how, None, self._clock())

    def _held(self, version: int, key: TransitKey) -> bool:
        root = self._readable(version)
        oldest = max(key.min_available_version, key.min_decryption_version)
        return root is None or key_version(root.wrapped) >= oldest

    def _readable(self, version: int) -> WrappedRoot | None:
        try:
            root = self._files.read(version)
            key_version(root.wrapped)
        except VaultError:  # damaged: it is destroyed all the same, with every version of the key so far
            return None
        return root

    def _take_key(self, *, first: bool) -> None:
        """Make the key where there is none, and refuse one that wraps something else: it would be trimmed."""
        found = self._engine.read()
        if found is None and first:
            self._engine.create()
        elif found is not None and first and found.latest_version > 1:
            raise VaultError(
                f"the transit key {self._engine.key!r} was rotated before, so that it may wrap something else",
                remedy="name a new key in troth.toml, for this keyring alone",
            )
        self._key()

    def _key(self) -> TransitKey:
        """The key. Raises `VaultError` where there is none, or copies of it may be outside of the server."""
        key = self._engine.read()
        if key is None:
            raise VaultError(
                f"there is no transit key {self._engine.key!r}",
                remedy="look at mount and key in troth.toml; a root whose key was deleted is gone",
            )
        if key.exportable or key.allow_plaintext_backup or key.derived or key.type not in _TYPES:
            raise VaultError(
                f"the transit key {self._engine.key!r} can be exported or backed up in the clear, or is not of AES-256-GCM",
                remedy="name a new key in troth.toml: neither can be taken back from a key",
            )
        return key

    def _check_trimmed(self, newest: int, doomed: WrappedRoot | None) -> None:
        if self._key().min_available_version < newest:
            raise VaultError(
                "the transit engine did not delete the old versions of the key",
                remedy="look at min_available_version of the key, and do it again",
            )
        if doomed is not None and self._engine.decrypt(doomed.wrapped) is not None:
            raise VaultError(
                "the transit engine still opens a root whose key it deleted",
                remedy="look at the key and at the server's caches, and do it again",
            )
