"""Keys that sign checkpoints: what they sign holds, and their files are kept safe."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import LedgerError, UsageError, VerificationError
from troth.ledger.signers import (
    CosignatureSigner,
    Ed25519Signer,
    MlDsaSigner,
    Signer,
    load_signer,
    new_log_key,
    sign_checkpoint,
)
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, SignatureLine, read_vkey
from troth.proof.signatures import check_line

KINDS = (ED25519, COSIGNATURE, ML_DSA_44)
SEED = bytes(range(32))
SIGNERS: dict[int, Signer] = {
    ED25519: Ed25519Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(SEED)),
    COSIGNATURE: CosignatureSigner("example.org/w1", Ed25519PrivateKey.from_private_bytes(SEED)),
    ML_DSA_44: MlDsaSigner("example.org/w1", MLDSA44PrivateKey.from_seed_bytes(SEED)),
}
CHECKPOINT = Checkpoint("example.org/log", 7, bytes(range(32)))

checkpoints = st.builds(
    Checkpoint, st.just("example.org/log"), st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32)
)


@pytest.mark.parametrize("kind", KINDS)
@given(checkpoint=checkpoints, seconds=st.integers(1, 2**63 - 1))
def test_what_a_key_signs_holds_for_its_public_key(kind: int, checkpoint: Checkpoint, seconds: int) -> None:
    signer = SIGNERS[kind]
    line = signer.sign(checkpoint.text(), seconds)
    assert check_line(signer.vkey, checkpoint.text(), line) == (None if kind == ED25519 else seconds)
    assert read_vkey(str(signer.vkey)) == signer.vkey


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_holds_for_no_other_checkpoint(kind: int) -> None:
    signer = SIGNERS[kind]
    line = signer.sign(CHECKPOINT.text(), 1_700_000_000)
    for other in (
        Checkpoint("example.org/log", 8, CHECKPOINT.root),
        Checkpoint("example.org/log", 7, bytes(32)),
        Checkpoint("example.org/other", 7, CHECKPOINT.root),
    ):
        with pytest.raises(VerificationError):
            check_line(signer.vkey, other.text(), line)


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_44])
def test_the_time_of_a_cosignature_cannot_be_changed(kind: int) -> None:
    signer = SIGNERS[kind]
    line = signer.sign(CHECKPOINT.text(), 1_700_000_000)
    later = SignatureLine(line.name, line.key_id, (1_700_000_001).to_bytes(8, "big") + line.signature[8:])
    with pytest.raises(VerificationError):
        check_line(signer.vkey, CHECKPOINT.text(), later)


def test_an_ed25519_signature_is_the_one_that_the_go_library_makes(shared: Path) -> None:
    vectors = json.loads((shared / "data/vectors/golang-mod/vectors.json").read_text(encoding="utf-8"))
    _, _, name, _, key = vectors["note_skey_TEST_ONLY"].split("+", 4)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key)[1:])
    signer = Ed25519Signer(name, private)
    assert str(signer.vkey) == vectors["note_vkey"]
    assert f"{signer.sign(vectors['note_text'], 0)}\n" == vectors["note_sig_line"]


def test_a_checkpoint_is_signed_by_each_key_in_order() -> None:
    log = SIGNERS[ED25519]
    quantum_safe = MlDsaSigner("example.org/log", MLDSA44PrivateKey.from_seed_bytes(SEED))
    note = sign_checkpoint(CHECKPOINT, [log, quantum_safe], 1_700_000_000)
    signed = check_signed(note, [log.vkey, quantum_safe.vkey])
    assert signed.checkpoint == CHECKPOINT
    assert signed.signers == (log.vkey, quantum_safe.vkey)


def test_a_checkpoint_without_signers_is_not_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        sign_checkpoint(CHECKPOINT, [], 1_700_000_000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signer_does_not_show_its_secret(kind: int) -> None:
    assert "private" not in repr(SIGNERS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_key_is_read_back_and_only_its_owner_may_read_it(kind: int, tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    old = os.umask(0)
    try:
        new_log_key(file, kind)
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    signer = load_signer(file, "example.org/log", kind)
    assert (signer.vkey.name, signer.vkey.kind) == ("example.org/log", kind)
    assert load_signer(file, "example.org/log", kind).vkey == signer.vkey
    check_line(signer.vkey, CHECKPOINT.text(), signer.sign(CHECKPOINT.text(), 1_700_000_000))


def test_two_new_keys_differ(tmp_path: Path) -> None:
    new_log_key(tmp_path / "a", ML_DSA_44)
    new_log_key(tmp_path / "b", ML_DSA_44)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    new_log_key(file, ED25519)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="never overwritten"):
        new_log_key(file, ED25519)
    assert file.read_bytes() == before


def test_a_key_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        new_log_key(tmp_path / "no folder" / "log.key", ED25519)


def test_a_disk_that_is_full_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match="No space left"):
        new_log_key(tmp_path / "log.key", ED25519)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("made", "wanted"), [(ED25519, ML_DSA_44), (ML_DSA_44, ED25519), (ML_DSA_44, COSIGNATURE)]
)
def test_a_key_of_another_kind_is_refused(made: int, wanted: int, tmp_path: Path) -> None:
    new_log_key(tmp_path / "log.key", made)
    with pytest.raises(UsageError, match="this is not an"):
        load_signer(tmp_path / "log.key", "example.org/log", wanted)


@pytest.mark.parametrize("kind", [ED25519, ML_DSA_44])
def test_a_flipped_bit_makes_another_key_or_none(kind: int, tmp_path: Path) -> None:
    new_log_key(tmp_path / "log.key", kind)
    whole, refused = (tmp_path / "log.key").read_bytes(), 0
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (tmp_path / "log.key").write_bytes(flipped)
        try:
            load_signer(tmp_path / "log.key", "example.org/log", kind)
        except UsageError as problem:
            assert "log.key" in str(problem)  # noqa: PT017 — some bits make another key
            refused += 1
    assert refused > len(whole) * 8 // 2


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    plain = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    for damage in (b"", b"\x00\xff", b"log.key", plain[:60], plain.replace(b"M", b"N", 1), locked):
        file.write_bytes(damage)
        with pytest.raises(UsageError, match="not a private key"):
            load_signer(file, "example.org/log", ED25519)
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(other)
    with pytest.raises(UsageError, match="not an Ed25519 key"):
        load_signer(file, "example.org/log", ED25519)


def test_a_missing_key_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"log\.key: the key cannot be read.*put the key file back"):
        load_signer(tmp_path / "log.key", "example.org/log", ED25519)
