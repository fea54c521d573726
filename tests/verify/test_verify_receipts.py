"""Receipts, honest and not: each lie is refused, by the step that is there for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_reference import proof_of
from receipt_worlds import (
    ALSO_RELEASED,
    ARTEFACT,
    BATCH,
    COSIGNED_AT,
    LOG_KEY,
    MANIFEST,
    ORIGIN,
    RECEIPTS,
    RELEASED,
    TRUST,
    WITNESS,
    WITNESS_KEY,
    SmallLog,
    account,
    answer,
    committed,
    conversation,
    event,
    labels_of,
    release,
    salt_of,
    sign,
    vkey_of,
    with_quorum,
    world,
)
from troth.errors import VerificationError
from troth.proof.entry import commit, commit_conversation
from troth.proof.merkle import leaf_hash
from troth.proof.note import COSIGNATURE, Note, SignatureLine, read_note
from troth.proof.policy import Policy, policy_of
from troth.receipt.compose import (
    Batch,
    Committed,
    account_receipt,
    conversation_receipt,
    release_receipt,
    write_receipt,
)
from troth.receipt.model import LARGEST_RECEIPT, Membership, OpenedEntry, Receipt, ReceiptFile
from troth.receipt.read import read_receipt
from troth.receipt.text import EVIDENCE, closing_line, receipt_bytes
from troth.receipt.words import plain_words, read_content
from troth.verify.receipts.check import check_receipt
from troth.verify.receipts.report import ReceiptReport
from troth.verify.report import Outcome

STRICT = with_quorum(WITNESS_KEY)
"""The log, and the witness: every signature line of the world is asked for."""


def failed(report: ReceiptReport) -> set[int]:
    return {step.number for step in report.steps if step.outcome is Outcome.FAILED}


def redigested(data: bytes) -> bytes:
    body = data[: data.rfind(b"\n", 0, -1) + 1]
    return body + closing_line(body)


def unchecked_bytes(receipt: Receipt) -> bytes:
    """The file of a receipt that does not fit together, with the words that belong to it where there are any."""
    try:
        words = plain_words(read_content(receipt))
    except VerificationError:
        words = ("",)
    return receipt_bytes(ReceiptFile(receipt, words))


def findings(receipt: Receipt, policy: Policy | None = STRICT) -> ReceiptReport:
    report = check_receipt(unchecked_bytes(receipt), policy)
    assert report.exit_code == 1, report
    assert report.words == ()
    return report


# Honest receipts


@pytest.mark.parametrize("name", RECEIPTS)
def test_an_honest_receipt_passes_every_step(name: str) -> None:
    receipt = RECEIPTS[name]()
    report = check_receipt(write_receipt(receipt), STRICT)
    assert [step.outcome for step in report.steps] == [Outcome.PASSED] * 7
    assert report.exit_code == 0
    assert report.verdict.startswith("Every step passed")
    assert (report.subject, report.name, report.origin) == (receipt.subject, receipt.name, ORIGIN)
    assert report.signers == (str(LOG_KEY),)
    assert [(one.name, one.size, one.at) for one in report.cosigned] == [(WITNESS, 14, COSIGNED_AT)]
    assert report.words == plain_words(read_content(receipt))
    report.require()


@pytest.mark.parametrize("name", BATCH)
@pytest.mark.parametrize("index", [7, 9])
def test_every_conversation_is_told_in_or_out_of_every_release(name: str, index: int) -> None:
    receipt = conversation_receipt(committed(name), world().open(3, index), [answer(name, index)])
    held = RELEASED if index == 7 else ALSO_RELEASED
    assert receipt.memberships[0].included == (name in held)
    assert check_receipt(write_receipt(receipt), STRICT).exit_code == 0


def test_without_a_key_the_log_is_not_established() -> None:
    report = check_receipt(write_receipt(account()), None)
    assert report.exit_code == 2
    assert not report.established
    assert report.unchecked == (ORIGIN, WITNESS)
    assert report.steps[3].outcome is Outcome.NOT_CHECKED
    assert "not established" in report.verdict
    with pytest.raises(VerificationError, match="not established"):
        report.require()


def test_lines_without_a_key_are_reported_as_unchecked() -> None:
    report = check_receipt(write_receipt(account()), policy_of([LOG_KEY]))
    assert report.exit_code == 0
    assert report.unchecked == (WITNESS,)
    assert any(WITNESS in line for line in report.steps[3].not_checked)


def test_entries_proved_at_different_sizes_pass_and_the_sizes_are_reported() -> None:
    log = world()
    receipt = account_receipt("ann", [*log.open(1, size=5), *log.open(4)])
    report = check_receipt(write_receipt(receipt), STRICT)
    assert report.exit_code == 0
    assert "sizes 5, 14" in report.steps[2].not_checked[0]
    assert {one.size for one in report.cosigned} == {5, 14}


# A changed file


def flipped(data: bytes, position: int, bit: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]


def test_every_flipped_bit_of_a_small_receipt_is_refused() -> None:
    data = write_receipt(account())
    for position in range(len(data)):
        report = check_receipt(flipped(data, position, position % 8), STRICT)
        assert 1 in failed(report), position
        assert report.words == ()


def test_flipped_bits_all_over_a_large_receipt_are_refused() -> None:
    data, draw = write_receipt(conversation("c-1")), random.Random(7)
    for _ in range(3_000):
        report = check_receipt(flipped(data, draw.randrange(len(data)), draw.randrange(8)), STRICT)
        assert 1 in failed(report)


def test_flipped_bits_are_refused_when_the_closing_digest_is_made_anew() -> None:
    data, draw, steps = write_receipt(conversation("c-1")), random.Random(8), set()
    body = data.rindex(b"digest sha256:")
    for _ in range(3_000):
        report = check_receipt(redigested(flipped(data, draw.randrange(body), draw.randrange(8))), STRICT)
        assert report.exit_code == 1
        steps |= failed(report)
    assert steps >= {1, 2, 3, 4, 7}


def test_every_flipped_bit_of_the_words_is_found_when_the_closing_digest_is_made_anew() -> None:
    data = write_receipt(account())
    start, end = data.index(b"This is"), data.index(EVIDENCE.encode())
    for position in range(start, end):
        report = check_receipt(redigested(flipped(data, position, position % 8)), STRICT)
        assert failed(report) <= {1, 7}, position
        assert report.exit_code == 1, position


@pytest.mark.parametrize("name", ["account", "conversation in it"])
def test_a_line_removed_doubled_or_moved_is_refused(name: str) -> None:
    data = write_receipt(RECEIPTS[name]())
    lines = data.splitlines(keepends=True)
    for n, line in enumerate(lines):
        rest = lines[n + 1 :]
        versions = [lines[:n] + rest, [*lines[: n + 1], line, *rest]]
        if rest and rest[0] != line:
            versions.append([*lines[:n], rest[0], line, *rest[1:]])
        for version in versions:
            assert check_receipt(b"".join(version), STRICT).exit_code == 1, line


def test_a_line_removed_doubled_or_moved_is_refused_with_a_new_closing_digest_too() -> None:
    data = write_receipt(conversation("c-1"))
    *lines, _ = data.splitlines(keepends=True)
    signature = "\N{EM DASH} ".encode()
    for n, line in enumerate(lines):
        rest = lines[n + 1 :]
        versions = [lines[:n] + rest, [*lines[: n + 1], line, *rest]]
        # The order of signature lines says nothing, and two of them may be exchanged (docs/formats/receipts.md).
        if rest and rest[0] != line and not (line.startswith(signature) and rest[0].startswith(signature)):
            versions.append([*lines[:n], rest[0], line, *rest[1:]])
        for version in versions:
            body = b"".join(version)
            assert check_receipt(body + closing_line(body), STRICT).exit_code == 1, line


def test_exchanged_signature_lines_change_nothing_that_is_said() -> None:
    receipt = account()
    opened = receipt.entries[0]
    note = read_note(opened.proof.checkpoint)
    other = replace(opened.proof, checkpoint=Note(note.text, note.lines[::-1]).data())
    data = write_receipt(replace(receipt, entries=(replace(opened, proof=other),)))
    report = check_receipt(data, STRICT)
    assert report.exit_code == 0
    assert report.words == plain_words(read_content(receipt))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"is NOT in the release", b"is in the release"),
        (b"is in the release", b"is NOT in the release"),
        (b"number 5 in a batch", b"number 4 in a batch"),
        (b"WHAT THIS DOES NOT PROVE", b"WHAT THIS ALSO PROVES"),
        (b"- It covers the committed set only", b"- It covers everything"),
        (b"IN SHORT\n", b"IN SHORT\n\n- All is well."),
        (b"Entry 10 of the log", b"Entry 11 of the log"),
        (b"14:05 UTC", b"14:06 UTC"),
        (b"- The reason given was", b"-  The reason given was"),
    ],
)
def test_other_words_are_refused_by_the_step_of_the_words(old: bytes, new: bytes) -> None:
    data = write_receipt(conversation("c-5"))
    assert old in data
    report = check_receipt(redigested(data.replace(old, new, 1)), STRICT)
    assert failed(report) == {7}
    line = data[: data.index(old)].count(b"\n") + 1
    assert abs(int(report.findings[0].what.removeprefix("line ").split(":")[0]) - line) <= 2


# Lies that fit their words and digest


def with_entry(receipt: Receipt, number: int, change: Callable[[OpenedEntry], OpenedEntry]) -> Receipt:
    entries = list(receipt.entries)
    entries[number] = change(entries[number])
    return replace(receipt, entries=tuple(entries))


def recommitted(opened: OpenedEntry, payload: bytes) -> OpenedEntry:
    """Another payload under a commitment that opens to it: what a forger without the log can make."""
    entry = replace(opened.entry, commitment=commit(opened.salt, payload))
    return replace(opened, entry=entry, payload=payload)


LIES: list[tuple[str, Callable[[OpenedEntry], OpenedEntry], set[int]]] = [
    ("another salt", lambda o: replace(o, salt=bytes(32)), {2}),
    ("another payload", lambda o: replace(o, payload=o.payload.replace(b"granted", b"refused")), {2}),
    ("a payload in another spelling", lambda o: recommitted(o, o.payload.replace(b":", b": ")), {2, 3}),
    ("a payload of another kind", lambda o: recommitted(o, b'{"conversations":1,"root":"00"}'), {2, 3}),
    (
        "another payload and commitment",
        lambda o: recommitted(o, o.payload.replace(b"granted", b"refused")),
        {3},
    ),
    ("another commitment", lambda o: replace(o, entry=replace(o.entry, commitment=bytes(32))), {2, 3}),
    ("another time", lambda o: replace(o, entry=replace(o.entry, at=o.entry.at + 1)), {3}),
    ("another kind", lambda o: replace(o, entry=replace(o.entry, kind="event")), {2, 3}),
    ("a kind with another form", lambda o: replace(o, entry=replace(o.entry, kind="erasure")), {2, 3}),
    ("another place", lambda o: replace(o, proof=replace(o.proof, index=2)), {3}),
    ("a place after the end", lambda o: replace(o, proof=replace(o.proof, index=99)), {3}),
    ("a shorter path", lambda o: replace(o, proof=replace(o.proof, hashes=o.proof.hashes[:-1])), {3}),
    ("a longer path", lambda o: replace(o, proof=replace(o.proof, hashes=(*o.proof.hashes, bytes(32)))), {3}),
    ("no path", lambda o: replace(o, proof=replace(o.proof, hashes=())), {3}),
]


@pytest.mark.parametrize(("what", "change", "steps"), LIES, ids=[lie[0] for lie in LIES])
def test_a_lie_about_an_entry_is_refused(
    what: str, change: Callable[[OpenedEntry], OpenedEntry], steps: set[int]
) -> None:
    report = findings(with_entry(account(), 0, change))
    assert failed(report) - {7} == steps, report.findings
    assert any(finding.what.startswith("entry ") for finding in report.findings)


def test_a_payload_of_another_kind_is_named_as_one() -> None:
    report = findings(with_entry(account(), 0, LIES[8][1]))
    assert "not the payload of an entry 'erasure'" in report.findings[0].what


def noted(receipt: Receipt, change: Callable[[Note], Note]) -> Receipt:
    """The same with every checkpoint changed."""
    entries = []
    for opened in receipt.entries:
        data = change(read_note(opened.proof.checkpoint)).data()
        entries.append(replace(opened, proof=replace(opened.proof, checkpoint=data)))
    return replace(receipt, entries=tuple(entries))


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    other = vkey_of(ORIGIN, key="somebody else")
    forged = noted(
        account(), lambda note: Note(note.text, (sign(note.text, other, "somebody else"), note.lines[1]))
    )
    report = findings(forged)
    assert failed(report) == {4}
    assert not report.established
    assert "no listed key of the log" in report.findings[0].what
    # The same signature under the name and id of the true key.
    named = replace(LOG_KEY, public=other.public)
    line = sign(
        account().entries[0].proof.checkpoint.decode().split("\n\n")[0] + "\n", named, "somebody else"
    )
    report = findings(noted(account(), lambda note: Note(note.text, (line, note.lines[1]))))
    assert failed(report) == {4}
    assert "does not hold" in report.findings[0].what


def test_a_log_that_the_reader_does_not_know_is_refused() -> None:
    report = check_receipt(write_receipt(account()), policy_of([vkey_of("example.net/other")]))
    assert failed(report) == {4}
    assert "lists no log" in report.findings[0].what


def test_a_changed_root_is_refused_by_the_signature_and_the_proofs() -> None:
    def change(note: Note) -> Note:
        origin, size, root, *rest = note.text.split("\n")
        return Note("\n".join([origin, size, ("A" if root[0] != "A" else "B") + root[1:], *rest]), note.lines)

    assert failed(findings(noted(account(), change))) == {3, 4}


def test_a_missing_cosignature_is_refused_where_the_quorum_asks_for_it() -> None:
    alone = noted(account(), lambda note: Note(note.text, note.lines[:1]))
    report = findings(alone)
    assert failed(report) == {4}
    assert "quorum" in report.findings[0].what
    assert check_receipt(write_receipt(alone), TRUST).exit_code == 0


def test_a_quorum_needs_every_witness_it_names() -> None:
    second = vkey_of("witness.example/w2", COSIGNATURE)
    both = with_quorum(WITNESS_KEY, second)
    assert check_receipt(write_receipt(account()), both).exit_code == 1
    log = world()
    log.witnesses = (WITNESS_KEY, second)
    report = check_receipt(write_receipt(account(log)), both)
    assert report.exit_code == 0
    assert {one.name for one in report.cosigned} == {WITNESS, "witness.example/w2"}


def test_a_cosignature_that_does_not_hold_is_refused_even_without_a_quorum() -> None:
    def change(note: Note) -> Note:
        log, witness = note.lines
        broken = SignatureLine(witness.name, witness.key_id, witness.signature[:-1] + b"\0")
        return Note(note.text, (log, broken))

    assert failed(findings(noted(account(), change), TRUST)) == {4}
    assert check_receipt(write_receipt(noted(account(), change)), policy_of([LOG_KEY])).exit_code == 0


def test_two_roots_for_one_size_are_a_fork() -> None:
    log, other = world(), world()
    other.entries[12] = replace(other.entries[12], commitment=bytes(32))
    report = findings(account_receipt("ann", [*log.open(1), *other.open(4)]))
    assert failed(report) == {3}
    assert "two roots for 14 entries" in report.findings[0].what


def test_entries_of_two_logs_are_refused() -> None:
    other = SmallLog("example.net/other")
    for entry, (_, payload) in zip(world().entries, world().secrets, strict=True):
        other.add(entry.kind, payload)
    report = findings(account_receipt("ann", [*world().open(1), *other.open(4)]))
    assert 3 in failed(report)
    assert any("more than one log" in finding.what for finding in report.findings)


@pytest.mark.parametrize("name", ["example.org/\u202egol", "example.org/a\u0301", "example.org/\u200b"])
def test_a_log_or_witness_whose_name_cannot_be_shown_is_refused(name: str) -> None:
    for log in (SmallLog(name), SmallLog(witnesses=(vkey_of(name, COSIGNATURE),))):
        log.add("choice", event("choice.made", account="ann", choice="x", value="refused"))
        receipt = account_receipt("ann", log.open(0))
        with pytest.raises(VerificationError, match="cannot be seen as it stands"):
            write_receipt(receipt)
        assert failed(check_receipt(unchecked_bytes(receipt), STRICT)) == {1}


def test_time_that_goes_back_along_the_log_is_refused() -> None:
    log = world()
    log.entries[4] = replace(log.entries[4], at=log.entries[0].at)
    report = findings(account_receipt("ann", log.open(1, 4)))
    assert failed(report) == {3}
    assert "was logged before entry 1" in report.findings[0].what


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"origin": "example.net/other"}, "rests on another log"),
        ({"size": 99}, "on later ones"),
        ({"root": "00" * 32}, "two roots"),
    ],
)
def test_a_release_rests_on_an_earlier_state_of_the_same_log(change: dict[str, Any], words: str) -> None:
    log = world()
    payload = release(log, "sha256:" + "99" * 32, RELEASED)
    payload["checkpoint"] |= change
    index = log.add("release", payload)
    report = findings(release_receipt(MANIFEST, log.open(6, 7, index)))
    assert failed(report) == {3}
    assert any(words in finding.what for finding in report.findings)


# Somebody else's entries


def test_two_receipts_spliced_into_one_are_refused() -> None:
    mine, theirs = account(), account_receipt("bob", world().open(13))
    report = findings(replace(mine, entries=(*mine.entries, *theirs.entries)))
    assert failed(report) == {2}
    assert "'bob'" in report.findings[0].what
    first, second = write_receipt(mine), write_receipt(theirs)
    block = second[second.index(b"entry 13\n") : second.rindex(b"digest ")]
    cut = first.rindex(b"digest ")
    assert failed(check_receipt(redigested(first[:cut] + block + first[cut:]), STRICT)) == {2}
    assert 1 in failed(check_receipt(first + second, STRICT))


def test_the_words_of_one_receipt_over_the_evidence_of_another_are_refused() -> None:
    first, second = write_receipt(conversation("c-1")), write_receipt(conversation("c-5"))
    split = EVIDENCE.encode()
    for head, tail in ((first, second), (second, first)):
        spliced = redigested(head[: head.index(split)] + tail[tail.index(split) :])
        assert check_receipt(spliced, STRICT).exit_code == 1
    about = first.replace(b'about conversation "c-1"', b'about conversation "c-5"', 1)
    assert failed(check_receipt(redigested(about), STRICT)) == {1}


@pytest.mark.parametrize(
    ("subject", "name", "indexes"),
    [("account", "bob", (1,)), ("release", MANIFEST, (7, 1)), ("release", ARTEFACT, (7,)),
     ("lineage", MANIFEST, (7, 11)), ("account", "c-1", (2,))],
)  # fmt: skip
def test_a_receipt_about_one_thing_with_entries_of_another_is_refused(
    subject: str, name: str, indexes: Sequence[int]
) -> None:
    entries = sorted(world().open(*indexes), key=lambda opened: opened.index)
    assert failed(findings(Receipt(subject, name, tuple(entries)))) == {2}


def test_an_event_of_another_conversation_is_refused() -> None:
    receipt = conversation_receipt(committed("c-5"), world().open(3, 8))
    assert failed(findings(receipt)) == {2}
    own = conversation_receipt(committed("c-1"), world().open(2, 3, 8))
    assert check_receipt(write_receipt(own), STRICT).exit_code == 0


# The conversation


def reopened(receipt: Receipt, **change: Any) -> Receipt:
    assert receipt.conversation is not None
    return replace(receipt, conversation=replace(receipt.conversation, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"salt": bytes(32)},
        {"position": 1},
        {"position": 3},
        {"batch_size": 4},
        {"batch_size": 6},
        {"path": ()},
        {"path": (bytes(32),)},
        {"path": (bytes(32), bytes(32), bytes(32))},
    ],
    ids=str,
)
def test_a_conversation_that_is_not_so_in_its_batch_is_refused(change: dict[str, Any]) -> None:
    receipt = reopened(conversation("c-1"), **change)
    assert 5 in failed(findings(receipt))


def test_another_conversation_cannot_take_the_place_of_one() -> None:
    receipt = conversation_receipt(committed("c-1"), world().open(3))
    renamed = reopened(replace(receipt, name="c-9"), conversation="c-9")
    assert failed(findings(renamed)) == {5}


def judged(name: str, index: int, **change: Any) -> Receipt:
    receipt = conversation_receipt(committed(name), world().open(3, 7, 9), [answer(name, index)])
    return replace(receipt, memberships=(replace(receipt.memberships[0], **change),))


@pytest.mark.parametrize("name", BATCH)
@pytest.mark.parametrize("index", [7, 9])
def test_a_forged_answer_is_refused(name: str, index: int) -> None:
    held = RELEASED if index == 7 else ALSO_RELEASED
    included = name in held
    assert check_receipt(unchecked_bytes(judged(name, index)), STRICT).exit_code == 0
    assert failed(findings(judged(name, index, included=not included))) == {6}
    assert failed(findings(judged(name, index, release=2 if index == 7 else 1))) == {6}
    right = answer(name, index).proof
    label = labels_of([name])[0]
    forgeries = [proof_of(labels_of(held), other) for other in labels_of(BATCH) if other != label]
    forgeries += [replace(right, siblings=right.siblings[:-1]), replace(right, depth=right.depth + 1)]
    forgeries += [
        replace(right, terminal=label),
        replace(right, siblings=(bytes([1]) * 32,) * len(right.siblings)),
    ]
    for proof in forgeries:
        for answered in (True, False):
            if (proof, answered) != (right, included):
                report = check_receipt(
                    unchecked_bytes(judged(name, index, proof=proof, included=answered)), STRICT
                )
                assert failed(report) & {1, 6}, (proof, answered)


def test_an_absence_from_a_release_older_than_the_commitment_means_nothing() -> None:
    """The operator commits to a released conversation once more, under a label that no older release can have."""
    log = world()
    salt = sha256(b"a second salt").digest()
    label = commit_conversation(salt, "c-1")
    late = log.add("intake", {"conversations": 1, "root": leaf_hash(label).hex()})
    again = Committed("c-1", salt, 0, Batch([label]), late)
    receipt = conversation_receipt(again, log.open(7, late))
    lie = replace(receipt, memberships=(Membership(0, False, proof_of(labels_of(RELEASED), label)),))
    report = findings(lie)
    assert failed(report) == {6}
    assert "before the conversation was committed to" in report.findings[0].what


# Hostile files


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
)
def test_no_file_makes_the_check_itself_fail(data: bytes) -> None:
    for whole in (data, b"troth receipt 1\n" + data, redigested(b"troth receipt 1\n" + data + b"\n\n")):
        report = check_receipt(whole, None)
        assert report.exit_code == 1
        assert failed(report) == {1}


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_damage_makes_the_check_itself_fail(data: st.DataObject) -> None:
    whole = write_receipt(account())
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    put = data.draw(st.sampled_from([b"", b"\n", b"\x00", b"\xff", b"entry 1\n", whole[start:end] * 2, b'"']))
    changed = whole[:start] + put + whole[end:]
    if changed != whole:
        assert check_receipt(changed, STRICT).exit_code == 1
        report = check_receipt(redigested(changed), STRICT)
        assert report.exit_code == 1 or report.words == read_receipt(whole).words


def test_a_file_larger_than_any_receipt_is_refused_unread() -> None:
    report = check_receipt(b"troth receipt 1\n" + bytes(LARGEST_RECEIPT), STRICT)
    assert failed(report) == {1}
    assert "no receipt is larger" in report.findings[0].what


def test_findings_are_one_plain_line_each_whatever_the_file_holds() -> None:
    log = SmallLog()
    log.add("choice", event("choice.made", account="x\u202e\n\x1b[31m", choice="x", value="refused"))
    report = findings(Receipt("account", "y\u2028", tuple(log.open(0))))
    for finding in report.findings:
        assert str(finding).isprintable()


def test_many_findings_of_one_step_are_counted() -> None:
    log = SmallLog()
    for _ in range(50):
        log.add("choice", event("choice.made", account="ann", choice="x", value="refused"))
    receipt = account_receipt("ann", log.open(*range(50)))
    lie = replace(receipt, entries=tuple(replace(opened, salt=bytes(32)) for opened in receipt.entries))
    report = findings(lie)
    assert len(report.steps[1].findings) == 21
    assert "30 more" in report.steps[1].findings[-1].what


def test_the_file_is_named_in_every_finding() -> None:
    report = check_receipt(b"", None, "mine.txt")
    assert {finding.file for finding in report.findings} == {"mine.txt"}
    with pytest.raises(VerificationError, match=r"mine\.txt"):
        report.require()


def test_a_read_receipt_is_what_was_checked() -> None:
    data = write_receipt(conversation("c-1"))
    assert read_receipt(data).words == check_receipt(data, STRICT).words
    assert salt_of("c-1") == read_receipt(data).receipt.conversation.salt  # type: ignore[union-attr]
