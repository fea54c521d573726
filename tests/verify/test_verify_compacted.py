"""Verifying a release from which erased rows were removed: by whom it can be shown, and what a forger cannot do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from compacted_world import SHARD, Compacted, compacted, digest, log_of, of_leaf
from small_release import Made, forge, make, replace_file

from receipt_worlds import SmallLog, vkey_of
from sealed_world import LEDGER
from troth.errors import VerificationError
from troth.proof.policy import policy_of
from troth.release.compacted_rows import LEAF
from troth.release.layout import COMPACTED
from troth.verify.report import Outcome, Removed, Report


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A sealed, signed release of the small world. Not to be changed."""
    return make(tmp_path_factory.mktemp("compacted"), sealed=True, conversations=9)


@pytest.fixture
def world(closed: Made, tmp_path: Path) -> Compacted:
    """The same without one conversation of four rows."""
    return compacted(closed, tmp_path / "release", "c-00003")


def findings(report: Report) -> str:
    """Without those of step 9: the small world has no tree of a real workspace."""
    return " ".join(str(finding) for one in report.steps if one.number != 9 for finding in one.findings)


def told(report: Report, number: int) -> str:
    (step,) = [one for one in report.steps if one.number == number]
    return " ".join((*step.checked, *step.not_checked))


# --- what can be shown --------------------------------------------------------------------------------


def test_a_stranger_with_the_logs_key_finds_every_row_there_or_vouched_for(world: Compacted) -> None:
    report = world.verify()
    assert not findings(report)
    assert report.removed == Removed(rows=4, shards=1, vouched=True)
    assert report.exit_code == 0
    assert [one.outcome for one in report.steps if one.number != 9] == [
        *[Outcome.PASSED] * 8,
        Outcome.NOT_CHECKED,  # the ledger was not given
        Outcome.PASSED,
    ]
    assert "4 rows removed since" in told(report, 4)
    assert "the rest leaves room for them" in told(report, 6)
    assert "4 records of the logs in no row, where 4 were removed since" in told(report, 8)
    assert "reason, clause and end of keeping of 4 rows" in told(report, 8)
    assert "but for 4 rows removed since" in replace(report, steps=report.steps[:7]).verdict
    report.require()


def test_without_the_logs_key_the_rest_is_checked_and_the_removal_is_not_established(
    world: Compacted,
) -> None:
    report = world.verify(None)
    assert not findings(report)
    assert report.removed == Removed(rows=4, shards=1, vouched=False)
    assert report.exit_code == 2
    assert "Removal not established: 4 rows" in report.verdict
    assert "whether the ledger says so" in told(report, 11)
    with pytest.raises(VerificationError, match="Removal not established"):
        report.require()


def test_with_the_workspace_what_is_there_is_opened_and_compared(world: Compacted) -> None:
    report = world.verify(opened=True)
    assert not findings(report)
    rows = pq.read_table(world.folder / SHARD)
    there = rows.num_rows - 4
    assert f"{there} rows opened" in told(report, 4)
    assert "sealed" not in told(report, 6)
    assert "texts as in the logs" in told(report, 8)


def test_an_uncompacted_release_has_no_such_step(closed: Made) -> None:
    report = closed.verify()
    assert report.removed is None
    assert [step.number for step in report.steps] == list(range(1, 11))


def test_more_is_removed_later_and_only_the_newest_file_is_named(world: Compacted, closed: Made) -> None:
    first = world.shard()
    world.remove("c-yes")
    report = world.verify()
    assert not findings(report)
    assert report.removed == Removed(rows=8, shards=1, vouched=True)
    (world.folder / SHARD).write_bytes(first)
    assert "a changed file" in findings(world.verify())
    (world.folder / SHARD).write_bytes((closed.folder / SHARD).read_bytes())
    older = world.verify()
    assert not findings(older)
    assert older.removed is None
    assert "1 shard as built, although rows were removed since" in told(older, 11)


def test_while_a_compaction_is_under_way_both_files_are_named(world: Compacted) -> None:
    first, entry = world.shard(), world.about[-1]
    world.remove("c-yes")
    world.write(world.log, [*world.about[:2], entry, world.about[-1]])
    assert not findings(world.verify())
    (world.folder / SHARD).write_bytes(first)
    report = world.verify()
    assert not findings(report)
    assert report.removed == Removed(rows=4, shards=1, vouched=True)


def test_everything_may_be_removed(closed: Made, tmp_path: Path) -> None:
    names = set(pq.read_table(closed.folder / SHARD, columns=["conversation"])["conversation"].to_pylist())
    world = compacted(closed, tmp_path / "release", *names)
    report = world.verify()
    assert not findings(report)
    assert report.removed == Removed(rows=len(closed_rows(closed)), shards=1, vouched=True)


def test_a_record_that_was_said_twice_may_be_a_removed_one(closed: Made, tmp_path: Path) -> None:
    """``excluded.parquet`` still says that it came in again."""
    world = compacted(closed, tmp_path / "release", "c-yes")
    assert not findings(world.verify())


def closed_rows(made: Made) -> list[dict[str, object]]:
    return list(pq.read_table(made.folder / SHARD).to_pylist())


# --- without the log's key: whoever can write the folder -----------------------------------------------


def test_rows_that_are_removed_without_a_word_are_found(world: Compacted, closed: Made) -> None:
    (world.folder / COMPACTED).unlink()
    report = world.verify()
    assert "a changed file: its bytes are not those that the manifest names" in findings(report)
    assert report.removed is None
    (world.folder / SHARD).write_bytes((closed.folder / SHARD).read_bytes())
    assert not findings(world.verify())


def test_one_more_row_removed_than_the_receipt_tells_of_is_found(world: Compacted) -> None:
    receipt = (world.folder / COMPACTED).read_bytes()
    world.remove("c-yes")
    (world.folder / COMPACTED).write_bytes(receipt)
    assert "a changed file" in findings(world.verify())


def test_a_log_of_ones_own_establishes_nothing(closed: Made, tmp_path: Path) -> None:
    """The forger removes a row that nobody erased, under a log of the same name with another key."""
    mine = SmallLog(LEDGER.origin, witnesses=())
    world = compacted(closed, tmp_path / "release", log=mine)
    world.remove("c-00006")
    world.write(mine, world.about, key="somebody else")
    report = world.verify()
    assert report.exit_code == 1
    assert "compacted.receipt" in findings(report)
    assert "a changed file" in findings(report)
    unknown = world.verify(None)
    assert unknown.exit_code == 2
    assert unknown.removed == Removed(rows=4, shards=1, vouched=False)


def test_a_log_of_another_name_is_not_the_releases(closed: Made, tmp_path: Path) -> None:
    other = SmallLog("example.org/other", witnesses=())
    world = compacted(closed, tmp_path / "release")
    world.log = other
    for _ in range(9):
        other.add("withdrawal", {"manifest": "sha256:" + "00" * 32, "why": "filler"})
    for index in world.about:
        world.log.add(("build", "release")[index - 7], _moved(world, index))
    world.about = [9, 10]
    world.remove("c-00003")
    assert "is from another log" in findings(world.verify(policy_of([vkey_of("example.org/other")])))
    assert "is from another log" in findings(world.verify(None))


def _moved(world: Compacted, index: int) -> bytes:
    """The payload of an entry of the build or the release, resting on the other log."""
    own = SmallLog(LEDGER.origin, witnesses=())
    list(log_of(own, world.made, world.manifest))
    return own.secrets[index][1].replace(LEDGER.origin.encode(), b"example.org/other")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"removed":4', b'"removed":5'),
        (b"shards/part-00000", b"shards/part-00001"),
        (b'"what":"release"', b'"what":"vault"'),
    ],
)
def test_a_changed_receipt_says_nothing(world: Compacted, old: bytes, new: bytes) -> None:
    data = (world.folder / COMPACTED).read_bytes()
    assert old in data
    body = data.replace(old, new)
    at = body.rindex(b"\n", 0, -1) + 1
    resealed = re.sub(rb"[0-9a-f]{64}", hashlib.sha256(body[:at]).hexdigest().encode(), body[at:])
    (world.folder / COMPACTED).write_bytes(body[:at] + resealed)
    report = world.verify(None)
    assert report.exit_code == 1
    assert "a changed file" in findings(report)
    assert report.removed is None


@pytest.mark.parametrize("keep", [0, 1, 700, -1])
def test_a_receipt_that_was_cut_off_says_nothing(world: Compacted, keep: int) -> None:
    data = (world.folder / COMPACTED).read_bytes()
    (world.folder / COMPACTED).write_bytes(data[:keep])
    assert "compacted.receipt" in findings(world.verify())
    assert "a changed file" in findings(world.verify())


def test_a_shard_that_was_cut_off_is_found(world: Compacted) -> None:
    (world.folder / SHARD).write_bytes(world.shard()[:-1])
    assert "a changed file" in findings(world.verify())


def test_the_receipt_of_another_release_is_not_this_ones(
    world: Compacted, closed: Made, tmp_path: Path
) -> None:
    other = forge(closed, tmp_path / "signed-again", lambda content: content.predicate.update(at=later()))
    theirs = compacted(other, tmp_path / "other", "c-00003")
    (world.folder / COMPACTED).write_bytes((theirs.folder / COMPACTED).read_bytes())
    assert "is the receipt of something else than this release" in findings(world.verify())


def later() -> str:
    return "2025-11-02T00:00:00Z"


def test_a_compaction_of_another_release_does_not_stand_in_this_ones_receipt(world: Compacted) -> None:
    entry = world.log.add("compaction", {"manifest": "sha256:" + "11" * 32, "new": digest(world.shard()),
                                         "old": "sha256:" + "22" * 32, "removed": 4, "shard": SHARD, "what": "release"})  # fmt: skip
    world.write(world.log, [*world.about[:2], entry])
    assert "is about a shard of the release sha256:1111" in findings(world.verify())


def test_the_receipt_of_the_release_alone_names_no_shard(world: Compacted) -> None:
    world.write(world.log, world.about[:2])
    assert "names no shard that was compacted" in findings(world.verify())


def test_a_receipt_that_is_a_link_a_folder_or_too_large_is_refused(world: Compacted, tmp_path: Path) -> None:
    path = world.folder / COMPACTED
    kept = tmp_path / "kept"
    path.rename(kept)
    path.symlink_to(kept)
    assert "cannot be opened as a file" in findings(world.verify())
    path.unlink()
    path.mkdir()
    assert "is not an ordinary file" in findings(world.verify())
    path.rmdir()
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert "no receipt is that large" in findings(world.verify())


def test_such_a_file_in_a_plain_release_is_an_extra_one(release: Made) -> None:
    (release.folder / COMPACTED).write_bytes(b"")
    assert "an extra file, which the manifest does not name" in findings(release.verify())


# --- with the log's key: its operator ------------------------------------------------------------------


def test_who_has_the_logs_key_can_remove_a_row_that_nobody_erased_and_it_is_counted(
    world: Compacted,
) -> None:
    world.remove("c-00006")
    report = world.verify()
    assert not findings(report)
    assert report.removed == Removed(rows=8, shards=1, vouched=True)


def swapped_leaves(table: pa.Table) -> pa.Table:
    leaves = table.column(LEAF).to_pylist()
    one, other = [place for place, leaf in enumerate(leaves) if leaf is not None][:2]
    return of_leaf(of_leaf(table, one, leaves[other]), other, leaves[one])


def another_leaf(table: pa.Table) -> pa.Table:
    return of_leaf(table, _removed(table), bytes(32))


def a_short_leaf(table: pa.Table) -> pa.Table:
    return of_leaf(table, _removed(table), bytes(31))


def a_leaf_beside_a_row(table: pa.Table) -> pa.Table:
    return of_leaf(table, _there(table), bytes(32))


def neither_row_nor_leaf(table: pa.Table) -> pa.Table:
    return of_leaf(table, _removed(table), None)


def a_row_changed(table: pa.Table) -> pa.Table:
    return _with(table, _there(table), "account", "somebody")


def a_row_without_its_salt(table: pa.Table) -> pa.Table:
    return _with(table, _there(table), "salt", None)


def a_row_added(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(table.num_rows - 1)])


def a_row_dropped(table: pa.Table) -> pa.Table:
    return table.slice(1)


def a_removed_row_moved(table: pa.Table) -> pa.Table:
    place = _removed(table)
    order = [*(other for other in range(table.num_rows) if other != place), place]
    return table.take(pa.array(order))


def _removed(table: pa.Table) -> int:
    return next(place for place, leaf in enumerate(table.column(LEAF).to_pylist()) if leaf is not None)


def _there(table: pa.Table) -> int:
    return next(place for place, leaf in enumerate(table.column(LEAF).to_pylist()) if leaf is None)


def _with(table: pa.Table, place: int, column: str, value: object) -> pa.Table:
    rows = table.to_pylist()
    rows[place][column] = value
    return pa.Table.from_pylist(rows, table.schema)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped_leaves, "its rows are not those of the root"),
        (another_leaf, "its rows are not those of the root"),
        (a_short_leaf, "does not have 32 bytes"),
        (a_leaf_beside_a_row, "a removed row has more than its leaf"),
        (neither_row_nor_leaf, "a row has no leaf, and is not whole"),
        (a_row_changed, "its rows are not those of the root"),
        (a_row_without_its_salt, "a row has no leaf, and is not whole"),
        (a_row_added, "its rows are not those of the root"),
        (a_row_dropped, "its rows are not those of the root"),
        (a_removed_row_moved, "its rows are not those of the root"),
    ],
)
def test_even_who_has_the_logs_key_can_only_remove(
    world: Compacted, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    world.remove("c-photo", change=change)
    report = world.verify()
    assert report.exit_code == 1
    assert said in findings(report)


def test_another_number_than_is_removed_is_found(closed: Made, tmp_path: Path) -> None:
    world = compacted(closed, tmp_path / "release")
    world.remove("c-00003", told=3)
    assert "4 rows of it are removed, and compacted.receipt says 3" in findings(world.verify())


def test_a_shard_as_built_that_is_told_of_as_compacted_is_found(world: Compacted, closed: Made) -> None:
    """Its columns are those of a whole shard, under another digest."""
    table = pq.read_table(closed.folder / SHARD)
    pq.write_table(table, world.folder / SHARD, compression="none")
    world.tell(old="sha256:" + "22" * 32, removed=1)
    assert "its columns are not those of the format; missing: leaf" in findings(world.verify())


# --- with the release's key: its signer ----------------------------------------------------------------


def test_a_release_cannot_be_signed_with_rows_already_removed(world: Compacted, tmp_path: Path) -> None:
    """Else a publisher would release rows that nobody has ever seen."""
    made = replace(world.made, folder=world.folder)
    (world.folder / COMPACTED).unlink()
    forged = replace_file(made, tmp_path / "forged", SHARD, world.shard())
    assert "its columns are not those of the format; extra: 'leaf'" in findings(forged.verify())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("products", {"chat": 0}, "statistics.products: 'chat' is 0"),
        ("conversations", 999, "statistics.conversations is 999, which is not what the shards and 4 removed rows"),
        ("months", {"2025-10": 999}, "statistics.months add up to 999"),
    ],
)  # fmt: skip
def test_counts_that_removed_rows_cannot_make_up_for_are_found(
    closed: Made, tmp_path: Path, name: str, value: object, said: str
) -> None:
    forged = forge(
        closed, tmp_path / "forged", lambda content: content.predicate["statistics"].update({name: value})
    )
    world = compacted(forged, tmp_path / "release", "c-00003")
    assert said in findings(world.verify())


def test_a_denied_record_does_not_hide_among_the_removed(closed: Made, tmp_path: Path) -> None:
    """It was neither listed as excluded nor released; a removed row is said to be it."""

    def hide(content: object) -> None:
        rows = [row for row in content.excluded if row["record"] != "c-no/0"]  # type: ignore[attr-defined]
        content.excluded[:] = rows  # type: ignore[attr-defined]

    forged = forge(closed, tmp_path / "forged", hide)
    world = compacted(forged, tmp_path / "release", "c-photo")
    told_of = findings(world.verify())
    assert "more records are in no row than the 2 that were removed" in told_of or "'c-no/0'" in told_of
    assert "the record 'c-no/0' was released and removed since, and the terms deny it" in told_of


def test_the_logs_without_what_was_erased_are_not_the_logs_of_the_release(world: Compacted) -> None:
    rows = [row for row in world.made.records.to_pylist() if row["conversation"] != "c-00003"]
    world.made.records = pa.Table.from_pylist(rows, world.made.records.schema)
    assert "the logs given are not the records of the manifest" in findings(world.verify())
    assert not findings(world.verify(inputs=False))
