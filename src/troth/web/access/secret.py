"""The service's own secret, ``keys/service.key``: what marks, seals and signs within the service.

Whoever can read it and the service's tables can make tokens of persons and read the secrets of webhooks; not call as a key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.disk.durable import write_new
from troth.errors import Place, StoreError

FILE = Path("keys") / "service.key"
_BYTES = 32
_NONCE = 12


class Secret:
    """Keys derived from the one secret, one for each purpose."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._keys: dict[str, bytes] = {}

    def mac(self, purpose: str, data: bytes) -> bytes:
        """32 bytes that only who has the secret can make of the data."""
        return hmac.digest(self._key(purpose), data, "sha256")

    def seal(self, purpose: str, data: bytes) -> bytes:
        """The data, sealed (AES-256-GCM with a random nonce before it)."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key(purpose)).encrypt(nonce, data, purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises `StoreError` where it was changed, or sealed under another secret."""
        try:
            return AESGCM(self._key(purpose)).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            raise StoreError(
                "a row of the service's tables was changed, or sealed under another keys/service.key",
                remedy="restore the file and the tables of one backup together",
            ) from None

    def _key(self, purpose: str) -> bytes:
        found = self._keys.get(purpose)
        if found is None:
            label = b"troth:service:1\x00" + purpose.encode()
            found = self._keys[purpose] = hmac.digest(self._secret, label, hashlib.sha256)
        return found


def open_secret(folder: Path) -> Secret:
    """The secret of the workspace in a folder; made where there is none. Raises `StoreError`."""
    path = folder / FILE
    try:
        if not path.exists():
            try:
                write_new(path, os.urandom(_BYTES), 0o600)
            except FileExistsError:  # another process was first
                return open_secret(folder)
        data = path.read_bytes()
    except OSError as problem:
        raise StoreError(
            f"cannot be used: {problem.strerror}", place=Place(str(path)), remedy="mend its permissions"
        ) from None
    if len(data) != _BYTES:
        raise StoreError(
            f"has {len(data)} bytes, and not {_BYTES}", place=Place(str(path)), remedy="restore it"
        )
    return Secret(data)
