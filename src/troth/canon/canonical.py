"""Canonical JSON (RFC 8785) and SHA-256 digests of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import rfc8785


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 JSON of a value made of dicts, lists, strings, numbers, booleans and None.

    Raises ``rfc8785.CanonicalizationError`` for anything else, and for integers beyond 2^53.
    """
    return rfc8785.dumps(value)


def digest_of(value: Any) -> str:
    """``sha256:`` and the hexadecimal digest of the canonical bytes of a value."""
    return digest_of_bytes(canonical_bytes(value))


def digest_of_bytes(data: bytes) -> str:
    """``sha256:`` and the hexadecimal digest of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of_file(path: Path) -> str:
    """``sha256:`` and the hexadecimal digest of a file, read in pieces."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
