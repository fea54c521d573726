"""A PKCS#11 token, as far as a root keeper needs it: AES keys that the token made and never gives out.

Whoever has the token and its PIN can use and destroy its keys, and cannot take them out of it.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.types import SecretKey, Session

from troth.errors import VaultError
from troth.vault.keys.wrapped import WrappedRoot

_NONCE_BYTES = 12
_LOCKED_IN = (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.LOCAL)
"""What must be true of a key of which no copy was ever outside of the token (PKCS#11, secret key attributes)."""
_TURN = Lock()
"""A login holds for all sessions that a process has with a token, so that only one is open at a time."""

# Keys are Any here: what a key can do is known only from the token, and the package's types leave it open.


@contextmanager
def session(module: str, token: str, pin: str) -> Iterator[Session]:
    """A session with the token of a label, logged in, by its maker's library, the file ``module``.

    Afterwards the library is let go, so that no login outlives its use and a process may fork. Whatever the token refuses
    inside is raised as `VaultError`.
    """
    with _TURN:
        try:
            library = pkcs11.lib(module)
            try:
                found = library.get_token(token_label=token)
                with closing(found.open(rw=True, user_pin=pin)) as opened:
                    yield opened
            finally:
                library.finalize()
        except pkcs11.PKCS11Error as problem:
            what, remedy = _plain(problem)
            said = str(problem) or type(problem).__name__
            raise VaultError(f"the token {token!r} {what} ({said})", remedy=remedy) from problem


def make_key(opened: Session, root: WrappedRoot) -> Any:
    """A new key on the token, with the root's mark for its id. Raises `VaultError` where the token would give it out."""
    key = opened.generate_key(
        KeyType.AES,
        256,
        id=bytes.fromhex(root.mark),
        label=_label(root.version),
        store=True,
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
        template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    if not all(key[attribute] for attribute in _LOCKED_IN):
        key.destroy()
        raise VaultError(
            "the token made a key that it would give out",
            remedy="use a token that keeps sensitive keys, or set it up so",
        )
    return key


def keys_of(opened: Session, version: int, mark: str) -> list[Any]:
    """The keys on the token with a mark, by their id; only those that this keeper labelled."""
    wanted = {
        Attribute.CLASS: ObjectClass.SECRET_KEY,
        Attribute.ID: bytes.fromhex(mark),
        Attribute.LABEL: _label(version),
    }
    return [found for found in opened.get_objects(wanted) if isinstance(found, SecretKey)]


def wrap(key: Any, root: WrappedRoot, content: bytes) -> str:
    """The content under a key (AES-256-GCM, random nonce before it), bound to the root's version and mark."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = key.encrypt(content, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, root))
    return base64.b64encode(nonce + sealed).decode()


def unwrap(key: Any, root: WrappedRoot) -> bytes:
    """The content of a wrapped root. Raises `VaultError` where it is damaged or of another key."""
    try:
        sealed = base64.b64decode(root.wrapped, validate=True)
        opened = key.decrypt(
            sealed[_NONCE_BYTES:],
            mechanism=Mechanism.AES_GCM,
            mechanism_param=_parameters(sealed[:_NONCE_BYTES], root),
        )
    except (binascii.Error, *_NOT_OPENED) as problem:
        raise VaultError(
            f"the token does not open version {root.version} of the wrapped root: it is damaged, or of another key",
            remedy="restore its file from a backup, or open the keyring with another keeper of its root",
        ) from problem
    return bytes(opened)


def check_unusable(keys: Sequence[Any], root: WrappedRoot) -> None:
    """Raise `VaultError` where a key that was destroyed still opens the root."""
    for key in keys:
        try:
            unwrap(key, root)
        except (VaultError, pkcs11.PKCS11Error):
            continue
        raise VaultError(
            f"the token destroyed the key of version {root.version} of the root, and still opens it",
            remedy=f"destroy the key with the token's own tools: its id is {root.mark}",
        )


def _label(version: int) -> str:
    return f"troth root {version}"


def _parameters(nonce: bytes, root: WrappedRoot) -> GCMParams:
    return GCMParams(nonce, f"troth:wrapped-root:1 {root.version} {root.mark}".encode(), 128)


_NOT_OPENED = (
    pkcs11.EncryptedDataInvalid,
    pkcs11.EncryptedDataLenRange,
    pkcs11.DataInvalid,
    pkcs11.DataLenRange,
    pkcs11.ArgumentsBad,
    pkcs11.FunctionFailed,
    pkcs11.GeneralError,
)
"""What tokens say of ciphertext that does not open: PKCS#11 leaves them some choice."""


def _plain(problem: pkcs11.PKCS11Error) -> tuple[str, str]:
    if isinstance(problem, pkcs11.PinIncorrect | pkcs11.PinInvalid | pkcs11.PinLenRange):
        return "refuses the PIN", "set the right PIN in the environment; a few wrong ones lock the token"
    if isinstance(problem, pkcs11.PinLocked):
        return "is locked after too many wrong PINs", "unlock it with its security officer's PIN"
    if isinstance(problem, pkcs11.NoSuchToken | pkcs11.TokenNotPresent | pkcs11.TokenNotRecognised):
        return "is not there", "attach it, and look at its label; module is its maker's library"
    return (
        "or its library cannot be used",
        "look at module and token in troth.toml, and try the token with its tools",
    )
