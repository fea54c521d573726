"""Keys in files."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from troth.errors import ReleaseError, UsageError
from troth.release.keys import key_id, load_private_key, load_public_key, new_key, secret_of_key


def test_a_new_key_is_two_files_and_only_its_owner_reads_the_private_one(tmp_path: Path) -> None:
    secret, public = new_key(tmp_path / "me")
    assert (secret.name, public.name) == ("me.key", "me.pub")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    private = load_private_key(secret)
    assert load_public_key(public).public_bytes_raw() == private.public_key().public_bytes_raw()
    assert len(secret_of_key(private)) == 32
    assert secret.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert public.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----")


def test_the_id_of_a_key_is_the_digest_of_its_spki() -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_id(public) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("name", ["me.key", "me.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match="never overwritten"):
        new_key(tmp_path / "me")
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_name_with_a_dot_keeps_it(tmp_path: Path) -> None:
    secret, _ = new_key(tmp_path / "team.2026")
    assert secret.name == "team.2026.key"


def test_a_key_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="cannot write"):
        new_key(tmp_path / "no" / "where")


def test_what_is_no_key_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "x.key"
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_private_key(path)
    path.write_text("hello")
    with pytest.raises(UsageError, match=r"x\.key: this is not a private key"):
        load_private_key(path)
    with pytest.raises(UsageError, match="this is not a public key"):
        load_public_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UsageError, match="not an Ed25519 key"):
        load_private_key(path)
    path.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UsageError, match="not an Ed25519 key"):
        load_public_key(path)


def test_a_flipped_bit_makes_another_key_or_none(tmp_path: Path) -> None:
    secret, public = new_key(tmp_path / "me")
    for path, load in ((secret, load_private_key), (public, load_public_key)):
        whole, refused = path.read_bytes(), 0
        for bit in range(len(whole) * 8):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            try:
                load(path)  # type: ignore[operator]
            except UsageError as problem:
                assert path.name in str(problem)  # noqa: PT017 — some bits make another key
                refused += 1
        assert refused > len(whole) * 8 // 2
