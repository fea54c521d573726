"""The leaves of the Merkle tree over the rows of a shard: RFC 6962, section 2.1, with a salt in each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def leaf(salt: bytes, row: bytes) -> bytes:
    """SHA-256(0x00 || salt || canonical row)."""
    return hashlib.sha256(b"\x00" + salt + row).digest()


def leaves(salts: Iterable[bytes], rows: Iterable[bytes]) -> list[bytes]:
    """The leaf of each row. Raises ``ValueError`` where there are more rows than salts, or fewer."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + salt + row).digest() for salt, row in zip(salts, rows, strict=True)]
