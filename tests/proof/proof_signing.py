"""Keys that sign notes, for the tests of what checks them: made with `cryptography` alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from troth.proof.checkpoint import Checkpoint
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, Note, SignatureLine, Vkey, make_vkey

NOW = 1_763_800_000


@dataclass(frozen=True)
class Key:
    """A private key under a name."""

    vkey: Vkey
    private: Ed25519PrivateKey | MLDSA44PrivateKey

    def line(self, text: str, at: int = NOW) -> SignatureLine:
        """The signature line, made from the words of the specification and not from the code under test."""
        stamp = b"" if self.vkey.kind == ED25519 else at.to_bytes(8, "big")
        return SignatureLine(
            self.vkey.name, self.vkey.key_id, stamp + self.private.sign(self.message(text, at))
        )

    def message(self, text: str, at: int) -> bytes:
        if self.vkey.kind == ED25519:
            return text.encode()
        if self.vkey.kind == COSIGNATURE:
            return b"cosignature/v1\ntime %d\n" % at + text.encode()
        origin, size, root = text.split("\n")[:3]
        name = self.vkey.name.encode()
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name + at.to_bytes(8, "big")
        message += bytes([len(origin.encode())]) + origin.encode() + bytes(8) + int(size).to_bytes(8, "big")
        return message + base64.b64decode(root)


def key(name: str, kind: int = ED25519, seed: int = 0) -> Key:
    """A key that is always the same for the same name, kind and seed."""
    secret = hashlib.sha256(f"{name}/{kind}/{seed}".encode()).digest()
    private: Ed25519PrivateKey | MLDSA44PrivateKey
    if kind == ML_DSA_44:
        private = MLDSA44PrivateKey.from_seed_bytes(secret)
    else:
        private = Ed25519PrivateKey.from_private_bytes(secret)
    return Key(make_vkey(name, kind, private.public_key().public_bytes_raw()), private)


def signed(checkpoint: Checkpoint, *keys: Key, at: int = NOW) -> bytes:
    """The checkpoint as a note, signed with each key."""
    return note(checkpoint.text(), *keys, at=at)


def note(text: str, *keys: Key, at: int = NOW) -> bytes:
    """A text as a note, signed with each key."""
    return Note(text, tuple(one.line(text, at) for one in keys)).data()
