"""A root keeper in AWS KMS: one KMS key for each version of the root, which wraps it; deleting a key takes KMS seven days.

Whoever may use the KMS key and has the wrapped root has the root. Whoever may cancel deletions can, for seven days, take a
destruction back, if they kept the wrapped root.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from troth.errors import VaultError
from troth.types.moment import Moment, format_moment
from troth.vault.keys.keeper import ROOT_BYTES, Evidence
from troth.vault.keys.kms import WINDOW_DAYS, Kms
from troth.vault.keys.local import read_root_file, root_file
from troth.vault.keys.wrapped import WrappedRoot, WrappedRoots

KIND = "aws-kms"

_UNTIL_THEN = (
    "Until then whoever may call kms:CancelKeyDeletion can keep the key, and with a copy of the wrapped root open it. "
    "After that nobody can, AWS included."
)


class AwsKmsKeeper:
    """Keeps roots wrapped by KMS keys: ciphertext in a folder, and a KMS key of its own for each version."""

    def __init__(
        self,
        client: Any,
        folder: Path,
        clock: Callable[[], Moment],
        name: str = KIND,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """The keeper by a client of ``kms_client``.

        ``folder`` gets the wrapped roots, and need not be there yet. ``clock`` gives the present moment (UTC); ``pause``
        waits for so many seconds.
        """
        self.name = name
        self._kms = Kms(client, pause)
        self._files = WrappedRoots(folder, KIND)
        self._clock = clock

    @property
    def statement(self) -> str:
        """What makes a root destroyed here."""
        return (
            "Every version of the root is wrapped by a KMS key of its own. That key is scheduled for deletion, the wrapped "
            f"root is overwritten and removed, and after {WINDOW_DAYS} days, the shortest time there is, KMS deletes the "
            f"key. {_UNTIL_THEN}"
        )

    def versions(self) -> list[int]:
        """See `RootKeeper`. A version counts until its KMS key is deleted or waits for it."""
        return [version for version in self._files.marks() if self._held(version)]

    def make(self, version: int) -> None:
        """See `RootKeeper`: a mark in a file, a KMS key with this mark, and the wrapped root in the file, in this order."""
        if version in self._files.marks():
            self._clear(version)
        begun = self._files.new(version)
        key = self._kms.make(version, begun.mark)
        wrapped = self._kms.wrap(key, begun, root_file(version, os.urandom(ROOT_BYTES)))
        self._files.write(WrappedRoot(version, begun.mark, key, wrapped))

    def get(self, version: int) -> bytes:
        """See `RootKeeper`."""
        root = self._files.read(version)
        if not root.wrapped:
            raise VaultError(
                f"the making of version {version} of the root was interrupted",
                remedy="open the keyring again",
            )
        if self._kms.ending(root.key):
            raise VaultError(
                f"version {version} of the root was destroyed: its KMS key {root.key} waits for its deletion",
                remedy="open the newest key database, with the root that belongs to it",
            )
        content = self._kms.unwrap(root)
        return read_root_file(content, version, f"{self.name}: wrapped root {version}")

    def destroy(self, version: int) -> Evidence:
        """See `RootKeeper`. ``scheduled`` is when KMS deletes the key; that it has done so is for KMS to say then."""
        mark = self._files.find(version)
        root = self._readable(version)
        keys = self._kms.keys(root, mark)
        asked = self._clock()
        dates = [date for date in map(self._kms.delete, keys) if date is not None]
        answer = self._kms.tried(root) if root is not None and root.wrapped else ""
        self._files.remove(version)
        if not dates:
            how = "KMS has no key of this version any more, and its wrapped root was overwritten and removed."
            return Evidence(self.name, version, how, None, None)
        how = (
            f"On {format_moment(asked)} KMS was asked to delete the key {', '.join(keys)}, and it does so on "
            f"{format_moment(max(dates))}. The wrapped root was overwritten and removed. {answer} {_UNTIL_THEN}"
        )
        return Evidence(self.name, version, how, max(dates), None)

    def _clear(self, version: int) -> None:
        """Take away what is left of a version that may be made again. Raises `VaultError` where it is held."""
        root = self._readable(version)
        if self._held(version) and (root is None or root.wrapped):
            raise VaultError(
                f"version {version} of the root is there already", remedy="destroy it before it is made again"
            )
        self.destroy(version)

    def _held(self, version: int) -> bool:
        root = self._readable(version)
        return root is None or not root.key or self._kms.has(root.key)

    def _readable(self, version: int) -> WrappedRoot | None:
        try:
            return self._files.read(version)
        except VaultError:  # damaged: it is destroyed all the same, by its mark
            return None
