"""What each kind of key signs (C2SP signed-note and tlog-cosignature)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from proof_signing import NOW, Key, key

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, SignatureLine, Vkey, make_vkey
from troth.proof.signatures import check_line, signed_message

KINDS = [ED25519, COSIGNATURE, ML_DSA_44]
TEXT = Checkpoint("example.com/log", 7, bytes(range(32))).text()


def wycheproof(shared: Path) -> list[tuple[int, bytes, bytes, bytes, bool]]:
    whole = json.loads((shared / "data/vectors/wycheproof/ed25519_test.json").read_text())
    return [
        (
            test["tcId"],
            bytes.fromhex(group["publicKey"]["pk"]),
            bytes.fromhex(test["msg"]),
            bytes.fromhex(test["sig"]),
            test["result"] == "valid",
        )
        for group in whole["testGroups"]
        for test in group["tests"]
    ]


def test_the_published_ed25519_signatures_hold_or_not_as_they_should(shared: Path) -> None:
    """Messages that are texts go through the check of a line, the others through the call that it makes."""
    cases = wycheproof(shared)
    assert len(cases) == 121
    texts = [case for case in cases if is_text(case[2])]
    assert {holds for *_, holds in texts} == {True, False}
    assert [number for number, *case in texts if line_holds(*case[:3]) != case[3]] == []
    assert [number for number, *case in cases if call_holds(*case[:3]) != case[3]] == []


def is_text(message: bytes) -> bool:
    try:
        return bool(message.decode() or True)
    except UnicodeDecodeError:
        return False


def line_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    vkey = make_vkey("example.com/key", ED25519, public)
    try:
        check_line(vkey, message.decode(), SignatureLine(vkey.name, vkey.key_id, signature))
    except VerificationError:
        return False
    return True


def call_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_holds_and_tells_its_time(kind: int) -> None:
    signer = key("example.com/w", kind)
    assert check_line(signer.vkey, TEXT, signer.line(TEXT)) == (None if kind == ED25519 else NOW)
    assert signed_message(signer.vkey, TEXT, NOW) == signer.message(TEXT, NOW)


def test_the_message_of_a_cosignature_is_that_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    vkey = key("witness.example.com/w1", COSIGNATURE).vkey
    assert signed_message(vkey, text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()


def test_the_message_of_an_ml_dsa_44_cosignature_is_the_struct_of_the_specification() -> None:
    message = signed_message(key("w", ML_DSA_44).vkey, "log\n258\n" + "AA" * 21 + "A=\n", 1)
    assert message.hex() == (
        "737562747265652f76310a00"  # label: "subtree/v1\n\0"
        "0177"  # cosigner_name: "w"
        "0000000000000001"  # timestamp
        "036c6f67"  # log_origin: "log"
        "0000000000000000"  # start
        "0000000000000102" + "00" * 32  # end, hash
    )


def test_ml_dsa_44_leaves_extension_lines_unsigned_and_cosignature_v1_signs_them() -> None:
    extended = TEXT + "more\n"
    old, new = key("w", COSIGNATURE), key("w", ML_DSA_44)
    assert signed_message(new.vkey, extended, 5) == signed_message(new.vkey, TEXT, 5)
    with pytest.raises(VerificationError, match="does not hold"):
        check_line(old.vkey, extended, old.line(TEXT))


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_44])
@pytest.mark.parametrize("text", ["not a checkpoint\n", "log\n1\n", "log\n1\nAA==\n"])
def test_a_cosignature_is_for_checkpoints_only(kind: int, text: str) -> None:
    signer = key("w", kind)
    line = SignatureLine("w", signer.vkey.key_id, bytes(72 if kind == COSIGNATURE else 2428))
    with pytest.raises(VerificationError, match="checkpoint"):
        check_line(signer.vkey, text, line)


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_44])
@pytest.mark.parametrize("timestamp", [None, -1, 2**63])
def test_a_time_outside_of_the_specification_is_refused(kind: int, timestamp: int | None) -> None:
    signer = key("w", kind)
    with pytest.raises(VerificationError, match="needs a time"):
        signed_message(signer.vkey, TEXT, timestamp)


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_44])
def test_a_time_of_2_to_63_is_refused_even_when_signed(kind: int) -> None:
    signer = key("w", kind)
    with pytest.raises(VerificationError, match="needs a time"):
        check_line(signer.vkey, TEXT, signer.line(TEXT, at=2**63))


def changed_lines(signer: Key) -> list[SignatureLine]:
    line = signer.line(TEXT)
    flips = [0, 7, 8, 40, len(line.signature) - 1]
    changed = [bytearray(line.signature) for _ in flips]
    for one, place in zip(changed, flips, strict=True):
        one[place] ^= 1
    cut = [line.signature[:-1], line.signature + b"\0", line.signature[8:], b"x"]
    return [SignatureLine(line.name, line.key_id, bytes(one)) for one in (*changed, *cut)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_signature_or_time_is_refused(kind: int) -> None:
    signer = key("w", kind)
    for line in changed_lines(signer):
        with pytest.raises(VerificationError, match=r"does not hold|wrong length|needs a time"):
            check_line(signer.vkey, TEXT, line)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_signature_of_one_kind_is_not_one_of_another(kind: int, other: int) -> None:
    if kind == other:
        return
    signer, taken = key("w", kind), key("w", other)
    renamed = SignatureLine("w", taken.vkey.key_id, signer.line(TEXT).signature)
    with pytest.raises(VerificationError):
        check_line(taken.vkey, TEXT, renamed)


def test_an_ml_dsa_44_cosignature_is_bound_to_the_name_of_its_cosigner() -> None:
    signer = key("w", ML_DSA_44)
    other = make_vkey("v", ML_DSA_44, signer.vkey.public)
    with pytest.raises(VerificationError, match="does not hold"):
        check_line(other, TEXT, SignatureLine("v", other.key_id, signer.line(TEXT).signature))


def test_a_line_of_another_key_is_not_checked_under_this_one() -> None:
    with pytest.raises(VerificationError, match="is not of the key"):
        check_line(key("w").vkey, TEXT, key("v").line(TEXT))
    with pytest.raises(VerificationError, match="is not of the key"):
        check_line(key("w", ED25519, 1).vkey, TEXT, key("w").line(TEXT))


@pytest.mark.parametrize(("name", "origin"), [("w" * 256, "log"), ("w", "l" * 256)])
def test_ml_dsa_44_has_room_for_names_of_255_bytes(name: str, origin: str) -> None:
    with pytest.raises(VerificationError, match="1 to 255 bytes"):
        signed_message(key(name, ML_DSA_44).vkey, Checkpoint(origin, 1, bytes(32)).text(), 1)
    signed_message(key(name[:255], ML_DSA_44).vkey, Checkpoint(origin[:255], 1, bytes(32)).text(), 1)


def test_a_key_of_an_unknown_kind_signs_nothing() -> None:
    unknown = Vkey("w", b"abcd", 0x02, bytes(32))
    with pytest.raises(VerificationError, match="no known kind"):
        signed_message(unknown, TEXT, 1)
    with pytest.raises(VerificationError, match="wrong length"):
        check_line(unknown, TEXT, SignatureLine("w", b"abcd", bytes(64)))
