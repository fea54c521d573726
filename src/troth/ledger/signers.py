"""Private keys that sign checkpoints, and the files they lie in (PKCS #8 PEM, mode 0600).

Who can read such a file can sign as the log or the witness it belongs to; who can replace it can only make one whose
signatures nobody trusts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from troth.disk.durable import write_new
from troth.errors import LedgerError, Place, UsageError
from troth.proof.checkpoint import Checkpoint
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, Note, SignatureLine, Vkey, make_vkey
from troth.proof.pem import private_key_in
from troth.proof.signatures import signed_message


class Signer(Protocol):
    """A private key with a name that signs the text of a checkpoint."""

    @property
    def vkey(self) -> Vkey:
        """The name and the public key, as verifiers are given them."""

    def sign(self, text: str, timestamp: int) -> SignatureLine:
        """The line under the text. ``timestamp`` is in seconds since 1970, UTC; kind 0x01 does not sign it."""


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A log's Ed25519 key (kind 0x01)."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)
    vkey: Vkey = field(init=False)

    def __post_init__(self) -> None:
        public = self.private.public_key().public_bytes_raw()
        object.__setattr__(self, "vkey", make_vkey(self.name, ED25519, public))

    def sign(self, text: str, timestamp: int) -> SignatureLine:  # noqa: ARG002 — this kind signs no time
        """Sign the text alone."""
        return _line(self.vkey, self.private.sign(signed_message(self.vkey, text, None)))


@dataclass(frozen=True, slots=True)
class CosignatureSigner:
    """A cosigner's Ed25519 key (kind 0x04)."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)
    vkey: Vkey = field(init=False)

    def __post_init__(self) -> None:
        public = self.private.public_key().public_bytes_raw()
        object.__setattr__(self, "vkey", make_vkey(self.name, COSIGNATURE, public))

    def sign(self, text: str, timestamp: int) -> SignatureLine:
        """Sign the text and the time."""
        return _timed_line(self.vkey, self.private, text, timestamp)


@dataclass(frozen=True, slots=True)
class MlDsaSigner:
    """An ML-DSA-44 key (kind 0x06)."""

    name: str
    private: MLDSA44PrivateKey = field(repr=False)
    vkey: Vkey = field(init=False)

    def __post_init__(self) -> None:
        public = self.private.public_key().public_bytes_raw()
        object.__setattr__(self, "vkey", make_vkey(self.name, ML_DSA_44, public))

    def sign(self, text: str, timestamp: int) -> SignatureLine:
        """Sign the name, the time, and the origin, size and root of the text."""
        return _timed_line(self.vkey, self.private, text, timestamp)


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer], timestamp: int) -> bytes:
    """The signed note of a checkpoint, with a line of each signer in their order (C2SP tlog-checkpoint).

    ``timestamp`` is in seconds since 1970, UTC. Raises ``ValueError`` without signers.
    """
    if not signers:
        raise ValueError("a checkpoint is signed by at least one key")
    text = checkpoint.text()
    return Note(text, tuple(signer.sign(text, timestamp) for signer in signers)).data()


def new_log_key(path: Path, kind: int) -> None:
    """Make a private key of a kind (0x01, 0x04 or 0x06), and write it durably with mode 0600.

    The operating system's randomness makes it. Raises `UsageError` where the file exists, and `LedgerError` where it
    cannot be written.
    """
    private: Ed25519PrivateKey | MLDSA44PrivateKey
    private = MLDSA44PrivateKey.generate() if kind == ML_DSA_44 else Ed25519PrivateKey.generate()
    _write_new(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def load_signer(path: Path, name: str, kind: int) -> Signer:
    """The signer of a key file under a name, for signatures of a kind (0x01, 0x04 or 0x06).

    Raises `UsageError` where the file is missing or holds no key for that kind.
    """
    private = _load(path)
    if kind == ML_DSA_44 and isinstance(private, MLDSA44PrivateKey):
        return MlDsaSigner(name, private)
    if kind == ED25519 and isinstance(private, Ed25519PrivateKey):
        return Ed25519Signer(name, private)
    if kind == COSIGNATURE and isinstance(private, Ed25519PrivateKey):
        return CosignatureSigner(name, private)
    wanted = "an ML-DSA-44" if kind == ML_DSA_44 else "an Ed25519"
    raise UsageError(f"this is not {wanted} key", place=Place(str(path)), remedy=_RESTORE)


_RESTORE = "put the key file back from where it is kept safe"


def _line(vkey: Vkey, signature: bytes) -> SignatureLine:
    return SignatureLine(vkey.name, vkey.key_id, signature)


def _timed_line(
    vkey: Vkey, private: Ed25519PrivateKey | MLDSA44PrivateKey, text: str, timestamp: int
) -> SignatureLine:
    signature = private.sign(signed_message(vkey, text, timestamp))
    return _line(vkey, timestamp.to_bytes(8, "big") + signature)


def _load(path: Path) -> object:
    try:
        return private_key_in(path.read_bytes())
    except OSError as problem:
        raise UsageError(
            f"the key cannot be read: {problem.strerror}", place=Place(str(path)), remedy=_RESTORE
        ) from problem
    except ValueError as problem:
        raise UsageError("this is not a private key", place=Place(str(path)), remedy=_RESTORE) from problem


def _write_new(path: Path, secret: bytes) -> None:
    try:
        write_new(path, secret, 0o600)
    except FileExistsError:
        raise UsageError(
            "the file exists", place=Place(str(path)), remedy="choose another; a key is never overwritten"
        ) from None
    except OSError as problem:
        raise LedgerError(
            f"the key cannot be written: {problem.strerror}",
            place=Place(str(path)),
            remedy="make room or mend the permissions, and make the key again",
        ) from problem
