"""Checkpoints: of other people's logs, and damaged ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proof_signing import NOW, key, note, signed

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint, check_known_lines, check_signed, read_checkpoint
from troth.proof.merkle import Range, check_consistency, leaf_hashes, root_of
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, read_note, read_vkey
from troth.proof.strict import read_base64

TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
AT = Checkpoint("example.com/log", 3, bytes(range(32)))
LOG = key("example.com/log")


def tessera(shared: Path) -> Path:
    return shared / "data/vectors/tessera/testdata/log"


def bundle(path: Path) -> list[bytes]:
    """The entries of a bundle (tlog-tiles, "Log entries")."""
    data, entries = path.read_bytes(), []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        assert len(entries[-1]) == length
        data = data[2 + length :]
    return entries


def test_the_checkpoints_of_a_tessera_log_are_signed_and_have_the_roots_of_its_entries(shared: Path) -> None:
    log, vkey = tessera(shared), read_vkey(TESSERA_KEY)
    paths = sorted(log.glob("checkpoint*"))
    assert len(paths) == 15
    for path in paths:
        checked = check_signed(path.read_bytes(), [vkey])
        size = checked.checkpoint.size
        entries = bundle(log / f"tile/entries/000.p/{size}") if size else []
        assert (checked.signers, checked.unchecked, len(entries)) == ((vkey,), (), size)
        assert checked.checkpoint.root == root_of(leaf_hashes(entries))
        assert checked.checkpoint.text() == checked.note.text


def test_the_tiles_of_a_tessera_log_are_the_leaf_hashes_of_its_entries(shared: Path) -> None:
    tiles = sorted((tessera(shared) / "tile/0/000.p").iterdir())
    assert len(tiles) == 15
    for tile in tiles:
        hashes = leaf_hashes(bundle(tessera(shared) / "tile/entries/000.p" / tile.name))
        assert tile.read_bytes() == b"".join(hashes)
        assert len(hashes) == int(tile.name)


def test_a_checkpoint_of_sum_golang_org_holds_under_its_key(shared: Path) -> None:
    """Its key is not named like its origin, so that it holds line by line and is no signed checkpoint here."""
    real = json.loads((shared / "data/vectors/golang-mod/vectors.json").read_text())["real_world"]
    data, vkey = real["checkpoint"].encode(), read_vkey(real["vkey"])
    assert check_known_lines(read_note(data), [vkey]) == ({vkey: None}, ())
    assert read_checkpoint(read_note(data).text).size == 35_225_469
    with pytest.raises(VerificationError, match=r"no given key of the log 'go.sum database tree'"):
        check_signed(data, [vkey])


def test_the_tree_note_of_golang_mod_is_a_checkpoint(shared: Path) -> None:
    text = json.loads((shared / "data/vectors/golang-mod/vectors.json").read_text())["tree_note"]
    read = read_checkpoint(text)
    assert (read.origin, read.size, read.text()) == ("go.sum database tree", 123_456_789_012, text)


def test_the_checkpoints_sent_to_a_witness_are_consistent_where_it_answers_200(shared: Path) -> None:
    """The requests of torchwood's witness test: each body as it would follow on the last accepted one."""
    text = (shared / "data/vectors/torchwood/add-checkpoint.hurl.txt").read_text()
    requests = re.findall(r"```\n(old .*?)```\nHTTP (\d+)", text, re.DOTALL)
    roots, statuses = {0: Range().root()}, []
    for body, status in requests:
        head, _, checkpoint = body.partition("\n\n")
        old, *proof = head.split("\n")
        size, hashes = int(old.removeprefix("old ")), [read_base64(line, "a hash") for line in proof]
        statuses.append(status)
        if status == "403":  # another log, or a signature that is broken by stray bits in its base64
            continue
        told = read_checkpoint(read_note(checkpoint.encode()).text)
        if status == "200":
            check_consistency(size, told.size, roots[size], told.root, hashes)
            roots[told.size] = told.root
        elif status == "422":
            with pytest.raises(VerificationError, match="consistency proof"):
                check_consistency(size, told.size, roots[size], told.root, hashes)
    assert sorted(statuses) == ["200"] * 3 + ["403"] * 2 + ["409"] * 2 + ["422"] * 2


def test_stray_bits_in_a_signature_break_the_note(shared: Path) -> None:
    text = (shared / "data/vectors/torchwood/add-checkpoint.hurl.txt").read_text()
    whole = re.search(r"\n\n(sigsum[^`]*6gx=\n)```", text)
    assert whole
    with pytest.raises(VerificationError, match="canonical"):
        read_note(whole[1].encode())
    assert read_note(whole[1].replace("6gx=", "6go=").encode()).lines


lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(lines, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_a_checkpoint_reads_back_from_its_text(origin: str, size: int, root: bytes, more: list[str]) -> None:
    written = Checkpoint(origin, size, root, tuple(more))
    assert read_checkpoint(written.text()) == written


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not one"),
        ("log\n3\n", "not one"),
        (f"\n3\n{ROOT}\n", "not one"),
        (f"log\n3\n{ROOT}", "not one"),
        (f"log\n3\n{ROOT}\n\n", "not one"),
        (f"log\n3\n{ROOT}\n\nmore\n", "not one"),
        (f"log\n03\n{ROOT}\n", "decimal number"),
        (f"log\n-3\n{ROOT}\n", "decimal number"),
        (f"log\n3 \n{ROOT}\n", "decimal number"),
        (f"log\n{2**63}\n{ROOT}\n", "larger than"),
        (f"log\n3\n{ROOT} \n", "not base64"),
        (f"log\n3\n{ROOT[:-2]}9=\n", "canonical"),
        (f"log\n3\n{ROOT[:40]}\n", "32 bytes"),
        (f"log\n3\r\n{ROOT}\n", "control character in line 2"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str, said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        read_checkpoint(text)


def test_signers_cosigners_and_strangers_are_told_apart() -> None:
    newer, old, strange = key(AT.origin, ML_DSA_44), key("w1", COSIGNATURE), key("w2", COSIGNATURE)
    witness = key("w3", ML_DSA_44)
    data = signed(AT, LOG, newer, old, strange, witness)
    checked = check_signed(data, [LOG.vkey, newer.vkey, old.vkey, witness.vkey])
    assert checked.checkpoint == AT
    assert checked.signers == (LOG.vkey, newer.vkey)
    assert checked.cosigned == ((old.vkey, NOW), (witness.vkey, NOW))
    assert checked.unchecked == ("w2",)
    assert checked.note.data() == data


def test_a_key_that_signed_twice_counts_once() -> None:
    witness = key("w", COSIGNATURE)
    again = witness.line(AT.text(), at=NOW + 5)
    twice = f"{signed(AT, LOG, witness).decode()}{again}\n".encode()
    checked = check_signed(twice, [LOG.vkey, witness.vkey])
    assert checked.cosigned == ((witness.vkey, NOW),)


def test_a_key_of_another_log_is_no_signer_of_this_one() -> None:
    other = key("example.com/other")
    with pytest.raises(VerificationError, match=r"no given key of the log 'example.com/log'"):
        check_signed(signed(AT, other), [other.vkey, LOG.vkey])
    both = check_signed(signed(AT, LOG, other), [other.vkey, LOG.vkey])
    assert (both.signers, both.cosigned, both.unchecked) == ((LOG.vkey,), (), ())


def test_without_a_key_nothing_is_established() -> None:
    with pytest.raises(VerificationError, match="no given key"):
        check_signed(signed(AT, LOG), [])
    with pytest.raises(VerificationError, match="no given key"):
        check_signed(signed(AT, LOG), [key(AT.origin, ED25519, 1).vkey])


def test_a_false_cosignature_of_a_known_witness_spoils_the_checkpoint() -> None:
    witness = key("w", COSIGNATURE)
    false = witness.line(f"other\n1\n{ROOT}\n")
    data = f"{signed(AT, LOG).decode()}{false}\n".encode()
    assert check_signed(data, [LOG.vkey]).unchecked == ("w",)
    with pytest.raises(VerificationError, match="signature of 'w' does not hold"):
        check_signed(data, [LOG.vkey, witness.vkey])


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(VerificationError, match="not one"):
        check_signed(note("just words\n", LOG), [LOG.vkey])
