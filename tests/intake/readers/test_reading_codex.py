"""Codex session logs: items are the conversation, events mostly repeat it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader_logs import PNG, at, read, read_fixture, read_lines

from troth.intake.readers.codex import READER

META = {"type": "session_meta", "payload": {"id": "session-1"}}


def item(payload: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": "2026-01-06T08:00:00Z", "type": "response_item", "payload": payload}


def event(payload: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": "2026-01-06T08:00:00Z", "type": "event_msg", "payload": payload}


def said(text: str) -> dict[str, Any]:
    return item({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})


def called(name: str, **told: Any) -> list[dict[str, Any]]:
    call = {"type": "function_call", "name": name, "arguments": "{}", "call_id": "c", **told}
    return [META, item(call), item({"type": "function_call_output", "call_id": "c", "output": "answer"})]


def test_messages_belong_to_the_session_with_their_times() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    (conversation,) = log.conversations
    assert (conversation.id, conversation.product) == ("0c0dec00-0000-7000-8000-000000000001", "code")
    question = log.turn("Why does the oven stop?")
    assert (question.role, question.kind, at(question.at)) == ("user", "text", "2026-01-06T08:02:00Z")
    answer = log.turn("The timer stops it after an hour.")
    assert (answer.role, answer.model) == ("assistant", "small-code-1")


def test_an_event_that_repeats_an_item_is_no_second_record() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    assert log.texts.count("The timer stops it after an hour.") == 1
    assert log.texts.count("**Looking at the timer**") == 1


def test_an_event_that_no_item_repeats_is_kept() -> None:
    assert read_fixture(READER, "codex/session.jsonl").turn("Only shown, never sent.").role == "user"


def test_turns_without_ids_are_named_by_their_place_in_the_session() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    assert log.ids == [f"{n}" for n in range(len(log.turns))]
    assert [turn.position for turn in log.turns] == list(range(len(log.turns)))


def test_instructions_are_nobodys_own_words_and_kept_once() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    for text in ("You are a coding agent.", "Keep to the house rules."):
        assert (log.turn(text).role, log.turn(text).tool) == ("tool", "system")


def test_what_built_in_tools_answer_is_code() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    answers = [log.turn("STOP_AFTER = 60"), log.turn("Done")]
    assert [(turn.role, turn.kind, turn.tool) for turn in answers] == [
        ("tool", "code", "shell"),
        ("tool", "code", "apply_patch"),
    ]


def test_what_a_server_of_tools_answers_is_a_connectors_and_kept_once() -> None:
    answer = read_fixture(READER, "codex/session.jsonl").turn("Page 9: the timer")
    assert (answer.role, answer.kind, answer.tool) == ("tool", "connector", "mcp__manuals__search")


@pytest.mark.parametrize("name", ["mcp__a__b", "a__b", "read_mcp_resource"])
def test_names_that_tell_a_server_of_tools(tmp_path: Path, name: str) -> None:
    assert read_lines(READER, tmp_path, *called(name)).turn("answer").kind == "connector"


def test_an_event_tells_that_a_plainly_named_tool_was_a_servers(tmp_path: Path) -> None:
    told = {
        "type": "mcp_tool_call_end",
        "call_id": "c",
        "invocation": {"server": "s", "tool": "t"},
        "result": {},
    }
    meta, call, answer = called("search")
    assert read_lines(READER, tmp_path, meta, call, answer, event(told)).turn("answer").kind == "connector"


def test_a_script_that_calls_a_server_of_tools_answers_as_a_connector(tmp_path: Path) -> None:
    call = {"type": "custom_tool_call", "name": "exec", "input": "tools.mcp__mail__list()", "call_id": "c"}
    answer = {"type": "custom_tool_call_output", "call_id": "c", "output": "letters"}
    assert read_lines(READER, tmp_path, META, item(call), item(answer)).turn("letters").kind == "connector"


def test_a_result_whose_call_is_not_in_the_log_is_taken_for_a_connectors() -> None:
    assert read_fixture(READER, "codex/session.jsonl").turn("From somewhere").kind == "connector"


def test_pictures_are_records_of_their_own() -> None:
    (photo,) = read_fixture(READER, "codex/session.jsonl").of_kind("photo")
    assert (photo.role, photo.data, photo.media_type) == ("user", PNG, "image/png")


def test_a_compaction_adds_its_summary_and_what_stands_nowhere_else() -> None:
    log = read_fixture(READER, "codex/session.jsonl")
    assert log.turn("The oven stops by its timer.").role == "assistant"
    assert log.turn("Kept by the compaction alone.").role == "user"
    assert log.texts.count("Why does the oven stop?") == 1


def test_older_lines_without_an_envelope_are_read_without_times() -> None:
    log = read_fixture(READER, "codex/older_session.jsonl")
    assert [(turn.role, turn.text, turn.at) for turn in log.turns] == [
        ("user", "Hello, oven.", None),
        ("assistant", "Hello.", None),
    ]


def test_two_sessions_in_one_file_stay_apart(tmp_path: Path) -> None:
    other = {"type": "session_meta", "payload": {"id": "session-2"}}
    log = read_lines(READER, tmp_path, META, said("One"), other, said("Two"))
    assert [(each.id, each.turns[0].text) for each in log.conversations] == [
        ("session-1", "One"),
        ("session-2", "Two"),
    ]


def test_a_forked_session_is_not_mistaken_for_the_one_it_came_from(tmp_path: Path) -> None:
    fork = {"type": "session_meta", "payload": {"id": "session-2", "forked_from_id": "session-1"}}
    log = read_lines(READER, tmp_path, fork, META, said("Again"))
    assert [each.id for each in log.conversations] == ["session-2"]


def test_an_item_of_an_unknown_type_is_kept_whole(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, META, item({"type": "of_tomorrow", "words": "Kept"}))
    assert '"words": "Kept"' in (log.turns[0].text or "")


def test_a_damaged_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, META, said("Before"), "[1]", "{", said("After"))
    assert log.texts == ["Before", "After"]
    assert [damage.line for damage in log.damage] == [3, 4]


def test_the_shared_logs_are_read(shared: Path) -> None:
    folder = shared / "data" / "conversations" / "polylogue-fixtures"
    found = [*folder.glob("codex_event_stream/*.jsonl"), folder / "origin-capability" / "codex-session.jsonl"]
    logs = [read(READER, path) for path in sorted(found)]
    assert [len(log.turns) for log in logs] == [12, 3, 9, 3, 5, 2]
    assert all(log.damage == [] for log in logs)
