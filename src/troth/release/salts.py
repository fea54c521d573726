"""Salts of rows: HKDF-SHA256 (RFC 5869) from one secret, so that a build has the same bytes every time.

With a signing key the secret is the private key: who does not have it cannot guess the content of a row from
its leaf. Without one the secret is the seed, and whoever has the inputs can compute every salt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

SALT_BYTES = 32
_INFO = b"troth:row-salt:1\x00"
_UNSIGNED = b"troth:unsigned:1\x00"
_BLOCK = 64


def secret_of_seed(seed: int) -> bytes:
    """The input key material of an unsigned release: no secret at all, only a name for the seed."""
    return _UNSIGNED + str(seed).encode()


def salt_key(secret: bytes, inputs_digest: str) -> bytes:
    """HKDF-Extract: the 32-byte key from which the salts of one build are expanded.

    ``secret`` is the 32 bytes of the Ed25519 private key (RFC 8032), or `secret_of_seed`; the HKDF salt is
    the digest of the inputs, as 32 bytes.
    """
    return hmac.digest(bytes.fromhex(inputs_digest.removeprefix("sha256:")), secret, "sha256")


def row_salts(key: bytes, records: Sequence[str]) -> list[bytes]:
    """HKDF-Expand to 32 bytes for each record id: HMAC-SHA256(key, info || id || 0x01)."""
    inner = key.ljust(_BLOCK, b"\0").translate(_XOR_INNER) + _INFO
    outer = key.ljust(_BLOCK, b"\0").translate(_XOR_OUTER)
    sha256 = hashlib.sha256
    return [sha256(outer + sha256(inner + record.encode() + b"\x01").digest()).digest() for record in records]


_XOR_INNER = bytes(byte ^ 0x36 for byte in range(256))
_XOR_OUTER = bytes(byte ^ 0x5C for byte in range(256))
