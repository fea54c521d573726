"""Compaction: what is erased lies in no segment any more, and all else is as it was, for readers too."""

from __future__ import annotations

import functools
import gc
import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_worlds import Safe, batch, in_order, rows, safe, said, silent, talks

from troth.errors import VaultError, VerificationError
from troth.vault.segments import vault as vault_module
from troth.vault.segments.compact import Compacted
from troth.vault.segments.cut import LARGEST_GROUP, LARGEST_SEGMENT, MOST_ROWS, cut
from troth.vault.segments.index import FILE, Segment
from troth.vault.segments.plan import FEWEST, SMALL, Standing, pieces
from troth.vault.segments.rewrite import grouped
from troth.vault.segments.vault import Vault, create_vault

EXAMPLES = itertools.count()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Safe]:
    with safe(tmp_path / "vault") as made:
        yield made


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Safe]:
    with safe(tmp_path_factory.mktemp("keys") / "vault") as made:
        yield made


def small_segments(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(vault_module, "cut", functools.partial(cut, most=most))


def by_record(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["record"]))


def names(ours: Safe) -> list[str]:
    return [file.name for file in ours.files()]


# --- what goes, and what stays ------------------------------------------------------------------------------


@given(rows(), st.integers(1, 4), st.sets(st.sampled_from(["talk-1", "talk-2", "Gespräch 3", ""])))
@settings(max_examples=15, deadline=None)
def test_what_lives_is_as_it_was_to_the_byte_and_nothing_else_lies_there(
    keys: Safe, tmp_path_factory: pytest.TempPathFactory, told: list[dict[str, Any]], most: int,
    erased: set[str],
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("compacted")
    create_vault(folder)
    tag = f" of {next(EXAMPLES)}"  # names whose slots no other example has erased
    told = [{**row, "conversation": row["conversation"] + tag} for row in told]
    with closing(Vault(folder, keys.keyring, keys.handles)) as vault:
        ours = Safe(folder, keys.keyring, keys.handles, vault)
        for at in range(0, len(told), most):
            vault.add([batch(told[at : at + most])])
        ours.erase(*(name + tag for name in erased))
        readable, lying = ours.rows(), ours.lying()
        living = {row["record"] for row in readable}
        first = ours.compact()
        assert first.removed == len(told) - len(living)
        assert ours.rows() == readable
        assert by_record(ours.lying()) == by_record([row for row in lying if row["record"] in living])
        again = vault.add([batch(told)])
        assert (again.new, again.repeated, again.gone) == (0, len(living), first.removed)
        assert ours.compact() == Compacted(
            first.segments_after, first.segments_after, first.size_after, first.size_after, 0, 0
        )


def test_a_single_erased_record_among_many_goes(ours: Safe) -> None:
    ours.vault.add([talks(200)])
    ours.erase("talk-7")
    done = ours.compact()
    assert (done.segments_before, done.segments_after, done.removed) == (1, 1, 2)
    assert done.size_after < done.size_before
    assert not any(b"talk-7" in file.read_bytes() for file in ours.files())
    assert "talk-7" not in {row["conversation"] for row in ours.lying()}
    assert names(ours) == ["000000002.parquet"]
    assert len(ours.rows()) == 398


def test_a_segment_of_which_nothing_lives_leaves_no_file(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    ours.erase("talk-0", "talk-1")
    done = ours.compact()
    assert (done.segments_after, done.size_after, done.removed) == (0, 0, 4)
    assert names(ours) == []
    assert ours.rows() == []
    assert ours.vault.stored("talk-1") == 0


def test_a_number_is_never_given_twice(ours: Safe) -> None:
    ours.vault.add([talks(1)])
    ours.erase("talk-0")
    ours.compact()
    ours.vault.add([talks(1, first=1)])
    assert names(ours) == ["000000002.parquet"]


def test_marks_stay_so_that_an_old_log_brings_nothing_back(ours: Safe) -> None:
    log = talks(5)
    ours.vault.add([log])
    ours.erase("talk-1", "talk-3")
    ours.handles.forget("conversation", ["talk-1"])  # as an erasure does: the name may come again
    ours.compact()
    again = ours.vault.add([log, batch([said("talk-1", 9, "new")])])
    assert (again.new, again.repeated, again.gone) == (1, 6, 4)
    assert [row["record"] for row in ours.rows() if row["conversation"] == "talk-1"] == ["talk-1/9"]


def test_nothing_to_do_changes_no_file(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(FEWEST * 2 - 2)])
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in ours.files()}
    done = ours.compact()
    assert (done.segments_before, done.segments_after) == (FEWEST - 1, FEWEST - 1)
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in ours.files()} == before


def test_many_small_segments_become_one(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(FEWEST * 2)])
    before, lying = ours.rows(), ours.lying()
    done = ours.compact()
    assert (done.segments_before, done.segments_after, done.removed) == (FEWEST, 1, 0)
    assert ours.rows() == before
    assert by_record(ours.lying()) == by_record(lying)
    assert pq.ParquetFile(ours.files()[0]).num_row_groups == 1
    assert ours.vault.stored("talk-3") == 2
    assert [row["record"] for row in in_order(list(ours.vault.records(["talk-3"])))] == [
        "talk-3/0",
        "talk-3/1",
    ]


# --- the plan -----------------------------------------------------------------------------------------------

standings = st.lists(
    st.tuples(
        st.integers(1, 200), st.sampled_from([1_000, SMALL - 1, SMALL, LARGEST_SEGMENT]), st.integers(0, 200)
    ).map(lambda drawn: (*drawn[:2], min(drawn[0], drawn[2]))),
    max_size=40,
)


@given(standings)
def test_every_segment_with_a_dead_row_is_planned_once_and_every_piece_fits(
    drawn: list[tuple[int, int, int]],
) -> None:
    told = [
        Standing(Segment(number, count, size, b""), dead) for number, (count, size, dead) in enumerate(drawn)
    ]
    plan = list(pieces(told, LARGEST_SEGMENT, 1_000))
    flat = [one.segment.number for piece in plan for one in piece]
    assert flat == sorted(set(flat))
    assert {one.segment.number for one in told if one.dead} <= set(flat)
    for piece in plan:
        assert len(piece) == 1 or sum(one.size for one in piece) <= LARGEST_SEGMENT
        assert sum(one.living for one in piece) <= 1_000
        assert any(one.dead for one in piece) or len(piece) >= FEWEST
        assert all(one.dead or one.is_small for one in piece)


def test_full_segments_are_never_small() -> None:
    assert not Standing(Segment(1, MOST_ROWS, 1_000, b""), 0).is_small
    assert not Standing(Segment(1, 10, LARGEST_SEGMENT, b""), 0).is_small


def test_row_groups_are_as_large_as_they_may_be_and_no_larger() -> None:
    whole = talks(2_000, size=3_000)
    found = list(grouped(iter([whole.slice(at, 100) for at in range(0, 4_000, 100)])))
    assert sum(one.num_rows for one in found) == 4_000
    assert all(one.nbytes <= LARGEST_GROUP for one in found)
    assert all(one.nbytes > LARGEST_GROUP // 2 for one in found[:-1])


# --- readers ------------------------------------------------------------------------------------------------


def test_a_reader_reads_to_its_end_what_stood_when_it_began(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(6)])
    before = ours.rows()
    reading = ours.again().records()
    found = [next(reading)]
    ours.erase("talk-5")
    done = ours.compact()
    assert (done.segments_after, done.waiting) == (1, 3)
    assert names(ours) == [f"00000000{number}.parquet" for number in (1, 2, 3, 4)]
    found += list(reading)
    assert in_order(found) == [row for row in before if row["conversation"] != "talk-5"]
    assert reading.gone == 2
    ours.again().close()  # the next opening
    assert names(ours) == ["000000004.parquet"]
    assert ours.rows() == in_order(found)


def test_what_readers_held_goes_with_the_next_compaction(ours: Safe) -> None:
    ours.vault.add([talks(3)])
    reading = ours.again().deciding()
    ours.erase("talk-1")
    assert ours.compact().waiting == 1
    assert ours.compact().waiting == 1
    reading.close()
    assert ours.compact().waiting == 0
    assert names(ours) == ["000000002.parquet"]


def test_old_files_go_although_somebody_is_reading_at_every_moment(ours: Safe) -> None:
    ours.vault.add([talks(4)])
    reader = ours.again()
    reading = reader.records()
    for number in range(4):
        ours.erase(f"talk-{number}")
        waiting = ours.compact().waiting
        assert waiting <= 2
        following = reader.records()  # the next one begins before this one ends
        reading.close()
        reading = following
    assert ours.compact().waiting <= 1


def test_a_reading_that_was_never_begun_holds_nothing_when_it_is_forgotten(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    reading = ours.vault.records()
    ours.erase("talk-0")
    assert ours.compact().waiting == 1
    del reading
    gc.collect()  # it holds itself
    assert ours.compact().waiting == 0


def test_a_reading_that_is_read_to_the_end_holds_nothing(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    reading = ours.vault.records()
    list(reading)
    ours.erase("talk-0")
    assert ours.compact().waiting == 0


def test_files_for_deciding_stay_while_they_are_used(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    ours.erase("talk-0")
    with ours.again().plain_files() as files:
        assert ours.compact().waiting == 1
        assert pq.read_table(files, columns=["record"]).num_rows == 4
    assert ours.compact().waiting == 0
    with ours.vault.plain_files() as files:
        assert pq.read_table(files, columns=["record"]).num_rows == 2


def test_two_compactions_at_once_are_refused(ours: Safe) -> None:
    with ours.vault.compacting(), pytest.raises(VaultError, match="another compaction is under way"):
        ours.again().compact(silent)


def test_records_come_in_while_a_compaction_writes(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    ours.vault.add([talks(3)])
    ours.erase("talk-1")
    other = ours.again()
    moments = 0

    def meanwhile(stage: str, done: int, total: int | None) -> None:
        nonlocal moments
        if stage == "look":
            moments += 1
            assert other.add([talks(1, first=10)]).new == 2

    done = ours.vault.compact(meanwhile)
    assert (moments, done.segments_before, done.segments_after, done.removed) == (1, 1, 1, 2)
    assert {row["conversation"] for row in ours.rows()} == {"talk-0", "talk-2", "talk-10"}


# --- what is noted ------------------------------------------------------------------------------------------


def test_what_was_done_is_noted_until_somebody_was_told(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(4)])
    old = [segment.digest for segment in _segments(ours)]
    ours.erase("talk-0")
    ours.compact()
    with ours.vault.compacting() as compaction:
        (noted,) = compaction.rewritings(9)
        assert (noted.old, noted.removed) == (tuple(old), 2)
        assert [noted.new] == [segment.digest for segment in _segments(ours)]
        compaction.told([noted])
        assert compaction.rewritings(9) == []


def _segments(ours: Safe) -> list[Segment]:
    with ours.vault.standing() as found:
        return found


# --- damage -------------------------------------------------------------------------------------------------


def test_a_changed_segment_is_left_as_it_is_and_named_and_the_others_are_compacted(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(6)])
    first, second, _ = ours.files()
    changed = bytearray(second.read_bytes())
    changed[len(changed) // 2] ^= 1
    second.write_bytes(changed)
    ours.erase("talk-0", "talk-2", "talk-4")
    with pytest.raises(VerificationError, match=r"000000002\.parquet: it is not the file that was written"):
        ours.compact()
    assert second.read_bytes() == changed
    assert not first.exists()
    assert {row["conversation"] for row in ours.lying() if row["conversation"] != "talk-2"} == {
        "talk-1",
        "talk-3",
        "talk-5",
    }
    with pytest.raises(VerificationError, match=r"000000002\.parquet"):
        list(ours.vault.records())


def test_a_missing_segment_is_named_and_stays_missed(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(4)])
    kept = ours.folder / "kept"
    shutil.move(ours.files()[0], kept)
    ours.erase("talk-0", "talk-3")
    with pytest.raises(VerificationError, match=r"000000001\.parquet: it cannot be read"):
        ours.compact()
    shutil.move(kept, ours.folder / "segments" / "000000001.parquet")
    assert ours.compact().removed == 2
    assert {row["conversation"] for row in ours.rows()} == {"talk-1", "talk-2"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE place SET rows = rows + 1 WHERE slot = 1",
        "DELETE FROM place WHERE slot = 1",
    ],
)
def test_an_index_that_says_something_else_than_the_file_removes_no_row(ours: Safe, statement: str) -> None:
    ours.vault.add([talks(3)])
    before = ours.lying()
    ours.erase("talk-2")
    with closing(sqlite3.connect(ours.folder / FILE)) as database, database:
        database.execute(statement)
    with pytest.raises(VerificationError, match="rows are not those that the index has"):
        ours.compact()
    assert ours.lying() == before


def test_a_living_row_that_the_index_gives_to_an_erased_conversation_stays(ours: Safe) -> None:
    ours.vault.add([talks(3)])
    before = ours.lying()
    ours.erase("talk-2")
    dead = ours.handles.slots("conversation", ["talk-2"], make=False)["talk-2"]
    with closing(sqlite3.connect(ours.folder / FILE)) as database, database:
        database.execute("UPDATE place SET rows = 6 WHERE slot = ?", (dead,))
        database.execute("DELETE FROM place WHERE slot <> ?", (dead,))
    with pytest.raises(VerificationError, match="rows are not those that the index has"):
        ours.compact()
    assert ours.lying() == before


def test_a_slot_that_the_keys_do_not_know_is_an_error_and_not_a_dead_row(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    with closing(sqlite3.connect(ours.folder / FILE)) as database, database:
        database.execute("UPDATE place SET slot = 1000000 WHERE slot = 1")
    with pytest.raises(VaultError, match="never given out"):
        ours.compact()
    assert len(ours.lying()) == 4


def test_what_a_killed_compaction_left_is_removed_and_a_full_disk_is_told(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.vault.add([talks(2)])
    (ours.folder / "segments" / ".000000007.parquet.partial").write_bytes(b"half")
    ours.erase("talk-0")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("troth.vault.segments.compact.write_segment", full)
        with pytest.raises(VaultError, match="No space left"):
            ours.compact()
    assert len(ours.rows()) == 2
    assert ours.compact().removed == 2
    assert len(list((ours.folder / "segments").iterdir())) == 1
