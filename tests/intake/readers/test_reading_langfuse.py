"""Langfuse exports: generations are calls, and whose they are is never made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reader_logs import LOGS, at, read_fixture, read_lines

from troth.intake.readers.langfuse import READER
from troth.intake.source import Source

FORMATS = ["langfuse/observations_v2.jsonl", "langfuse/observations_v2.parquet"]


def row(asked: Any, answer: Any = None, **told: Any) -> dict[str, Any]:
    return {
        "id": "o",
        "trace_id": "t",
        "project_id": "p",
        "type": "GENERATION",
        "start_time": "2026-03-04 10:00:00.000000",
        "input": asked,
        "output": answer,
        "user_id": "ada",
        **told,
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_is_one_conversation_in_which_each_turn_stands_once(name: str) -> None:
    log = read_fixture(READER, name)
    words = [turn.text for turn in log.turns if turn.kind == "text"]
    assert words[:5] == [
        "You help in a bakery.",
        "What is in the rye?",
        "Rye, water, salt.",
        "No yeast?",
        "Sourdough.",
    ]
    first = log.conversations[0]
    assert (first.id, first.account, first.product) == ("visit-1", "amina", "api")


@pytest.mark.parametrize("name", FORMATS)
def test_turns_have_the_earliest_time_that_a_call_tells(name: str) -> None:
    log = read_fixture(READER, name)
    assert at(log.turn("What is in the rye?").at) == "2026-03-04T10:01:00Z"
    assert at(log.turn("Rye, water, salt.").at) == "2026-03-04T10:01:03Z"
    assert at(log.turn("No yeast?").at) == "2026-03-04T10:02:00Z"


def test_parquet_and_json_lines_make_the_same_records() -> None:
    lines, parquet = (read_fixture(READER, name) for name in FORMATS)
    assert lines.turns == parquet.turns


def test_a_missing_user_is_no_account() -> None:
    log = read_fixture(READER, FORMATS[0])
    assert log.conversation("visit-2").account is None


def test_a_column_of_users_left_out_is_no_account_either() -> None:
    log = read_fixture(READER, "langfuse/without_trace_context.jsonl")
    assert log.turns
    assert {each.account for each in log.conversations} == {None}


def test_without_a_session_each_trace_is_a_conversation() -> None:
    assert read_fixture(READER, FORMATS[0]).conversation("trace-5").turns[0].text == "Plain words?"


def test_input_and_output_may_be_plain_text() -> None:
    log = read_fixture(READER, FORMATS[0])
    assert [(turn.role, turn.text) for turn in log.conversation("trace-5").turns] == [
        ("user", "Plain words?"),
        ("assistant", "Plain words."),
    ]


def test_pictures_are_records_of_their_own() -> None:
    (photo,) = read_fixture(READER, FORMATS[0]).of_kind("photo")
    assert (photo.role, photo.path) == ("user", "https://example.org/rye.jpg")


def test_what_other_observations_pass_around_is_a_connectors() -> None:
    log = read_fixture(READER, FORMATS[0])
    assert [(turn.role, turn.tool, turn.text) for turn in log.of_kind("connector")] == [
        ("tool", "recipes", "sourdough"),
        ("tool", "recipes", '["Sourdough rises by itself."]'),
    ]


def test_the_older_exports_in_one_file_are_joined_on_the_trace() -> None:
    (conversation,) = read_fixture(READER, "langfuse/legacy_traces_and_observations.jsonl").conversations
    assert (conversation.id, conversation.account) == ("visit-9", "boris")
    assert [turn.text for turn in conversation.turns] == ["You help in a bakery.", "Open?", "Yes."]


def test_older_observations_alone_have_no_account(tmp_path: Path) -> None:
    legacy = (LOGS / "langfuse" / "legacy_traces_and_observations.jsonl").read_text().splitlines()[0]
    (conversation,) = read_lines(READER, tmp_path, legacy).conversations
    assert (conversation.id, conversation.account) == ("trace-9", None)


@pytest.mark.parametrize(
    "asked",
    [
        '[{"role": "user", "content": "Hi"}]',
        '{"messages": [{"role": "user", "content": "Hi"}], "model": "m"}',
        '{"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}',
        '{"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}',
        '{"role": "user", "content": "Hi"}',
        '{"type": "human", "content": "Hi"}',
        '"Hi"',
        "Hi",
    ],
)
def test_requests_of_many_shapes(tmp_path: Path, asked: str) -> None:
    log = read_lines(READER, tmp_path, row(asked))
    assert [(turn.role, turn.kind, turn.text) for turn in log.turns] == [("user", "text", "Hi")]


@pytest.mark.parametrize(
    "answer",
    [
        '{"role": "assistant", "content": "Hi"}',
        '[{"role": "assistant", "content": "Hi"}]',
        '{"choices": [{"message": {"role": "assistant", "content": "Hi"}}]}',
        '{"content": [{"type": "text", "text": "Hi"}], "id": "msg_1", "role": "assistant"}',
        '{"output": [{"role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}]}',
        '{"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]}}]}',
        "Hi",
    ],
)
def test_responses_of_many_shapes(tmp_path: Path, answer: str) -> None:
    log = read_lines(READER, tmp_path, row(None, answer))
    assert [(turn.role, turn.kind, turn.text) for turn in log.turns] == [("assistant", "text", "Hi")]


def test_a_request_of_an_unknown_shape_is_kept_as_it_is(tmp_path: Path) -> None:
    assert read_lines(READER, tmp_path, row('{"question": "Why?"}')).texts == ['{"question": "Why?"}']


def test_text_that_only_looks_like_json_is_text(tmp_path: Path) -> None:
    assert read_lines(READER, tmp_path, row("[sighs] Why?")).texts == ["[sighs] Why?"]


def test_a_row_without_a_trace_is_damage_and_the_rest_is_read(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, row("Before"), {"id": "x"}, row("After", id="o2", trace_id="t2"))
    assert log.texts == ["Before", "After"]
    assert [damage.line for damage in log.damage] == [2]


def test_a_table_of_something_else_is_not_taken_for_an_export(tmp_path: Path) -> None:
    path = tmp_path / "table"
    pq.write_table(pa.table({"id": ["1"], "input": ["x"], "output": ["y"]}), path)
    assert not READER.recognises(Source.at(path).sample)
