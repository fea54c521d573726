"""Whatever is no key in PEM is refused in one way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from troth.errors import UsageError
from troth.proof.pem import private_key_in, public_key_in
from troth.web.access.keys import read_public_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SECRET = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
POST_QUANTUM = MLDSA44PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("whole", "read"), [(PUBLIC, public_key_in), (SECRET, private_key_in), (POST_QUANTUM, private_key_in)]
)
def test_a_flipped_bit_makes_another_key_or_none(whole: bytes, read: Callable[[bytes], object]) -> None:
    refused = 0
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read(bytes(flipped))
        except ValueError:
            refused += 1
    assert refused > len(whole) * 8 // 2


def test_an_encrypted_key_is_none_that_can_be_read() -> None:
    sealed = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a word"))
    with pytest.raises(ValueError, match="encrypted"):
        private_key_in(sealed)


def test_a_key_that_a_product_gives_is_refused_by_name_whichever_bit_is_wrong() -> None:
    refused = 0
    for bit in range(len(PUBLIC) * 8):
        flipped = bytearray(PUBLIC)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read_public_key(flipped.decode("latin-1"))
        except UsageError:
            refused += 1
    assert refused > len(PUBLIC) * 4
