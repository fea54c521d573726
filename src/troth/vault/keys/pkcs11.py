"""A root keeper on a PKCS#11 token: one AES key for each version of the root, made on the token, which never gives it out.

Whoever has the token, its PIN and the wrapped root has the root. Whoever has only two of these has nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pkcs11.types import Session

from troth.errors import VaultError
from troth.types.moment import Moment
from troth.vault.keys.keeper import ROOT_BYTES, Evidence
from troth.vault.keys.local import read_root_file, root_file
from troth.vault.keys.token import check_unusable, keys_of, make_key, session, unwrap, wrap
from troth.vault.keys.wrapped import WrappedRoot, WrappedRoots

KIND = "pkcs11"

_NOT_REACHED = (
    "Not reached by this: clones and backups of the whole token by its maker's own tools, and what the token's storage "
    "keeps of a deleted object; a token in software, such as SoftHSM, keeps its objects in files."
)


class Pkcs11Keeper:
    """Keeps roots wrapped by keys on a token: ciphertext in a folder, a key of its own for each version on the token."""

    def __init__(
        self,
        module: str,
        token: str,
        pin: str,
        folder: Path,
        clock: Callable[[], Moment],
        name: str = KIND,
    ) -> None:
        """The keeper on the token of a label, by its maker's library, the file ``module``.

        ``folder`` gets the wrapped roots, and need not be there yet. ``clock`` gives the present moment (UTC).
        """
        self.name = name
        self._module = module
        self._token = token
        self._pin = pin
        self._files = WrappedRoots(folder, KIND)
        self._clock = clock

    @property
    def statement(self) -> str:
        """What makes a root destroyed here."""
        return (
            f"Every version of the root is wrapped by a key of its own, which the token {self._token!r} made and does not "
            "give out. That key is destroyed on the token; then the token does not find it any more, its old handle opens "
            f"nothing, and the wrapped root is overwritten and removed. {_NOT_REACHED}"
        )

    def versions(self) -> list[int]:
        """See `RootKeeper`. A version counts while its key is on the token, or its making was not ended."""
        marks = self._files.marks()
        if not marks:
            return []
        with self._session() as opened:
            return [one for one, mark in marks.items() if keys_of(opened, one, mark) or self._begun(one)]

    def make(self, version: int) -> None:
        """See `RootKeeper`: the mark in a file, the key on the token, and the wrapped root in the file, in this order."""
        if version in self.versions() and not self._begun(version):
            raise VaultError(
                f"version {version} of the root is there already", remedy="destroy it before it is made again"
            )
        if version in self._files.marks():
            self.destroy(version)
        root = self._files.new(version)
        with self._session() as opened:
            wrapped = wrap(make_key(opened, root), root, root_file(version, os.urandom(ROOT_BYTES)))
        self._files.write(WrappedRoot(version, root.mark, self._token, wrapped))

    def get(self, version: int) -> bytes:
        """See `RootKeeper`."""
        root = self._files.read(version)
        with self._session() as opened:
            keys = keys_of(opened, version, root.mark)
            if len(keys) != 1 or not root.wrapped:
                raise VaultError(
                    f"the key of version {version} of the root is not on the token {self._token!r}",
                    remedy="attach the token that made it; where its key was destroyed, it is gone",
                )
            content = unwrap(keys[0], root)
        return read_root_file(content, version, f"{self.name}: wrapped root {version}")

    def destroy(self, version: int) -> Evidence:
        """See `RootKeeper`: the key on the token, looked for afterwards, and then the wrapped root."""
        mark = self._files.find(version)
        found = self._destroy_keys(version, mark)
        self._files.remove(version)
        if not found:
            how = f"Its key was not on the token {self._token!r} any more; the wrapped root was overwritten and removed."
            return Evidence(self.name, version, how, None, None)
        how = (
            f"The AES key with the id {mark} was destroyed on the token {self._token!r}: its old handle opened nothing, a "
            f"new session did not find it, and the wrapped root was overwritten and removed. {_NOT_REACHED}"
        )
        return Evidence(self.name, version, how, None, self._clock())

    def _destroy_keys(self, version: int, mark: str) -> int:
        """Destroy the keys of a mark; how many there were. Raises `VaultError` where one is left."""
        root = self._readable(version)
        with self._session() as opened:
            keys = keys_of(opened, version, mark)
            for key in keys:
                key.destroy()
            if root is not None and root.wrapped:
                check_unusable(keys, root)
        with self._session() as opened:
            if keys_of(opened, version, mark):
                raise VaultError(
                    f"the token {self._token!r} still has the key of version {version} of the root",
                    remedy=f"destroy the key with the token's own tools: its id is {mark}",
                )
        return len(keys)

    def _session(self) -> AbstractContextManager[Session]:
        return session(self._module, self._token, self._pin)

    def _begun(self, version: int) -> bool:
        root = self._readable(version)
        return root is not None and not root.wrapped

    def _readable(self, version: int) -> WrappedRoot | None:
        try:
            return self._files.read(version)
        except VaultError:  # damaged: it is destroyed all the same, by its mark
            return None
