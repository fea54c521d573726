"""Offline proofs that a log holds an entry (C2SP tlog-proof)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_signing import key, signed

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint, Signed
from troth.proof.merkle import inclusion_proof, leaf_hash, leaf_hashes, root_of
from troth.proof.note import COSIGNATURE, LARGEST_NOTE
from troth.proof.policy import policy_of, read_policy
from troth.proof.strict import to_base64
from troth.proof.tlog_proof import TlogProof, check_tlog_proof, read_tlog_proof

LOG, WITNESS = key("example.com/log"), key("w", COSIGNATURE)
LEAVES = leaf_hashes(b"entry %d" % number for number in range(21))
POLICY = read_policy(f"log {LOG.vkey}\nwitness w {WITNESS.vkey}\nquorum w\n")


def proof_of(index: int, size: int = 21, extra: bytes | None = None) -> TlogProof:
    checkpoint = Checkpoint("example.com/log", size, root_of(LEAVES[:size]))
    return TlogProof(index, inclusion_proof(LEAVES[:size], index), signed(checkpoint, LOG, WITNESS), extra)


@given(st.integers(1, 21), st.data(), st.none() | st.binary(min_size=1, max_size=50))
@settings(deadline=None)
def test_a_proof_reads_back_and_holds(size: int, data: Any, extra: bytes | None) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(index, size, extra)
    read = read_tlog_proof(proof.text())
    assert (read, read.text()) == (proof, proof.text())
    checked = check_tlog_proof(read, LEAVES[index], POLICY)
    assert (checked.checkpoint.size, checked.signers) == (size, (LOG.vkey,))
    assert [one for one, _ in checked.cosigned] == [WITNESS.vkey]


def test_another_entry_or_another_place_is_refused() -> None:
    proof = proof_of(5)
    with pytest.raises(VerificationError, match="does not lead to the root"):
        check_tlog_proof(proof, leaf_hash(b"another"), POLICY)
    with pytest.raises(VerificationError, match="does not lead to the root"):
        check_tlog_proof(TlogProof(4, proof.hashes, proof.checkpoint), LEAVES[5], POLICY)
    with pytest.raises(VerificationError, match="there is no entry 21"):
        check_tlog_proof(TlogProof(21, proof.hashes, proof.checkpoint), LEAVES[5], POLICY)
    empty = signed(Checkpoint("example.com/log", 0, root_of([])), LOG, WITNESS)
    with pytest.raises(VerificationError, match="there is no entry 0 in a tree of size 0"):
        check_tlog_proof(TlogProof(0, (), empty), LEAVES[0], POLICY)


def test_a_proof_under_a_checkpoint_of_nobody_trusted_is_refused() -> None:
    with pytest.raises(VerificationError, match="lists no log"):
        check_tlog_proof(proof_of(5), LEAVES[5], policy_of([key("example.com/other").vkey]))
    with pytest.raises(VerificationError, match="no listed key"):
        check_tlog_proof(proof_of(5), LEAVES[5], policy_of([key("example.com/log", seed=1).vkey]))


GOOD = proof_of(5, extra=b"more").text()
HEAD, CHECKPOINT = GOOD.split("\n\n", 1)
FIRST_HASH = HEAD.split("\n")[3]


def checked(text: str) -> tuple[TlogProof, Signed]:
    read = read_tlog_proof(text)
    return read, check_tlog_proof(read, LEAVES[5], POLICY)


@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(0, 7))
@settings(deadline=None, max_examples=400)
def test_a_flipped_bit_is_refused_or_leaves_what_is_proved(place: int, bit: int) -> None:
    """Only the extra data is authenticated by nobody."""
    changed = bytearray(GOOD.encode())
    changed[place] ^= 1 << bit
    try:
        read, proved = checked(changed.decode())
    except (VerificationError, UnicodeDecodeError):
        return
    before, was_proved = checked(GOOD)
    assert proved == was_proved
    assert (read.index, read.hashes) == (before.index, before.hashes)
    assert read.extra != before.extra


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "starts with the line"),
        (GOOD.replace("@v1", "@v2"), "starts with the line"),
        ("\n" + GOOD, "starts with the line"),
        (GOOD.replace("\n", "\r\n"), "starts with the line"),
        (GOOD.replace("extra ", "extra"), "no index line"),
        (GOOD.replace("extra ", "Extra "), "no index line"),
        (GOOD.replace("extra bW9yZQ==", "extra "), "1 to 65536"),
        (GOOD.replace("extra bW9yZQ==", "extra bW9yZR=="), "canonical"),
        (GOOD.replace("extra bW9yZQ==", "extra bW9yZQ== "), "not base64"),
        (GOOD.replace("extra bW9yZQ==", "extra " + to_base64(bytes(65_537))), "1 to 65536"),
        (GOOD.replace("extra bW9yZQ==\n", "extra bW9yZQ==\n" * 2), "no index line"),
        (GOOD.replace("index 5\n", ""), "no index line"),
        (GOOD.replace("index 5", "index  5"), "decimal number"),
        (GOOD.replace("index 5", "index 05"), "decimal number"),
        (GOOD.replace("index 5", "index -5"), "decimal number"),
        (GOOD.replace("index 5", f"index {2**63}"), "larger than"),
        (GOOD.replace("index 5\n", "index 5\nextra bW9yZQ==\n"), "not base64"),
        (GOOD.replace(FIRST_HASH, FIRST_HASH + " "), "not base64"),
        (GOOD.replace(FIRST_HASH, FIRST_HASH[:40]), "32 bytes"),
        (GOOD.replace(FIRST_HASH, f"{FIRST_HASH}\n" * 60 + FIRST_HASH), "more than 63"),
        (HEAD, "a note is"),
        (HEAD + "\n\n", "a note is"),
        (HEAD + "\n" + CHECKPOINT, "a note is"),
        (HEAD + "\nno hash\n\n" + CHECKPOINT, "not base64"),
        (HEAD + "\n\n\n" + CHECKPOINT, "not one"),
        (HEAD + "\n\nwords\n\n" + CHECKPOINT.split("\n\n")[1], "not one"),
        (GOOD + "more\n", "signature line"),
        (GOOD[:-1], "a note is"),
        (GOOD.replace("example.com", "\ud800"), "not UTF-8"),
        (GOOD + "x" * 2 * LARGEST_NOTE, "too large"),
    ],
)
def test_what_is_no_proof_is_refused(text: str, said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        read_tlog_proof(text)


@given(st.text(max_size=200) | st.text(max_size=100).map(lambda tail: f"{HEAD}\n{tail}"))
def test_a_text_is_a_proof_in_one_form_or_none(text: str) -> None:
    try:
        read = read_tlog_proof(text)
    except VerificationError:
        return
    assert read.text() == text


def test_a_proof_without_extra_data_has_no_line_for_it() -> None:
    assert proof_of(5, extra=b"").text() == proof_of(5).text()
    assert "extra" not in proof_of(5).text()
