"""Verifying a sealed release: without a key everything but the texts; with the workspace the texts too; and forgers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_release import Content, Made, forge, make, replace_file

from troth.release.rows import SHARD_SCHEMA
from troth.release.sealed_rows import hidden_bytes, release_key
from troth.vault.sealing import context, seal
from troth.verify.report import Outcome, Report

SHARD = "shards/part-00000.parquet"
MARKER = "smuggled into the cell"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A sealed, signed release of the small world. Not to be changed."""
    return make(tmp_path_factory.mktemp("sealed"), sealed=True, conversations=9)


def step(report: Report, number: int) -> tuple[Outcome, str, str]:
    """Outcome, findings, and what was not checked."""
    (found,) = [one for one in report.steps if one.number == number]
    return found.outcome, " ".join(map(str, found.findings)), " ".join(found.not_checked)


def sound(report: Report) -> None:
    """Nothing found in the content of the release. Steps 9 and 10 take a ledger and a tree of a real workspace."""
    assert not [str(finding) for one in report.steps if one.number < 9 for finding in one.findings]


def findings(report: Report) -> str:
    return " ".join(str(finding) for one in report.steps if one.number < 9 for finding in one.findings)


def test_without_a_key_everything_but_the_texts_is_checked(closed: Made) -> None:
    report = closed.verify()
    sound(report)
    assert [one.outcome for one in report.steps if one.number < 9] == [Outcome.PASSED] * 8
    rows = pq.read_table(closed.folder / SHARD).num_rows
    assert f"the texts of {rows} records: they are sealed, and were not compared" in step(report, 8)[2]
    assert f"texts and media of {rows} rows: they are sealed" in step(report, 4)[2]
    assert "words, text and media" in step(report, 6)[2]
    (told,) = [" ".join(one.checked) for one in report.steps if one.number == 8]
    assert "texts as in the logs" not in told
    assert "decided again" in told


def test_with_the_workspace_the_texts_are_compared(closed: Made) -> None:
    report = closed.verify(opened=True)
    sound(report)
    assert "sealed" not in step(report, 8)[2]
    assert "sealed" not in step(report, 6)[2]
    (told,) = [" ".join(one.checked) for one in report.steps if one.number == 8]
    assert "texts as in the logs, 3 of them but for filter tags" in told


def test_an_unsigned_sealed_release_has_the_salts_of_its_seed(tmp_path: Path) -> None:
    made = make(tmp_path, sealed=True, signed=False)
    sound(made.verify(key=False, opened=True))


def test_what_was_erased_since_is_counted_and_the_rest_is_compared(closed: Made, tmp_path: Path) -> None:
    made = closed.copy(tmp_path / "release")
    assert made.slots is not None
    made.slots = type(made.slots)(made.slots.conversations)
    made.slots.erase("c-00003")
    report = made.verify(opened=True)
    sound(report)
    assert "the texts of 4 records: they are sealed, and were not compared" in step(report, 8)[2]
    assert "texts and media of 4 rows: they are erased, or not of this workspace" in step(report, 4)[2]
    (told,) = [" ".join(one.checked) for one in report.steps if one.number == 8]
    assert "texts as in the logs" in told


def row(content: Content, record: str) -> dict[str, object]:
    (found,) = [one for one in content.rows if one["record"] == record]
    return found


def cell(made: Made, content: Content, slot: int, record: str, **hidden: object) -> bytes:
    """A cell as only who has the keys can seal it."""
    assert made.slots is not None
    whole = dict.fromkeys(SHARD_SCHEMA.names) | {"position": 0} | hidden
    (plain,) = hidden_bytes(pa.Table.from_pylist([whole], SHARD_SCHEMA))
    digest = content.predicate["inputs_digest"]
    return seal(release_key(made.slots.key(slot), digest), context("shard", digest, record), plain)


def swapped_in_one_conversation(_: Made, content: Content) -> None:
    one, other = row(content, "c-00003/0"), row(content, "c-00003/1")
    one["sealed"], other["sealed"] = other["sealed"], one["sealed"]


def swapped_between_conversations(_: Made, content: Content) -> None:
    one, other = row(content, "c-00003/0"), row(content, "c-00006/0")
    one["sealed"], other["sealed"] = other["sealed"], one["sealed"]


def one_bit_flipped(_: Made, content: Content) -> None:
    found = row(content, "c-00003/0")
    data = bytearray(found["sealed"])  # type: ignore[arg-type]
    data[-20] ^= 1
    found["sealed"] = bytes(data)


def conversations_exchange_their_slots(_: Made, content: Content) -> None:
    """Labels only: the cells stay under their own keys."""
    for found in content.rows:
        if found["conversation"] in ("c-00003", "c-00006"):
            found["slot"] = {"c-00003": 7, "c-00006": 4}[found["conversation"]]


def sealed_under_the_slot_of_another(made: Made, content: Content) -> None:
    """So that erasing this conversation would leave its text readable."""
    assert made.slots is not None
    spare = made.slots.of["c-no"]  # of a conversation that is not released
    for found in content.rows:
        if found["conversation"] == "c-00003":
            found["slot"] = spare
            found["sealed"] = cell(made, content, spare, str(found["record"]), text=MARKER)


def two_conversations_under_one_slot(made: Made, content: Content) -> None:
    assert made.slots is not None
    shared = made.slots.of["c-00006"]
    for found in content.rows:
        if found["conversation"] == "c-00003":
            found["slot"] = shared
            found["sealed"] = cell(made, content, shared, str(found["record"]), text=MARKER)


def two_slots_in_one_conversation(made: Made, content: Content) -> None:
    found = row(content, "c-00003/1")
    found["slot"] = 90


def the_slot_of_the_index_key(_: Made, content: Content) -> None:
    for found in content.rows:
        if found["conversation"] == "c-00003":
            found["slot"] = 0


def another_text_in_the_cell(made: Made, content: Content) -> None:
    assert made.slots is not None
    found = row(content, "c-00003/0")
    found["sealed"] = cell(made, content, made.slots.of["c-00003"], "c-00003/0", text=MARKER)


def plain_text_in_the_cell(_: Made, content: Content) -> None:
    row(content, "c-00003/0")["sealed"] = MARKER.encode()


def media_with_another_digest(made: Made, content: Content) -> None:
    assert made.slots is not None
    slot = made.slots.of["c-00003"]
    wrong = "sha256:" + hashlib.sha256(b"other").hexdigest()
    row(content, "c-00003/0")["sealed"] = cell(
        made, content, slot, "c-00003/0", text="x", bytes=b"media", digest=wrong
    )


FORGERIES: list[tuple[Callable[[Made, Content], None], str, str]] = [
    # (what a signer does, what is found without a key, what is found with the workspace)
    (
        swapped_in_one_conversation,
        "",
        "does not open: the sealed bytes were changed, or belong to another record",
    ),
    (swapped_between_conversations, "more than one slot or key", "sealed under another key"),
    (one_bit_flipped, "", "does not open: the sealed bytes were changed"),
    (conversations_exchange_their_slots, "", "a slot that is not its own"),
    (sealed_under_the_slot_of_another, "", "'c-00003' is sealed under a slot that is not its own"),
    (two_conversations_under_one_slot, "under one slot or one key", "a slot that is not its own"),
    (two_slots_in_one_conversation, "more than one slot or key", "more than one slot or key"),
    (the_slot_of_the_index_key, "the slot 0, which no conversation can have", "a slot that is not its own"),
    (another_text_in_the_cell, "", "differs from the log's in more than filter tags"),
    (plain_text_in_the_cell, "not sealed bytes of a form that is known", "not sealed bytes of a form"),
    (media_with_another_digest, "", "do not have the digest"),
]


@pytest.mark.parametrize(
    ("change", "told", "told_with_keys"), FORGERIES, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_signer_who_forges_cells_is_found_with_the_workspace(
    closed: Made, tmp_path: Path, change: Callable[[Made, Content], None], told: str, told_with_keys: str
) -> None:
    forged = forge(closed, tmp_path / "forged", lambda content: change(closed, content))
    without = findings(forged.verify())
    assert told in without if told else not without
    assert told_with_keys in findings(forged.verify(opened=True))


@pytest.mark.parametrize("change", [swapped_in_one_conversation, one_bit_flipped, another_text_in_the_cell])
def test_anyone_else_who_changes_a_cell_is_found_without_a_key(
    closed: Made, tmp_path: Path, change: Callable[[Made, Content], None]
) -> None:
    """The rows were changed, and the manifest with its root was not."""
    forged = forge(closed, tmp_path / "forged", lambda content: change(closed, content))
    shard = (forged.folder / SHARD).read_bytes()
    again = closed.copy(tmp_path / "again")
    (again.folder / SHARD).write_bytes(shard)
    assert step(again.verify(), 3)[0] is Outcome.FAILED
    resigned = replace_file(closed, tmp_path / "resigned", SHARD, shard)
    assert "its rows are not those of the root" in step(resigned.verify(), 4)[1]


def test_rows_of_another_release_do_not_open_in_this_one(closed: Made, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = make(tmp_path / "other", sealed=True, conversations=9, sample=0.999999)
    theirs = {one["record"]: one["sealed"] for one in pq.read_table(other.folder / SHARD).to_pylist()}

    def change(content: Content) -> None:
        for found in content.rows:
            if found["conversation"] == "c-00003":
                found["sealed"] = theirs[found["record"]]

    forged = forge(closed, tmp_path / "forged", change)
    sound(forged.verify())  # without the keys one key looks like another
    report = findings(forged.verify(opened=True))
    assert "'c-00003/0' does not open: the bytes were sealed under another key" in report


def test_a_manifest_that_says_plain_over_sealed_shards_is_found(closed: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.predicate["sealed"] = False

    report = forge(closed, tmp_path / "forged", change).verify()
    assert "its columns are not those of the format" in findings(report)


def test_a_manifest_that_says_sealed_over_plain_shards_is_found(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.predicate["sealed"] = True

    report = forge(honest, tmp_path / "forged", change).verify()
    assert "sealed and ledger contradict one another" in findings(report)


def test_plain_shards_in_a_sealed_release_are_found(closed: Made, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = make(tmp_path / "plain", conversations=9)
    forged = replace_file(closed, tmp_path / "forged", SHARD, (plain.folder / SHARD).read_bytes())
    assert "its columns are not those of the format" in findings(forged.verify())


def test_a_smuggled_record_is_named_without_a_key(closed: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        new = dict(row(content, "c-00003/3")) | {"record": "c-00003/4", "position": 4}
        new["sealed"] = cell(closed, content, int(new["slot"]), "c-00003/4", text=MARKER)  # type: ignore[call-overload]
        content.rows.insert(content.rows.index(row(content, "c-00003/3")) + 1, new)

    assert "smuggled: the record 'c-00003/4'" in findings(forge(closed, tmp_path / "forged", change).verify())
