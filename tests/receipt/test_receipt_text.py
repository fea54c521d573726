"""The text of a receipt: one form, safe to read, and words that say every field and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_reference import proof_of
from receipt_worlds import (
    BATCH,
    LOG_KEY,
    MANIFEST,
    RECEIPTS,
    TRUST,
    SmallLog,
    account,
    answer,
    committed,
    conversation,
    event,
    labels_of,
    salt_of,
    world,
)
from troth.canon.canonical import canonical_bytes
from troth.errors import VerificationError
from troth.history.vocabulary import EVENTS
from troth.proof.entry import commit, read_entry
from troth.proof.merkle import leaf_hash
from troth.proof.payloads import kind_of_event, read_payload
from troth.proof.tlog_proof import check_tlog_proof, read_tlog_proof
from troth.receipt.compose import (
    Answer,
    Batch,
    account_receipt,
    answered_receipt,
    conversation_receipt,
    open_entry,
    release_receipt,
    write_receipt,
)
from troth.receipt.entry_words import entry_words
from troth.receipt.model import LARGEST_RECEIPT, ReceiptFile
from troth.receipt.phrases import when
from troth.receipt.quoting import is_plain, quoted, read_quoted
from troth.receipt.read import read_receipt
from troth.receipt.text import EVIDENCE, closing_line, receipt_bytes
from troth.receipt.words import plain_words, read_content
from troth.types.moment import parse_moment

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "receipts.md"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def words_of(data: bytes) -> str:
    return data.decode().split(f"\n{EVIDENCE}\n")[0]


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_is_read_as_what_was_written(name: str) -> None:
    receipt = RECEIPTS[name]()
    data = write_receipt(receipt)
    file = read_receipt(data)
    assert file.receipt == receipt
    assert file.words == plain_words(read_content(receipt))
    assert receipt_bytes(file) == data


def test_the_words_say_what_was_chosen_when_how_and_before_what() -> None:
    words = words_of(write_receipt(account()))
    assert "Entry 1 of the log, logged on 3 September 2025 at 14:03 UTC: a choice." in words
    assert (
        'The account "ann" chose "granted" for "improve_models", on 3 September 2025 at 14:00 UTC.' in words
    )
    assert 'The notice shown had the version "2025-08-28".' in words
    assert "Before the choice, the control stood off." in words
    assert 'The act was "settings" (by the person, in the settings).' in words


def test_the_words_tell_in_it_from_not_in_it_and_what_was_made() -> None:
    inside, outside = (
        words_of(write_receipt(conversation("c-1"))),
        words_of(write_receipt(conversation("c-5"))),
    )
    assert f'The conversation "c-1" is in the release {MANIFEST}, which was built for' in inside
    assert f'The conversation "c-5" is NOT in the release {MANIFEST}, which was built for' in outside
    assert "as number 5 in a batch of 5 conversations." in outside
    assert 'the artefact "model-1" was made from a release that holds the conversation' in inside
    assert 'the artefact "model-1-tuned" was made from a release that holds the conversation' in inside
    assert 'the artefact "model-1" was made' not in outside
    assert 'the artefact "model-1-tuned" was made' in outside
    for words in (inside, outside):
        assert "secretly committed to the same conversation twice" in words
        assert "says nothing about another release, a disk, or a model" in words
        assert "may show other people another one" in words


def test_the_words_name_the_witnesses_whose_lines_stand_or_say_that_none_does() -> None:
    alone = SmallLog(witnesses=())
    alone.add("choice", event("choice.made", account="ann", choice="x", value="refused"))
    assert "no line of a witness stands" in words_of(write_receipt(account_receipt("ann", alone.open(0))))
    assert 'these names of witnesses: "witness.example/w1".' in words_of(write_receipt(account()))


def test_what_a_choice_leaves_out_is_said_too() -> None:
    log = SmallLog()
    log.add("choice", event("choice.made", organisation="shop", choice="x", value="refused"))
    words = words_of(write_receipt(account_receipt("ann", log.open(0))))
    assert 'The organisation "shop" chose "refused" for "x"' in words
    assert "Which notice was shown was not recorded." in words
    assert "How the control stood before was not recorded; it counts as not set." in words
    assert 'By what act the choice was made was not recorded; it counts as "dialog".' in words


FIELDS: dict[str, Any] = {"zero_retention": True, "value": "granted", "period": "P1Y", "retention": "P30D",
                          "since": "2025-01-01T00:00:00Z", "until": "2025-02-01T00:00:00Z",
                          "shown_at": "2025-09-03T13:59:00Z", "notice_digest": f"sha256:{'a' * 64}",
                          "layout_digest": f"sha256:{'b' * 64}", "locale": "pt-BR"}  # fmt: skip
LISTS = {"features", "accounts", "conversations", "plans", "exclude_plans", "regions", "exclude_regions"}


def said(fields: dict[str, Any]) -> list[str]:
    kind = kind_of_event(fields["event"])
    return list(entry_words(read_payload(kind, canonical_bytes({"event": fields}))))


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_of_an_event_is_left_out_of_its_words(name: str) -> None:
    kind = EVENTS[name]
    full: dict[str, Any] = {
        "event": name,
        "at": "2025-09-03T14:00:00Z",
        "id": "an id",
        "recorded_at": "2025-09-05T00:00:00Z",
    }
    for key in kind.fields:
        full[key] = FIELDS.get(key, [f"{key} 1", f"{key} 2"] if key in LISTS else f"the {key}")
    if name == "choice.made":
        del full["organisation"], full["project"]
    if name == "signal.received":
        full |= {"signal": "gpc", "value": "1"}
    words = " ".join(said(full))
    for key, value in full.items():
        if key not in ("event", "at", "recorded_at", "since", "until", "shown_at", "zero_retention"):
            for one in value if isinstance(value, list) else [value]:
                assert quoted(one) in words, key
    for key in full.keys() - {"event", "at", *kind.required, *(["account"] if name == "choice.made" else [])}:
        less = {k: v for k, v in full.items() if k != key}
        assert said(less) != said(full), key


def test_times_are_said_to_the_microsecond_where_they_have_them() -> None:
    assert when(parse_moment("2025-09-03T14:02:00Z")) == "3 September 2025 at 14:02 UTC"
    assert when(parse_moment("2025-09-03T14:02:07Z")) == "3 September 2025 at 14:02:07 UTC"
    assert when(parse_moment("2025-12-31T00:00:00.000001Z")) == "31 December 2025 at 00:00:00.000001 UTC"
    assert when(parse_moment("0001-01-01T00:00:00Z")) == "1 January 1 at 00:00 UTC"


@settings(deadline=None, max_examples=400)
@given(ANY_TEXT)
def test_a_quoted_name_is_one_plain_line_and_read_back(name: str) -> None:
    text = quoted(name)
    assert is_plain(text)
    assert len(text.splitlines()) == 1
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs") for letter in text)
    assert read_quoted(text) == name


def test_every_character_that_hides_or_turns_is_escaped() -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    for code in range(0x110000):
        letter = chr(code)
        category = unicodedata.category(letter)
        if category in hidden or (category == "Zs" and letter != " "):
            # Signs of Arabic, Syriac, Kaithi and Egyptian that are formats by category and are drawn.
            drawn = 0x600 <= code <= 0x605 or code in (0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)
            assert not is_plain(letter) or drawn or 0x13430 <= code <= 0x1343F, hex(code)


@pytest.mark.parametrize(
    "text", ['"a', "a", '"a" ', '"\\u0061"', '"\\/"', '"\\ud800"', "'a'", '"a""', "null", '"\n"', ""]
)
def test_a_name_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        read_quoted(text)


HOSTILE_NAMES = [
    'ann"\n\n--- evidence ---\n', "ann\r\nEntry 9 of the log", "\u202egranted\u202c", "a\u2028b\u2029c\x85d",
    '" chose "refused', "\x1b[2J\x1b[31m", "\\", "\\n", "\u200b", "\x00", "e\u0301\u0301\u0301", "\U000e0041", "😀",
    "שלום", "\ufeff", "-" * 50, "digest sha256:" + "0" * 64, " ", "\t",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_adds_no_line_and_no_quotation_mark(name: str) -> None:
    def written(account: str) -> bytes:
        log = SmallLog()
        log.add(
            "choice", event("choice.made", account=account, choice=account, value="refused", notice=account)
        )
        return write_receipt(account_receipt(account, log.open(0)))

    hostile, tame = written(name), written("ann")
    assert read_receipt(hostile).receipt.name == name
    assert hostile.count(b"\n") == tame.count(b"\n")
    assert len(hostile.decode().splitlines()) == len(tame.decode().splitlines())
    assert all(is_plain(line) for line in hostile.decode().split("\n"))
    expected = words_of(tame).replace('"ann"', quoted(name))
    root = re.compile(r"the root \S{44}\.")
    assert root.sub("", words_of(hostile)) == root.sub("", expected)


def test_a_payload_that_cannot_be_shown_is_written_in_base64() -> None:
    log = SmallLog()
    log.add("choice", event("choice.made", account="a\u202eb", choice="x", value="refused"))
    data = write_receipt(account_receipt("a\u202eb", log.open(0)))
    assert b"\npayload64 " in data
    assert b"\npayload {" not in data
    shown = write_receipt(account())
    payload = re.search(rb"\npayload (.*)\n", shown)
    assert payload is not None
    again = shown.replace(
        payload.group(), b"\npayload64 " + __import__("base64").b64encode(payload[1]) + b"\n"
    )
    with pytest.raises(VerificationError, match="canonical"):
        read_receipt(redigested(again))


def redigested(data: bytes) -> bytes:
    body = data[: data.rfind(b"\n", 0, -1) + 1]
    return body + closing_line(body)


def changed(old: bytes, new: bytes, data: bytes | None = None) -> bytes:
    whole = data or write_receipt(conversation("c-1"))
    assert old in whole
    return redigested(whole.replace(old, new, 1))


WRONG_FORMS = [
    (b"troth receipt 1\n", b"troth receipt 2\n"),
    (b"troth receipt 1\n", b"\xef\xbb\xbftroth receipt 1\n"),
    (b"troth receipt 1\n", b"troth receipt 1\r\n"),
    (b"about conversation ", b"about conversations "),
    (b"about conversation ", b"about conversation  "),
    (b"about conversation ", b"about account "),
    (b'about conversation "c-1"', b'about conversation "c-2"'),
    (b"--- evidence ---\n", b"--- evidence --- \n"),
    (b"--- evidence ---\n\n", b"--- evidence ---\n"),
    (b"\nentry 3\n", b"\nentry 03\n"),
    (b"\nentry 3\n", b"\nentry 4\n"),
    (b"\nentry 3\n", b"\nentry 99999999999999999999999\n"),
    (b"\nproof 13\n", b"\nproof 12\n"),
    (b"\nproof 13\n", b"\nproof 9999999\n"),
    (b"\nindex 3\n", b"\nextra AAAA\nindex 3\n"),
    (b"\nproof 13\nc2sp.org/tlog-proof@v1\n", b"\nproof 14\nc2sp.org/tlog-proof@v1\nextra AAAA\n"),
    (b"\nleaf {", b"\nleaf  {"),
    (b'"kind":"intake"', b'"kind":"intakes"'),
    (b"\nposition 0 of 5\n", b"\nposition 5 of 5\n"),
    (b"\nposition 0 of 5\n", b"\nposition 0 of 70000\n"),
    (b"\nposition 0 of 5\n", b"\nposition 0\n"),
    (b"\nintake 3\n", b"\nintake 7\n"),
    (b"\nintake 3\n", b"\nintake 1\n"),
    (b"\nrelease 7\n", b"\nrelease 6\n"),
    (b"\nrelease 7\n", b"\nrelease 9\n"),
    (b"\nmembership included\n", b"\nmembership yes\n"),
    (b"\ndepth ", b"\ndepth 0"),
    (b"\npath ", b"\npath  "),
    (b"\npath ", b"\npath AAAA\npath "),
    (b"\nconversation ", b"\nconversation  "),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), WRONG_FORMS)
def test_another_form_is_refused_even_with_its_digest(old: bytes, new: bytes) -> None:
    with pytest.raises(VerificationError):
        read_receipt(changed(old, new))


def test_a_proof_of_another_entry_is_named_as_one() -> None:
    with pytest.raises(VerificationError, match="the proof of entry 4 is one of entry 3"):
        read_receipt(changed(b"\nentry 3\n", b"\nentry 4\n"))


def test_salts_have_one_form() -> None:
    data = write_receipt(account())
    salt = salt_of("example.org/log 1").hex().encode()
    for other in (salt.upper(), salt[:-2], salt + b"00", salt[:-1] + b"g"):
        with pytest.raises(VerificationError, match="salt"):
            read_receipt(changed(b"salt " + salt, b"salt " + other, data))


def test_the_closing_digest_is_over_every_byte_before_it() -> None:
    data = write_receipt(account())
    closing = data[data.rindex(b"digest") :]
    assert closing == b"digest sha256:" + sha256(data[: -len(closing)]).hexdigest().encode() + b"\n"
    for other in (closing.upper(), closing[:-1], closing + b"\n", b"", closing * 2, closing[:-2] + b"\n"):
        with pytest.raises(VerificationError):
            read_receipt(data[: -len(closing)] + other)


def test_a_file_larger_than_a_receipt_may_be_is_not_read() -> None:
    with pytest.raises(VerificationError, match="no receipt is larger"):
        read_receipt(b"troth receipt 1\n" + b"x" * LARGEST_RECEIPT)


def test_entries_out_of_order_or_twice_are_refused() -> None:
    receipt = RECEIPTS["everything of an account"]()
    for entries in (receipt.entries[::-1], receipt.entries[:1] * 2 + receipt.entries[1:], ()):
        with pytest.raises(VerificationError, match=r"order of the log|no entry"):
            write_receipt(replace(receipt, entries=entries))


def test_only_a_receipt_about_a_conversation_opens_one_or_answers_for_one() -> None:
    full, bare = conversation("c-1"), release_receipt(MANIFEST, world().open(3, 7))
    for wrong in (
        replace(bare, memberships=(replace(full.memberships[0], release=1),)),
        replace(bare, conversation=full.conversation),
        replace(full, conversation=None),
        replace(full, subject="person"),
        replace(full, memberships=full.memberships[::-1]),
        replace(full, memberships=full.memberships[:1] * 2),
    ):
        with pytest.raises(VerificationError):
            write_receipt(wrong)
        with pytest.raises(VerificationError):
            read_receipt(receipt_bytes(ReceiptFile(wrong, ("",))))


def test_what_stands_after_the_closing_digest_is_refused() -> None:
    data = write_receipt(account())
    with pytest.raises(VerificationError, match="something stands after the closing digest"):
        read_receipt(data + closing_line(data))


def test_a_salt_that_does_not_open_is_noticed_when_an_entry_is_opened() -> None:
    opened = world().open(1)[0]
    with pytest.raises(VerificationError, match="do not open"):
        open_entry(opened.entry, bytes(32), opened.payload, opened.proof)


def test_a_conversation_that_is_not_in_its_batch_gets_no_receipt() -> None:
    with pytest.raises(VerificationError, match="not at place 2"):
        conversation_receipt(replace(committed("c-1"), position=1), world().open(3))
    with pytest.raises(VerificationError, match="not at place 6"):
        conversation_receipt(replace(committed("c-1"), position=5), world().open(3))


def test_what_is_pointed_at_must_be_given() -> None:
    with pytest.raises(VerificationError, match="entry 3 of the log is not among"):
        conversation_receipt(committed("c-1"), world().open(7))
    with pytest.raises(VerificationError, match="entry 9 of the log is not among"):
        conversation_receipt(committed("c-1"), world().open(3, 7), [answer("c-1", 9)])
    with pytest.raises(VerificationError, match="entry of a release"):
        conversation_receipt(committed("c-1"), world().open(3, 6), [replace(answer("c-1", 9), release=6)])


def test_an_absence_from_a_release_older_than_the_commitment_gets_no_receipt() -> None:
    log = world()
    late = log.add("intake", {"conversations": 1, "root": leaf_hash(labels_of(["c-9"])[0]).hex()})
    taken = replace(
        committed("c-1"),
        conversation="c-9",
        salt=salt_of("c-9"),
        batch=Batch(labels_of(["c-9"])),
        intake=late,
    )
    proof = proof_of(labels_of(BATCH), labels_of(["c-9"])[0])
    with pytest.raises(VerificationError, match="logged before the conversation was committed to"):
        conversation_receipt(taken, log.open(7, late), [Answer(7, False, proof)])


def test_an_earlier_receipt_is_answered_from_without_the_store() -> None:
    log = world()
    first = conversation_receipt(committed("c-5"), log.open(3, size=4))
    kept = read_receipt(write_receipt(first)).receipt
    later = answered_receipt(kept, log.open(3, 7, 9), [answer("c-5", 7), answer("c-5", 9)])
    assert later.conversation is not None
    assert later.conversation.salt == salt_of("c-5")
    assert [later.entries[m.release].index for m in later.memberships] == [7, 9]
    assert answered_receipt(later, log.open(12), []).memberships == later.memberships
    with pytest.raises(VerificationError, match="not about a conversation"):
        answered_receipt(account(), [], [])


def test_a_proof_cut_out_of_a_receipt_is_a_tlog_proof(tmp_path: Path) -> None:
    """As the page on the format says: with awk, or where there is none as its lines say."""
    file = tmp_path / "receipt.txt"
    data = write_receipt(conversation("c-1"))
    file.write_bytes(data)
    script = re.search(r"awk -v n=7 '([^']+)'", PAGE.read_text("utf-8"))
    assert script is not None
    awk = shutil.which("awk")
    if awk is None:
        pytest.skip("awk is not here; the page shows how to cut a proof out with it")
    found = subprocess.run([awk, "-v", "n=7", script[1], str(file)], capture_output=True, check=True)
    proof = read_tlog_proof(found.stdout.decode())
    opened = next(e for e in conversation("c-1").entries if e.index == 7)
    assert proof == opened.proof
    leaf = re.search(rb"\nentry 7\nleaf (.*)\n", data)
    assert leaf is not None
    assert check_tlog_proof(proof, leaf_hash(leaf[1]), TRUST).signers == (LOG_KEY,)
    assert read_entry(leaf[1]).commitment == commit(opened.salt, opened.payload)


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n+```text\n(.*?)```\n", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]


def test_the_worked_example_is_what_is_written() -> None:
    log = SmallLog(witnesses=())
    log.add("choice", event("choice.made", "2025-09-03T14:02:00Z", account="ann", choice="improve_models",
                            value="granted", mechanism="settings", notice="2025-08-28", initial_state="off"))  # fmt: skip
    log.add("event", event("account.opened", account="bob"))
    assert write_receipt(account_receipt("ann", log.open(0))).decode() == example("receipt")
    assert f"{LOG_KEY}\n" == example("key")
    opened = read_receipt(example("receipt").encode()).receipt.entries[0]
    preimage = b"troth:entry:1\0" + opened.salt + opened.payload
    assert f"{sha256(preimage).hexdigest()}\n" == example("commitment")
    assert f"{leaf_hash(opened_leaf()).hex()}\n" == example("leaf hash")


def opened_leaf() -> bytes:
    leaf = re.search(r"\nleaf (.*)\n", example("receipt"))
    assert leaf is not None
    return leaf[1].encode()


def test_a_release_receipt_needs_no_person() -> None:
    receipt = release_receipt(MANIFEST, world().open(7))
    assert f'about the release "{MANIFEST}"' in words_of(write_receipt(receipt))
