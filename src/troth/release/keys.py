"""Ed25519 signing keys in two files: ``NAME.key`` (PKCS #8 PEM, mode 0600) and ``NAME.pub`` (SPKI PEM).

Whoever can read ``NAME.key`` can sign releases and guess salted rows. Whoever can replace ``NAME.pub`` on the
way to a verifier can make them trust another key: hand it over by a way of its own.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from troth.disk.durable import sync_folder
from troth.errors import Place, ReleaseError, UsageError, VerificationError
from troth.proof.pem import private_key_in, public_key_in


def new_key(name: str | Path, private: Ed25519PrivateKey | None = None) -> tuple[Path, Path]:
    """Write ``NAME.key`` with mode 0600 and ``NAME.pub`` beside it, durably; return both paths.

    ``private`` is a key made beforehand; without one the operating system's randomness makes one. Raises
    `UsageError` where either file exists, and `ReleaseError` where they cannot be written.
    """
    private = private or Ed25519PrivateKey.generate()
    secret_file, public_file = Path(f"{name}.key"), Path(f"{name}.pub")
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if public_file.exists():
        raise UsageError(f"{public_file} exists", remedy="choose another name; a key is never overwritten")
    _write_new(secret_file, secret, 0o600)
    _write_new(public_file, public, 0o644)
    return secret_file, public_file


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a ``NAME.key`` file. Raises `UsageError`."""
    try:
        key = private_key_in(_read(path))
    except ValueError as problem:
        remedy = "give the NAME.key of `troth keys new NAME`"
        raise UsageError("this is not a private key", place=Place(str(path)), remedy=remedy) from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("this is not an Ed25519 key", place=Place(str(path)), remedy="use `troth keys new`")
    return key


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The public key of a ``NAME.pub`` file. Raises `UsageError`."""
    try:
        key = public_key_in(_read(path))
    except ValueError as problem:
        remedy = "give the NAME.pub of `troth keys new NAME`"
        raise UsageError("this is not a public key", place=Place(str(path)), remedy=remedy) from problem
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError("this is not an Ed25519 key", place=Place(str(path)), remedy="use `troth keys new`")
    return key


def key_id(public: Ed25519PublicKey) -> str:
    """The hexadecimal SHA-256 of the key's SubjectPublicKeyInfo in DER."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def secret_of_key(private: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the private key (RFC 8032), from which salts are derived."""
    return private.private_bytes_raw()


def check_signature(public: Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    """Raise `VerificationError` unless the signature over the message is the key's."""
    try:
        public.verify(signature, message)
    except InvalidSignature:
        raise VerificationError(f"the signature was not made with the key {key_id(public)[:16]}…") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        remedy = "make a key with `troth keys new NAME`"
        raise UsageError(
            f"the key cannot be read: {problem.strerror}", place=Place(str(path)), remedy=remedy
        ) from problem


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UsageError(f"{path} exists", remedy="choose another name; a key is never overwritten") from None
    except OSError as problem:
        raise ReleaseError(f"cannot write {path}: {problem.strerror}") from problem
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError as problem:
        path.unlink(missing_ok=True)
        raise ReleaseError(f"cannot write {path}: {problem.strerror}") from problem
