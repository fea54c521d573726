"""The Merkle tree over the rows of a shard: RFC 6962, section 2.1, with a salt in each leaf."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf(salt: bytes, row: bytes) -> bytes:
    """SHA-256(0x00 || salt || canonical row)."""
    return hashlib.sha256(b"\x00" + salt + row).digest()


def leaves(salts: Iterable[bytes], rows: Iterable[bytes]) -> list[bytes]:
    """The leaf of each row. Raises ``ValueError`` where there are more rows than salts, or fewer."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + salt + row).digest() for salt, row in zip(salts, rows, strict=True)]


def root(hashes: list[bytes]) -> bytes:
    """The root over leaf hashes in order. A node is SHA-256(0x01 || left || right).

    Working level by level with an odd last hash carried up unchanged gives the split of RFC 6962: the left
    part of every tree is the largest power of two below its size.
    """
    if not hashes:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    level = hashes
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]
