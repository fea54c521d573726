"""Keys in PEM (RFC 7468): what is no key is refused in one way, whichever of the library's errors says so."""

from __future__ import annotations

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

_NO_KEY = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
"""What the library raises for bytes that are no key: a single flipped bit is enough for each of them."""


def private_key_in(data: bytes) -> PrivateKeyTypes:
    """The private key, not encrypted, in PEM. Raises ``ValueError``."""
    try:
        return load_pem_private_key(data, password=None)
    except _NO_KEY as problem:
        raise ValueError(str(problem)) from problem


def public_key_in(data: bytes) -> PublicKeyTypes:
    """The public key in PEM. Raises ``ValueError``."""
    try:
        return load_pem_public_key(data)
    except _NO_KEY as problem:
        raise ValueError(str(problem)) from problem
