"""Segments: records come out as they went in, each once, or are refused by name; what was erased does not come back."""

from __future__ import annotations

import functools
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_worlds import Safe, batch, in_order, rows, safe, said, talks

from troth.errors import LogError, VaultError, VerificationError
from troth.types.record import DECIDING_COLUMNS, RECORD_SCHEMA
from troth.vault.sealing import context
from troth.vault.segments import vault as vault_module
from troth.vault.segments.cut import cut
from troth.vault.segments.index import FILE, Index
from troth.vault.segments.schema import contexts, sizes
from troth.vault.segments.vault import Vault, create_vault


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


# --- in and out --------------------------------------------------------------------------------------------


@given(rows(), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_records_of_every_shape_come_out_as_they_went_in(
    keys: Safe, tmp_path_factory: pytest.TempPathFactory, told: list[dict[str, Any]], most: int
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    create_vault(folder)
    vault = Vault(folder, keys.keyring, keys.handles)
    whole = batch(told)
    added = vault.add(whole.slice(at, most) for at in range(0, len(told), most))
    assert (added.new, added.repeated, added.gone) == (len(told), 0, 0)
    out = list(vault.records())
    assert in_order(out) == in_order([whole])
    assert all(one.schema.equals(RECORD_SCHEMA, check_metadata=True) for one in out)
    again = vault.add([whole])
    assert (again.new, again.repeated, again.segments) == (0, len(told), 0)
    vault.close()


def test_the_deciding_columns_are_plain_and_nothing_else_is(ours: Safe) -> None:
    ours.vault.add([batch([said("talk", 0, "MARKER", model="MARKER", path="MARKER", bytes=b"MARKER")])])
    (file,) = ours.files()
    table = pq.read_table(file)
    assert table.column_names == [*DECIDING_COLUMNS, "slot", "sealed"]
    assert table["record"].to_pylist() == ["talk/0"]
    assert b"MARKER" not in file.read_bytes()


def test_reading_what_deciding_needs_opens_nothing(ours: Safe) -> None:
    ours.vault.add([talks(3)])
    ours.erase("talk-1")
    reading = ours.vault.deciding()
    found = pa.Table.from_batches(list(reading), RECORD_SCHEMA)
    assert (reading.opened, reading.gone) == (4, 2)
    assert found["text"].null_count == 4
    wanted = pa.Table.from_batches(list(ours.vault.records())).select(list(DECIDING_COLUMNS))
    assert found.select(list(DECIDING_COLUMNS)).equals(wanted)


def test_one_conversation_is_found_without_reading_the_others(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_segments(monkeypatch, 4)
    ours.vault.add([talks(10)])
    for file in ours.files()[1:]:
        file.unlink()
    assert [row["record"] for row in in_order(list(ours.vault.records(["talk-1"])))] == [
        "talk-1/0",
        "talk-1/1",
    ]
    assert list(ours.vault.records(["nobody's"])) == []


def test_of_a_segment_no_more_is_read_than_the_row_groups_of_the_conversation(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.vault.add(talks(2, first=2 * at) for at in range(20))
    assert len(ours.files()) == 1
    read: list[tuple[int, Any]] = []
    whole = pq.ParquetFile.read_row_group

    def counted(file: pq.ParquetFile, group: int, columns: Any = None, **more: Any) -> pa.Table:
        read.append((group, columns))
        return whole(file, group, columns, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    found = in_order(list(ours.vault.records(["talk-31"])))
    assert [row["record"] for row in found] == ["talk-31/0", "talk-31/1"]
    assert [group for group, columns in read if columns is None] == [15]
    assert len(read) <= 2


def test_a_record_that_was_taken_out_of_its_segment_is_missed_by_who_reads_its_conversation(
    ours: Safe,
) -> None:
    ours.vault.add([talks(3)])
    (file,) = ours.files()
    table = pq.read_table(file)
    pq.write_table(table.filter(pa.array([name != "talk-1/1" for name in table["record"].to_pylist()])), file)
    reading = ours.vault.records(["talk-1"])
    assert [row["record"] for row in in_order([next(reading)])] == ["talk-1/0"]
    with pytest.raises(
        VerificationError, match="1 records of what was asked for, and not the 2 that the index has"
    ):
        next(reading)
    assert [row["record"] for row in in_order(list(ours.vault.records(["talk-2"])))] == [
        "talk-2/0",
        "talk-2/1",
    ]


def test_an_empty_vault_has_no_records(ours: Safe) -> None:
    assert ours.vault.add([]).total == 0
    assert list(ours.vault.records()) == []
    assert ours.files() == []


# --- pieces ------------------------------------------------------------------------------------------------


@given(rows(), st.integers(1, 7), st.integers(1_000, 60_000))
@settings(deadline=None)
def test_pieces_hold_every_record_in_order_and_fit(
    told: list[dict[str, Any]], most: int, largest: int
) -> None:
    whole = batch(told)
    pieces = list(cut([whole.slice(0, 3), whole.slice(3)], largest, most))
    flat = [record for piece in pieces for one in piece for record in one.column("record").to_pylist()]
    assert flat == [row["record"] for row in told]
    for piece in pieces:
        count = sum(one.num_rows for one in piece)
        assert count <= most
        assert count == 1 or sum(int(sizes(one).sum()) for one in piece) <= largest


@given(rows())
@settings(max_examples=25, deadline=None)
def test_no_segment_is_larger_than_was_reckoned(
    keys: Safe, tmp_path_factory: pytest.TempPathFactory, told: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    create_vault(folder)
    vault = Vault(folder, keys.keyring, keys.handles)
    frame = vault.add([batch([said("frame", 0, "")])]).size
    assert vault.add([batch(told)]).size <= int(sizes(batch(told)).sum()) + frame
    vault.close()


def test_segments_are_numbered_and_at_most_so_long(ours: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    small_segments(monkeypatch, 7)
    added = ours.vault.add([talks(10)])
    assert [file.name for file in ours.files()] == [
        "000000001.parquet",
        "000000002.parquet",
        "000000003.parquet",
    ]
    assert added.segments == 3
    assert added.size == sum(file.stat().st_size for file in ours.files())


def test_the_context_of_a_row_is_that_of_the_format() -> None:
    told = batch([said("talk", 0, account=None)])
    row = '["talk/0","talk",null,1760000000000000,"user","text","chat","first_party",null]'
    assert contexts(told) == [context("segment", row)]


def test_conversations_of_an_account_lie_side_by_side(ours: Safe) -> None:
    told = [said(f"talk-{number:02}", 0, account=["ada", "ben"][number % 2]) for number in range(20)]
    ours.vault.add([batch(told)])
    slots = ours.handles.slots("conversation", [row["conversation"] for row in told], make=False)
    of_ada = sorted(slots[row["conversation"]] or 0 for row in told if row["account"] == "ada")
    assert of_ada == list(range(of_ada[0], of_ada[0] + 10))


# --- twice, and otherwise ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"text": "apples"}, {"account": "ben"}, {"plan": "pro"}, {"conversation": "other"}]
)
def test_one_id_with_two_contents_is_refused_and_nothing_of_it_is_kept(
    ours: Safe, change: dict[str, str]
) -> None:
    ours.vault.add([batch([said("talk", 0)])])
    with pytest.raises(LogError, match="talk/0"):
        ours.vault.add([batch([said("talk", 1), {**said("talk", 0), **change}])])
    assert [row["record"] for row in in_order(list(ours.vault.records()))] == ["talk/0"]
    assert sorted(file.name for file in (ours.folder / "segments").iterdir()) == ["000000001.parquet"]
    with pytest.raises(LogError, match="talk/5"):
        ours.vault.add([batch([said("talk", 5), {**said("talk", 5), **change}])])


def test_what_stands_twice_in_one_piece_counts_once(ours: Safe) -> None:
    added = ours.vault.add([batch([said("talk", 0), said("talk", 0)]), batch([said("talk", 0)])])
    assert (added.new, added.repeated) == (1, 2)


def test_what_came_before_an_error_stays_and_the_rest_can_be_added(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_segments(monkeypatch, 2)
    wrong = [said("talk", 0), said("talk", 1), said("talk", 0, "other"), said("talk", 2)]
    with pytest.raises(LogError):
        ours.vault.add([batch(wrong)])
    added = ours.vault.add([batch([*wrong[:2], *wrong[3:]])])
    assert (added.new, added.repeated) == (1, 2)


# --- erased ------------------------------------------------------------------------------------------------


def test_what_was_erased_is_left_out_counted_and_does_not_come_back(ours: Safe) -> None:
    told = talks(4)
    ours.vault.add([told])
    ours.erase("talk-2")
    reading = ours.vault.records()
    left = {row["conversation"] for row in in_order(list(reading))}
    assert left == {"talk-0", "talk-1", "talk-3"}
    assert (reading.opened, reading.gone, reading.stored) == (6, 2, 8)
    added = ours.vault.add([told, batch([said("talk-2", 7)])])
    assert (added.new, added.repeated, added.gone) == (0, 6, 3)
    assert ours.vault.living(["talk-1", "talk-2", "nobody's"]) == ["talk-1"]


def test_it_does_not_come_back_either_where_its_handle_was_forgotten(ours: Safe) -> None:
    told = talks(2)
    ours.vault.add([told])
    ours.erase("talk-0")
    ours.handles.forget("conversation", ["talk-0"])
    added = ours.vault.add([told])
    assert (added.new, added.repeated, added.gone) == (0, 2, 2)


def test_what_another_process_erases_is_gone_at_once(ours: Safe) -> None:
    ours.vault.add([talks(2)])
    with safe(ours.folder, make=False) as other:
        other.erase("talk-0")
    reading = ours.vault.records()
    assert (sum(one.num_rows for one in reading), reading.gone) == (2, 2)


# --- damaged and hostile -------------------------------------------------------------------------------------


def _read(vault: Vault) -> tuple[list[dict[str, Any]], str]:
    """What can be had, and the error at the end."""
    found: list[pa.RecordBatch] = []
    reading = vault.records()
    try:
        for one in reading:
            found.append(one)
    except VerificationError as problem:
        return in_order(found), problem.what
    pytest.fail("nothing was noticed")


def _rewritten(ours: Safe, change: dict[str, Any]) -> None:
    """The one segment, with some columns replaced, and its digest in the index set to match."""
    (file,) = ours.files()
    table = pq.read_table(file)
    for name, values in change.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(
            place, table.schema.field(name), pa.array(values, table.schema.field(name).type)
        )
    pq.write_table(table, file)


def test_every_flipped_bit_is_noticed_and_no_record_is_given_that_was_not_stored(ours: Safe) -> None:
    ours.vault.add([batch([said("talk", at, f"pear {at}") for at in range(6)] + [said("other", 0)])])
    wanted = in_order(list(ours.vault.records()))
    (file,) = ours.files()
    good = file.read_bytes()
    rng = random.Random(7)
    whole = 0
    for at in sorted(rng.sample(range(len(good)), 400)):
        bad = bytearray(good)
        bad[at] ^= 1 << rng.randrange(8)
        file.write_bytes(bad)
        found, told = _read(ours.vault)
        assert "000000001.parquet: it is not the file that was written" in told or "cannot be read" in told
        assert all(row in wanted for row in found)
        whole += len(found) >= len(wanted) - 1
    assert whole > 150  # most bits are of one record, or of what readers do not need
    file.write_bytes(good)
    assert in_order(list(ours.vault.records())) == wanted


def test_a_changed_sealed_record_is_named_and_all_others_are_read(ours: Safe) -> None:
    ours.vault.add([batch([said("talk", at, "x" * 300) for at in range(5)])])
    (file,) = ours.files()
    sealed = pq.read_table(file)["sealed"][2].as_py()
    data = bytearray(file.read_bytes())
    data[data.find(sealed) + 100] ^= 1
    file.write_bytes(data)
    found, told = _read(ours.vault)
    assert [row["record"] for row in found] == ["talk/0", "talk/1", "talk/3", "talk/4"]
    assert "record 'talk/2': the sealed bytes were changed" in told


def test_swapped_sealed_values_are_refused_by_name(ours: Safe) -> None:
    ours.vault.add([batch([said("talk", at) for at in range(4)])])
    sealed = pq.read_table(ours.files()[0])["sealed"].to_pylist()
    _rewritten(ours, {"sealed": [sealed[1], sealed[0], *sealed[2:]]})
    found, told = _read(ours.vault)
    assert [row["record"] for row in found] == ["talk/2", "talk/3"]
    assert "'talk/0'" in told
    assert "'talk/1'" in told


@pytest.mark.parametrize(
    ("column", "value"),
    [("record", "talk/9"), ("account", "ben"), ("account", None), ("at", None), ("plan", "pro"), ("kind", "code"),
     ("conversation", "other")],
)  # fmt: skip
def test_a_changed_plain_column_no_longer_opens_what_is_beside_it(
    ours: Safe, column: str, value: Any
) -> None:
    ours.vault.add([batch([said("talk", at) for at in range(3)])])
    before = pq.read_table(ours.files()[0])[column].to_pylist()
    _rewritten(ours, {column: [value, *before[1:]]})
    found, told = _read(ours.vault)
    assert [row["record"] for row in found] == ["talk/1", "talk/2"]
    assert "changed, or belong to another record" in told


def test_a_row_moved_to_another_slot_is_refused(ours: Safe) -> None:
    ours.vault.add([batch([said("a", 0), said("b", 0)])])
    one, other = pq.read_table(ours.files()[0])["slot"].to_pylist()
    _rewritten(ours, {"slot": [other, one]})
    assert "under another key" in _read(ours.vault)[1]
    _rewritten(ours, {"slot": [one, 10**9]})
    found, told = _read(ours.vault)
    assert [row["record"] for row in found] == ["a/0"]
    assert "slots that are not of the segment" in told


def test_plain_columns_of_a_changed_segment_are_not_decided_on(ours: Safe) -> None:
    ours.vault.add([batch([said("talk", 0)])])
    _rewritten(ours, {"account": ["ben"]})
    reading = ours.vault.deciding()
    with pytest.raises(VerificationError, match="not the file that was written"):
        next(reading)


def test_a_missing_repeated_or_foreign_segment_is_named_and_the_others_are_read(
    ours: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_segments(monkeypatch, 2)
    ours.vault.add([talks(3)])
    first, second, third = ours.files()
    kept = second.read_bytes()
    second.unlink()
    found, told = _read(ours.vault)
    assert {row["conversation"] for row in found} == {"talk-0", "talk-2"}
    assert "000000002" in told
    shutil.copy(first, second)
    found, told = _read(ours.vault)
    assert [row["record"] for row in found] == ["talk-0/0", "talk-0/1", "talk-2/0", "talk-2/1"]
    assert "000000002.parquet: it is not the file" in told
    pq.write_table(pa.table({"a": [1]}), second)
    assert "not the columns of a segment" in _read(ours.vault)[1]
    second.write_bytes(kept)
    third.write_bytes(b"no Parquet at all")
    assert {row["conversation"] for row in _read(ours.vault)[0]} == {"talk-0", "talk-1"}


def test_keys_of_another_vault_open_nothing(ours: Safe, tmp_path: Path) -> None:
    told = talks(2)
    ours.vault.add([told])
    with safe(tmp_path / "other") as other:
        other.vault.add([told])
        crossed = Vault(ours.folder, other.keyring, other.handles)
        found, told_of_it = _read(crossed)
        crossed.close()
    assert found == []
    assert "sealed under another key" in told_of_it


def test_a_missing_or_damaged_index_is_refused(ours: Safe) -> None:
    ours.vault.close()
    file = ours.folder / FILE
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(VaultError, match="cannot be used"):
        ours.again()
    file.unlink()
    with pytest.raises(VaultError, match="missing"):
        ours.again()
    file.touch()
    with pytest.raises(VaultError):
        ours.again()


def test_an_index_of_another_layout_is_refused(ours: Safe) -> None:
    ours.vault.close()
    with sqlite3.connect(ours.folder / FILE) as database:
        database.execute("UPDATE layout SET version = 9")
    database.close()
    with pytest.raises(VaultError, match="layout 9"):
        Index(ours.folder)


def test_what_killed_writers_left_is_removed(ours: Safe) -> None:
    segments = ours.folder / "segments"
    (segments / ".000000001.parquet.partial").write_bytes(b"half")
    Index(ours.folder).reserve()
    (segments / "000000001.parquet").write_bytes(b"whole, but not committed")
    ours.vault.add([talks(1)])
    assert [file.name for file in segments.iterdir()] == ["000000002.parquet"]
    assert len(in_order(list(ours.vault.records()))) == 2


def test_an_index_that_is_older_than_the_segments_is_refused_and_none_of_them_is_removed(ours: Safe) -> None:
    ours.vault.add([talks(1)])
    older = ours.folder / "segments" / "000000002.parquet"
    shutil.copy(ours.files()[0], older)
    with pytest.raises(VaultError, match="segment 2, and the index ends with 1"):
        ours.again().add([talks(1, first=7)])
    assert older.exists()
