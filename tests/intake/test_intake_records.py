"""Records: ids that depend on what was said alone, bounded batches, and a format that loses nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_logs import OPENAI, PAIR, SHAREGPT, as_lines, records, write

from troth.canon.canonical import digest_of, digest_of_bytes
from troth.errors import LogError
from troth.intake.formats import READERS
from troth.intake.records import content_digest, to_batches
from troth.intake.turns import Conversation, Reader, Turn
from troth.types.moment import FIRST, LAST
from troth.types.record import RECORD_SCHEMA
from troth.types.vocabulary import KINDS, ROLES

READER = Reader("invented", "Invented", lambda _: False, lambda _: iter(()))
UUID = "0f0f0f0f-0000-4000-8000-00000000000a"

COLUMNS = ("record", "conversation", "role", "kind", "product", "channel")
"""Those shown in the worked example, before position and text."""

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe = st.none() | text
turns = st.builds(
    Turn,
    role=st.sampled_from(ROLES),
    text=maybe,
    id=maybe,
    at=st.none() | st.integers(FIRST, LAST),
    kind=st.sampled_from(KINDS),
    parent=maybe,
    account=maybe,
    media_type=maybe,
    data=st.none() | st.binary(max_size=20),
    path=maybe,
    model=maybe,
    tool=maybe,
)
talks = st.builds(
    Conversation, turns=st.lists(turns, max_size=6).map(tuple), id=maybe, account=maybe, plan=maybe
)


def rows_of(*talks: Conversation, **bounds: int) -> list[dict[str, Any]]:
    return [row for batch in to_batches(iter(talks), READER, **bounds) for row in batch.to_pylist()]


def test_a_turn_with_a_uuid_keeps_it_and_others_stand_behind_their_conversation() -> None:
    talk = Conversation(
        (
            Turn("user", id=UUID),
            Turn("assistant", id="m2", parent=UUID),
            Turn("user", parent="m2"),
            Turn("user", id="m2"),
        ),
        id="c1",
    )
    rows = rows_of(talk)
    assert [row["record"] for row in rows] == [UUID, "c1/m2", "c1/2", "c1/m2/2"]
    assert [row["parent"] for row in rows] == [None, UUID, "c1/m2", None]
    assert [row["position"] for row in rows] == [0, 1, 2, 3]


def test_a_conversation_without_an_id_is_named_by_its_content() -> None:
    talk = Conversation((Turn("user", text="Hi"),))
    (row,) = rows_of(talk)
    name = row["conversation"]
    assert name.startswith("invented:")
    assert len(name) == len("invented:") + 40
    assert row["record"] == f"{name}/0"
    assert rows_of(talk)[0]["conversation"] == name
    assert rows_of(replace(talk, account="ada"))[0]["conversation"] != name
    assert rows_of(replace(talk, line=7))[0]["conversation"] == name


@given(talk=talks, other=turns)
def test_any_change_of_what_was_said_changes_a_derived_id(talk: Conversation, other: Turn) -> None:
    talk = replace(talk, id=None, turns=(*talk.turns, other))
    changed = replace(talk, turns=(*talk.turns[:-1], replace(other, text=(other.text or "") + "!")))
    assert rows_of(talk)[0]["conversation"] != rows_of(changed)[0]["conversation"]


@given(talk=talks)
def test_no_two_records_of_a_conversation_have_one_id(talk: Conversation) -> None:
    ids = [row["record"] for row in rows_of(talk)]
    assert len(set(ids)) == len(ids)


def test_what_the_log_tells_of_a_turn_wins_over_what_it_tells_of_the_whole() -> None:
    one, two = rows_of(Conversation((Turn("user", account="ben"), Turn("user")), id="c", account="ada"))
    assert (one["account"], two["account"]) == ("ben", "ada")


def test_an_empty_account_is_an_unknown_one() -> None:
    (row,) = rows_of(Conversation((Turn("user"),), id="c", account=""))
    assert row["account"] is None


@given(talks=st.lists(talks, max_size=6), rows=st.integers(1, 4), size=st.integers(1, 40))
def test_batches_are_bounded_and_hold_the_same_whatever_their_bounds(
    talks: list[Conversation], rows: int, size: int
) -> None:
    batches = list(to_batches(iter(talks), READER, rows, size))
    assert all(0 < batch.num_rows <= rows for batch in batches)
    assert [row for batch in batches for row in batch.to_pylist()] == rows_of(*talks)


def test_a_batch_holds_no_more_content_than_its_bound_unless_one_record_does() -> None:
    long = Conversation(tuple(Turn("user", text="x" * 60) for _ in range(5)), id="c")
    short = Conversation((Turn("user", text="x" * 30),), id="d")
    batches = list(to_batches(iter([long, short, short, short]), READER, size=100))
    assert [batch.num_rows for batch in batches] == [1, 1, 1, 1, 2, 2]


def test_media_have_the_digest_of_their_bytes() -> None:
    (row,) = rows_of(Conversation((Turn("user", kind="photo", data=b"abc"),), id="c"))
    assert row["digest"] == digest_of_bytes(b"abc")


def test_what_cannot_be_written_is_made_writable() -> None:
    odd: Any = {"text": "a\ud800b", "at": 10**30, "tool": 7}
    (row,) = rows_of(Conversation((Turn("user", **odd),), id="c"))
    assert (row["text"], row["at"], row["tool"]) == ("a\ufffdb", None, "7")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(talks=st.lists(talks, min_size=1, max_size=5))
def test_records_come_back_from_parquet_as_they_were(tmp_path: Path, talks: list[Conversation]) -> None:
    batches = list(to_batches(iter(talks), READER))
    table = pa.Table.from_batches(batches, RECORD_SCHEMA)
    pq.write_table(table, tmp_path / "records")
    found, report = records(tmp_path / "records")
    assert found == table.to_pylist()
    assert [file.format for file in report.files] == ["troth-records"]
    assert report.records == table.num_rows


def test_a_conversation_in_two_batches_of_parquet_is_counted_once(tmp_path: Path) -> None:
    talk = Conversation(tuple(Turn("user") for _ in range(3000)), id="c")
    pq.write_table(pa.Table.from_batches(to_batches(iter([talk]), READER)), tmp_path / "records")
    _, report = records(tmp_path / "records")
    assert (report.conversations, report.records) == (1, 3000)


def _written(tmp_path: Path, table: Any) -> Path:
    pq.write_table(table, tmp_path / "records.parquet")
    return tmp_path / "records.parquet"


@pytest.fixture
def table() -> Any:
    return pa.Table.from_batches(to_batches(iter([Conversation((Turn("user"),), id="c")]), READER))


def test_a_record_parquet_without_a_column_names_it(tmp_path: Path, table: Any) -> None:
    with pytest.raises(LogError, match="lacks the column plan"):
        records(_written(tmp_path, table.drop_columns(["plan"])))


def test_a_record_parquet_with_an_empty_role_or_another_type_is_damaged(tmp_path: Path, table: Any) -> None:
    at = table.schema.get_field_index("role")
    empty = table.set_column(at, pa.field("role", pa.string()), pa.array([None], pa.string()))
    with pytest.raises(LogError, match=r":1: the column role is empty"):
        records(_written(tmp_path, empty))
    at = table.schema.get_field_index("position")
    other = table.set_column(at, "position", pa.array(["first"]))
    with pytest.raises(LogError, match="the column position does not hold int64"):
        records(_written(tmp_path, other))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations([*OPENAI, *OPENAI]), cut=st.integers(0, 4))
def test_ids_depend_neither_on_order_nor_on_the_split_of_a_log(
    tmp_path: Path, order: list[Any], cut: int
) -> None:
    whole, _ = records(write(tmp_path, "whole", as_lines([*OPENAI, *OPENAI])))
    files = [
        write(tmp_path, f"part-{n}", as_lines(part))
        for n, part in enumerate((order[:cut], order[cut:]))
        if part
    ]
    parts, _ = records(*files)

    def key(row: dict[str, Any]) -> str:
        return str(sorted(row.items(), key=str))

    assert sorted(map(key, parts)) == sorted(map(key, whole))


def test_formats_that_know_no_ids_give_the_same_ones_every_time(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    one, _ = records(write(tmp_path, "a", as_lines([PAIR])), write(tmp_path, "b", as_lines(SHAREGPT)))
    two, _ = records(write(folder, "c", as_lines(SHAREGPT)), write(folder, "d", as_lines([PAIR])))
    assert {row["record"] for row in one} == {row["record"] for row in two}


@given(talk=talks)
def test_the_content_of_an_id_is_the_json_that_the_reference_says(talk: Conversation) -> None:
    early = tuple(replace(turn, at=None if turn.at is None else turn.at % 2**53) for turn in talk.turns)
    talk = replace(talk, turns=early)
    said = [
        [
            *(turn.role, turn.kind, turn.text, turn.at, turn.account, turn.id, turn.parent, turn.media_type),
            None if turn.data is None else digest_of_bytes(turn.data),
            *(turn.path, turn.model, turn.tool),
        ]
        for turn in talk.turns
    ]
    whole = [talk.product, talk.channel, talk.account, talk.plan, said]
    assert content_digest(talk) == digest_of(whole).removeprefix("sha256:")[:40]


def test_the_worked_example_of_the_reference(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "records.md").read_text("utf-8")
    (line,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (content,) = re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)
    rows, _ = records(write(tmp_path, "log", line.encode()))
    shown = [
        " | ".join(
            [*(f"`{row[name]}`" for name in COLUMNS), str(row["position"]), f"`{row['text']}`"],
        )
        for row in rows
    ]
    assert len(shown) == 2
    assert all(row in page for row in shown)
    assert digest_of_bytes(content.encode()).removeprefix("sha256:")[:40] in rows[0]["record"]


def test_the_reference_lists_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "records.md").read_text("utf-8")
    assert (
        re.findall(r"^\| `(\w+)` \| (?:string|timestamp|int64|binary)", page, re.MULTILINE)
        == RECORD_SCHEMA.names
    )


def test_the_reference_of_logs_lists_every_format() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "logs.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == {reader.name for reader in READERS}
