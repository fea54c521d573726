"""Signed notes and verifier keys: what is one, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_signing import key, note

from troth.errors import VerificationError
from troth.proof.checkpoint import check_known_lines
from troth.proof.note import (
    COSIGNATURE,
    ED25519,
    LARGEST_NOTE,
    ML_DSA_44,
    Note,
    SignatureLine,
    key_id,
    make_vkey,
    read_note,
    read_vkey,
)
from troth.proof.strict import LARGEST_NUMBER, read_base64, read_number

DASH = "\N{EM DASH}"
SIGNED = note("one\n\ntwo\n", key("ann"), key("bob/b"))
LINE = str(key("ann").line("x\n"))


def golang(shared: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((shared / "data/vectors/golang-mod/vectors.json").read_text())
    return known


def test_the_published_note_is_read_and_holds(shared: Path) -> None:
    known = golang(shared)
    vkey = read_vkey(known["note_vkey"])
    data = (known["note_text"] + "\n" + known["note_sig_line"]).encode()
    read = read_note(data)
    assert (read.text, read.data()) == (known["note_text"], data)
    assert check_known_lines(read, [vkey]) == ({vkey: None}, ())


def test_the_example_of_the_specification_holds() -> None:
    vkey = read_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    read = read_note(
        f"This is an example message.\n\n{DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
        "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".encode()
    )
    assert check_known_lines(read, [vkey]) == ({vkey: None}, ())


def test_the_published_bad_keys_are_refused(shared: Path) -> None:
    for text in golang(shared)["bad_vkeys"]:
        with pytest.raises(VerificationError):
            read_vkey(text)


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE, ML_DSA_44])
def test_a_key_reads_back_from_its_text(kind: int) -> None:
    vkey = key("example.com/log", kind).vkey
    assert read_vkey(str(vkey)) == vkey
    assert vkey.key_id == key_id(vkey.name, kind, vkey.public)


GOOD_KEY = str(key("example.com/log").vkey)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a part is missing"),
        ("example.com/log", "a part is missing"),
        (GOOD_KEY.replace("+", " "), "a part is missing"),
        (GOOD_KEY.replace("example.com/log", ""), "cannot name a key"),
        (GOOD_KEY.replace("example.com/log", "a b"), "cannot name a key"),
        (GOOD_KEY.replace("example.com/log", "a\u2003b"), "cannot name a key"),
        (GOOD_KEY.replace("example.com/log", "a\nb"), "cannot name a key"),
        (GOOD_KEY.replace("example.com/log", "\ud800"), "not UTF-8"),
        (GOOD_KEY.replace("example.com/log", "example.com/lag"), "part of the key was changed"),
        (GOOD_KEY.split("+", 1)[0].upper() + "+" + GOOD_KEY.split("+", 1)[1], "part of the key was changed"),
        (GOOD_KEY + "\n", "not base64"),
        (GOOD_KEY + " ", "not base64"),
        (GOOD_KEY[:-4], "has kind"),
        (GOOD_KEY + "AAAA", "has kind"),
        ("a+00000000+", "has kind"),
        ("a+0000000+AA==", "small hexadecimal"),
        ("a+ABCDEF00+AA==", "small hexadecimal"),
        ("a+\u0661\u0661111111+AA==", "small hexadecimal"),
    ],
)
def test_what_is_no_key_is_refused(text: str, said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        read_vkey(text)


@pytest.mark.parametrize(
    ("kind", "size"), [(0x02, 32), (0x05, 32), (0xFF, 32), (ED25519, 31), (ML_DSA_44, 32)]
)
def test_a_key_of_another_kind_or_length_is_refused(kind: int, size: int) -> None:
    with pytest.raises(VerificationError, match="has kind"):
        make_vkey("a", kind, bytes(size))


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12).filter(
    lambda name: "+" not in name and not any(letter.isspace() for letter in name)
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60).map(
    lambda text: text + "\n"
)
lines = st.builds(SignatureLine, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))


@given(texts, st.lists(lines, min_size=1, max_size=5))
def test_a_note_reads_back_from_its_bytes(text: str, signatures: list[SignatureLine]) -> None:
    written = Note(text, tuple(signatures))
    assert read_note(written.data()) == written


@given(st.binary(max_size=200))
def test_bytes_are_a_note_in_one_form_or_none(data: bytes) -> None:
    try:
        read = read_note(data)
    except VerificationError:
        return
    assert read.data() == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "this is not"),
        (b"text\n", "this is not"),
        (b"text\n\n", "this is not"),
        (f"text\n{LINE}\n".encode(), "this is not"),
        (f"text\n\n{LINE}".encode(), "this is not"),
        (f"text\n\n{LINE}\n\n".encode(), "this is not"),
        (f"text\n\n{LINE}\nmore\n".encode(), "signature line"),
        (f"text\n\n{LINE} \n".encode(), "signature line"),
        (f"text\n\n {LINE}\n".encode(), "signature line"),
        (f"text\n\n{LINE.replace(DASH, '-')}\n".encode(), "signature line"),
        (f"text\n\n{LINE.replace(' ', '  ', 1)}\n".encode(), "signature line"),
        (f"text\n\n{LINE.replace(' ', chr(0xA0))}\n".encode(), "signature line"),
        (f"text\n\n{LINE.replace('ann', 'a+n')}\n".encode(), "cannot name a key"),
        (f"text\n\n{LINE.replace('ann', 'a' + chr(0x3000))}\n".encode(), "cannot name a key"),
        (f"text\n\n{LINE[:-1]}\n".encode(), "not base64"),
        (f"text\n\n{DASH} ann AAAAAA==\n".encode(), "too short"),
        (f"text\n\n{DASH} ann AAAAAAB=\n".encode(), "canonical"),
        (f"text\n\n{LINE}\n".replace("text", "te\txt").encode(), "control character in line 1"),
        (f"text\r\n\n{LINE}\n".encode(), "control character in line 1"),
        (f"text\n\n{LINE}\x00\n".encode(), "control character in line 3"),
        (b"\xff" + SIGNED, "not UTF-8"),
        (b"\xed\xa0\x80\n" + SIGNED, "not UTF-8"),
        (b"x" * LARGEST_NOTE + SIGNED, "larger than 1 MiB"),
        (("text\n\n" + f"{LINE}\n" * 65).encode(), "more than 64"),
    ],
)
def test_what_is_no_note_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        read_note(data)


def test_64_signatures_are_a_note_and_the_last_empty_line_parts_it() -> None:
    assert len(read_note(("text\n\n" + f"{LINE}\n" * 64).encode()).lines) == 64
    assert read_note(SIGNED).text == "one\n\ntwo\n"
    assert read_note(f"\n\n{LINE}\n".encode()).text == "\n"


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 255))
@settings(max_examples=600, deadline=None)
def test_a_changed_byte_is_refused_or_leaves_text_and_signers(place: int, value: int) -> None:
    changed = SIGNED[:place] + bytes([value]) + SIGNED[place + 1 :]
    before, _ = check_known_lines(read_note(SIGNED), [key("ann").vkey])
    try:
        read = read_note(changed)
        checked, _ = check_known_lines(read, [key("ann").vkey])
    except VerificationError:
        return
    if checked:  # a changed name or key id is a line of a key that nobody knows
        assert (read.text, checked) == ("one\n\ntwo\n", before)


def test_every_byte_of_text_and_signature_counts() -> None:
    text, line = "the text\n", key("ann").line("the text\n")
    for place in range(len(text) - 1):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        with pytest.raises(VerificationError, match="does not hold"):
            check_known_lines(Note(changed, (line,)), [key("ann").vkey])
    for bit in range(8 * len(line.signature)):
        broken = bytearray(line.signature)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationError, match="does not hold"):
            check_known_lines(
                Note(text, (SignatureLine("ann", line.key_id, bytes(broken)),)), [key("ann").vkey]
            )


def test_a_line_of_a_key_that_shares_only_a_name_or_only_an_id_is_ignored() -> None:
    ann, line = key("ann").vkey, key("ann").line("x\n")
    others = (
        SignatureLine("ann", b"abcd", line.signature),
        SignatureLine("bob", line.key_id, line.signature),
    )
    assert check_known_lines(Note("x\n", (*others, line)), [ann]) == ({ann: None}, ("ann", "bob"))


def test_a_second_false_line_of_a_known_key_spoils_the_note() -> None:
    line = key("ann").line("x\n")
    false = SignatureLine("ann", line.key_id, bytes(64))
    with pytest.raises(VerificationError, match="does not hold"):
        check_known_lines(Note("x\n", (line, false)), [key("ann").vkey])


def test_two_keys_with_one_name_and_one_id_are_refused() -> None:
    ann = key("ann").vkey
    double = type(ann)(ann.name, ann.key_id, ann.kind, bytes(32))
    with pytest.raises(VerificationError, match="the same key id"):
        check_known_lines(read_note(SIGNED), [ann, double])


@pytest.mark.parametrize(
    "text", ["AA", "AA=", "AB==", "AA==\n", " AA==", "A A=", "AA==AA==", "AA-_", "ÄA==", "====", "A==="]
)
def test_base64_has_one_form(text: str) -> None:
    with pytest.raises(VerificationError, match="the thing is"):
        read_base64(text, "the thing")


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-1", "+1", " 1", "1 ", "1_0", "1.0", "0x1", "²", "\u0661", "1\n"]
)
def test_a_number_has_one_form(text: str) -> None:
    with pytest.raises(VerificationError, match="decimal number"):
        read_number(text, "the size")


def test_a_number_ends_at_2_to_63() -> None:
    assert read_number("0", "it") == 0
    assert read_number(str(LARGEST_NUMBER), "it") == 2**63 - 1
    for text in (str(2**63), "9" * 5000):
        with pytest.raises(VerificationError, match="larger than"):
            read_number(text, "it")
