"""Sealing: what comes out is what went in, under that key, in that context, unchanged, or nothing is."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import VerificationError
from troth.vault.mac import Mac
from troth.vault.sealing import KINDS, Sealer, context, fingerprint, open_sealed, padded, seal

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
keys = st.binary(min_size=32, max_size=32)
plaintexts = st.binary(max_size=300) | st.integers(0, 20_000).map(lambda size: b"\x80" * size)
contexts = st.builds(context, st.sampled_from(KINDS), st.text(st.characters(codec="utf-8"), max_size=20))


@given(keys, contexts, plaintexts)
def test_what_was_sealed_opens(key: bytes, where: bytes, plaintext: bytes) -> None:
    sealed = seal(key, where, plaintext)
    assert open_sealed(key, where, sealed) == plaintext
    assert open_sealed(key, where, memoryview(sealed)) == plaintext


@given(keys, contexts, plaintexts)
def test_the_same_gives_the_same_bytes_and_their_number_tells_only_the_bucket(
    key: bytes, where: bytes, plaintext: bytes
) -> None:
    sealed = seal(key, where, plaintext)
    assert sealed == Sealer(key).seal(where, plaintext)
    assert len(sealed) == 1 + 16 + 12 + padded(len(plaintext)) + 16


@given(st.integers(0, 100_000))
def test_buckets_have_room_for_the_mark_and_are_few(length: int) -> None:
    bucket = padded(length)
    assert bucket > length
    assert bucket in (64, 128, 256, 512, 1024, 2048, 4096) or bucket % 4096 == 0
    assert padded(length + 1) >= bucket
    assert bucket == 64 or padded(bucket - 1) == bucket


@given(contexts, contexts, plaintexts, plaintexts)
def test_no_two_pieces_share_a_nonce(one: bytes, other: bytes, first: bytes, second: bytes) -> None:
    same = (one, first) == (other, second)
    assert (fingerprint(seal(KEY, one, first)) == fingerprint(seal(KEY, other, second))) is same


def test_the_bytes_are_those_of_the_format() -> None:
    def mac(message: bytes) -> bytes:
        return hmac.digest(KEY, message, "sha256")

    where, plaintext = context("segment", "talk/0"), b"pears"
    hashed = AESGCM(mac(b"troth:hash:1")).encrypt(bytes(12), b"", plaintext)
    nonce = mac(b"troth:nonce:1" + where + hashed)[:12]
    whole = plaintext + b"\x80" + bytes(58)
    encrypted = AESGCM(mac(b"troth:seal:1")).encrypt(nonce, whole, where)
    assert seal(KEY, where, plaintext) == b"\x01" + mac(b"troth:commit:1")[:16] + nonce + encrypted


def test_another_key_is_told_by_the_commitment() -> None:
    with pytest.raises(VerificationError, match="under another key"):
        open_sealed(OTHER, b"here", seal(KEY, b"here", b"pears"))


def test_the_commitment_put_over_another_key_does_not_open() -> None:
    ours, theirs = seal(KEY, b"here", b"pears"), seal(OTHER, b"here", b"pears")
    with pytest.raises(VerificationError, match="changed"):
        open_sealed(KEY, b"here", ours[:17] + theirs[17:])


def test_another_context_is_refused() -> None:
    with pytest.raises(VerificationError, match="another record"):
        open_sealed(KEY, context("segment", "a"), seal(KEY, context("segment", "b"), b"pears"))


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal(KEY, b"here", b"pears")
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises(VerificationError):
                open_sealed(KEY, b"here", bytes(changed))


def test_every_shorter_and_longer_piece_is_refused() -> None:
    sealed = seal(KEY, b"here", b"pears")
    for length in range(len(sealed)):
        with pytest.raises(VerificationError):
            open_sealed(KEY, b"here", sealed[:length])
    with pytest.raises(VerificationError):
        open_sealed(KEY, b"here", sealed + b"\x00")


@pytest.mark.parametrize(
    "whole",
    [
        bytes(64),
        b"",
        b"pears",
        b"pears\x80" + bytes(122),
        b"pears\x80" + bytes(57) + b"\x01",
        b"pears\x80" + bytes(10),
    ],
    ids=["no mark", "nothing", "not padded", "a larger bucket", "not zeros", "no bucket"],
)
def test_who_has_the_key_cannot_pad_in_another_way(whole: bytes) -> None:
    encrypted = AESGCM(hmac.digest(KEY, b"troth:seal:1", "sha256")).encrypt(bytes(12), whole, b"here")
    sealed = seal(KEY, b"here", b"")[:17] + bytes(12) + encrypted
    with pytest.raises(VerificationError):
        open_sealed(KEY, b"here", sealed)


def test_a_key_has_32_bytes() -> None:
    for size in (0, 16, 31, 33):
        with pytest.raises(ValueError, match="32 bytes"):
            Sealer(bytes(size))


parts = st.lists(st.text(st.characters(codec="utf-8"), max_size=6), max_size=4)


@given(st.sampled_from(KINDS), parts, st.sampled_from(KINDS), parts)
def test_two_contexts_are_the_same_only_where_all_parts_are(
    kind: str, one: list[str], other_kind: str, other: list[str]
) -> None:
    assert (context(kind, *one) == context(other_kind, *other)) is ((kind, one) == (other_kind, other))


def test_nothing_of_another_kind_is_sealed() -> None:
    with pytest.raises(ValueError, match="kind"):
        context("secret", "a")


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_the_mac_is_hmac(key: bytes, message: bytes) -> None:
    assert Mac(key).digest(message) == hmac.new(key, message, hashlib.sha256).digest()


def test_a_key_that_hmac_would_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        Mac(bytes(65))
