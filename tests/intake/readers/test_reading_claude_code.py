"""Claude Code project logs: what is a record, of which kind, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader_logs import PNG, at, read, read_fixture, read_lines

from troth.canon.canonical import digest_of_bytes
from troth.intake.readers.claude_code import READER

SESSION = "5e551000-0000-4000-8000-000000000001"


def own(number: int) -> str:
    return f"0c0de000-0000-4000-8000-{number:012d}"


def line(kind: str, content: Any, **told: Any) -> dict[str, Any]:
    message = {"role": kind, "content": content}
    return {"type": kind, "sessionId": "s", "uuid": "u-1", "message": message, **told}


def test_prose_is_text_and_belongs_to_the_session() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    conversation = log.conversation(SESSION)
    said = next(turn for turn in conversation.turns if turn.id == own(1))
    assert (said.role, said.kind, said.text) == ("user", "text", "Scale the recipe to ten loaves.")
    assert at(said.at) == "2026-01-05T09:01:00Z"
    assert (conversation.product, conversation.channel, conversation.account) == ("code", "first_party", None)


def test_one_line_with_several_blocks_is_several_records_named_after_it() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    found = [turn for turn in log.turns if turn.id and turn.id.startswith(own(2))]
    assert [turn.id for turn in found] == [own(2), *(f"{own(2)}/{n}" for n in (1, 2, 3))]
    assert [turn.kind for turn in found] == ["text", "text", "code", "code"]
    assert {turn.parent for turn in found} == {own(1)}
    assert {turn.model for turn in found} == {"small-1"}


def test_thoughts_are_the_assistants_text() -> None:
    thought = read_fixture(READER, "claude_code/session.jsonl").turn("The recipe is for two.")
    assert (thought.role, thought.kind) == ("assistant", "text")


def test_what_the_assistant_writes_to_a_tool_is_code() -> None:
    call = read_fixture(READER, "claude_code/session.jsonl").turn('{"file_path": "recipe.md"}')
    assert (call.role, call.kind, call.tool) == ("assistant", "code", "Read")


def test_what_the_programs_own_tools_answer_is_code_and_pictures_stay_photos() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    answer = log.turn("Rye 500 g")
    assert (answer.role, answer.kind, answer.tool) == ("tool", "code", "Read")
    picture = next(turn for turn in log.turns if turn.id == f"{own(3)}/1")
    assert (picture.role, picture.kind, picture.data) == ("tool", "photo", PNG)


def test_what_a_server_of_tools_answers_is_a_connectors() -> None:
    answer = read_fixture(READER, "claude_code/session.jsonl").turn("12 kg of rye")
    assert (answer.role, answer.kind, answer.tool) == ("tool", "connector", "mcp__pantry__stock")


def test_a_result_whose_call_lies_elsewhere_is_taken_for_a_connectors() -> None:
    answer = read_fixture(READER, "claude_code/session.jsonl").turn("From somewhere")
    assert (answer.role, answer.kind, answer.tool) == ("tool", "connector", None)


def test_a_sub_agents_results_are_matched_to_its_own_calls() -> None:
    log = read_fixture(READER, "claude_code/sub_agent.jsonl")
    assert log.turn("2.5 kg").kind == "connector"
    assert {conversation.id for conversation in log.conversations} == {SESSION}


def test_a_picture_from_a_server_of_tools_is_a_connectors_too(tmp_path: Path) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    log = read_lines(
        READER,
        tmp_path,
        line("assistant", [{"type": "tool_use", "id": "t", "name": "mcp__camera__look", "input": {}}]),
        line("user", [{"type": "tool_result", "tool_use_id": "t", "content": [image]}], uuid="u-2"),
    )
    assert [turn.kind for turn in log.turns] == ["code", "connector"]


def test_pictures_are_photos_and_documents_uploads_with_their_bytes_and_digest() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    (upload,) = log.of_kind("upload")
    photo = next(turn for turn in log.of_kind("photo") if turn.role == "user")
    assert (photo.data, photo.media_type, photo.digest) == (PNG, "image/png", digest_of_bytes(PNG))
    assert (upload.data, upload.media_type) == (b"%PDF-", "application/pdf")


def test_lines_that_keep_state_hold_no_words() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    assert own(4) not in log.ids
    assert not any("snapshot" in (text or "") for text in log.texts)


def test_the_child_of_a_wordless_line_answers_the_line_before_it() -> None:
    answer = read_fixture(READER, "claude_code/session.jsonl").turn("From somewhere")
    assert answer.parent == own(3)


def test_notes_that_the_program_wrote_for_the_person_are_kept() -> None:
    assert any("caveat" in (text or "") for text in read_fixture(READER, "claude_code/session.jsonl").texts)


def test_a_compacted_conversation_is_the_assistants_text() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    assert next(turn for turn in log.turns if turn.id == own(8)).role == "assistant"


def test_a_summary_belongs_to_the_session_of_its_last_line_and_has_no_time() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    summary = log.turn("Scaling a rye recipe")
    assert summary in log.conversation(SESSION).turns
    assert (summary.role, summary.at, summary.parent) == ("assistant", None, own(7))


def test_a_summary_of_another_file_is_not_put_into_this_session() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    assert log.turn("A talk in another file") not in log.conversation(SESSION).turns


def test_a_prompt_that_was_queued_is_the_persons() -> None:
    log = read_fixture(READER, "claude_code/session.jsonl")
    queued = log.turns[0]
    assert (queued.role, queued.text) == ("user", "Scale the recipe to ten loaves.")
    assert at(queued.at) == "2026-01-05T09:00:00Z"


def test_a_message_of_an_unknown_type_is_kept() -> None:
    assert read_fixture(READER, "claude_code/session.jsonl").turn("Kept all the same.").role == "user"


def test_a_line_of_an_unknown_type_without_a_message_is_kept_whole() -> None:
    kept = next(
        turn for turn in read_fixture(READER, "claude_code/session.jsonl").turns if turn.id == own(12)
    )
    assert (kept.role, kept.kind) == ("tool", "connector")
    assert '"note": "Kept whole."' in (kept.text or "")


def test_a_line_reported_from_a_sub_agent_keeps_its_own_id() -> None:
    assert read_fixture(READER, "claude_code/session.jsonl").turn("The sub-agent is weighing.").id == own(9)


def test_a_line_repeated_as_in_a_resumed_session_is_one_record() -> None:
    assert read_fixture(READER, "claude_code/session.jsonl").ids.count(own(1)) == 1


def test_a_repeated_id_that_says_something_else_is_damage(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, line("user", "One"), line("user", "Another"))
    assert log.texts == ["One"]
    (damage,) = log.damage
    assert damage.line == 2
    assert "Another" not in damage.what


def test_positions_go_on_through_the_whole_session(tmp_path: Path) -> None:
    lines = [line("user", f"{n}", uuid=f"u-{n}", sessionId="ab"[n % 2]) for n in range(6)]
    log = read_lines(READER, tmp_path, *lines)
    found = [(turn.text, turn.position) for turn in log.turns]
    assert found == [("0", 0), ("1", 0), ("2", 1), ("3", 1), ("4", 2), ("5", 2)]


def test_a_session_that_went_through_another_platform_says_so() -> None:
    log = read_fixture(READER, "claude_code/through_bedrock.jsonl")
    assert {conversation.channel for conversation in log.conversations} == {"bedrock"}


def test_results_of_reading_a_servers_resources_are_a_connectors(tmp_path: Path) -> None:
    used = {"type": "tool_use", "id": "t", "name": "ReadMcpResourceTool", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "rows"}
    log = read_lines(READER, tmp_path, line("assistant", [used]), line("user", [result], uuid="u-2"))
    assert log.turn("rows").kind == "connector"


@pytest.mark.parametrize("damaged", ["[1, 2]", '"text"', '{"sessionId": "s"}', "{not json"])
def test_a_damaged_line_is_named_and_the_rest_is_read(tmp_path: Path, damaged: str) -> None:
    log = read_lines(READER, tmp_path, line("user", "Before"), damaged, line("user", "After", uuid="u-9"))
    assert log.texts == ["Before", "After"]
    assert [damage.line for damage in log.damage] == [2]


def test_a_line_without_a_session_is_damage(tmp_path: Path) -> None:
    lost = line("user", "Whose?", uuid="u-2")
    del lost["sessionId"]
    log = read_lines(READER, tmp_path, line("user", "Mine"), lost)
    assert [damage.line for damage in log.damage] == [2]


def test_ids_do_not_depend_on_the_file_or_its_order(tmp_path: Path) -> None:
    lines = [line("user", f"{n}", uuid=f"u-{n}") for n in range(4)]
    forward = read_lines(READER, tmp_path, *lines)
    backward = read_lines(READER, tmp_path, *reversed(lines))
    assert set(forward.ids) == set(backward.ids)


def test_the_shared_logs_are_read(shared: Path) -> None:
    folder = shared / "data" / "conversations"
    found = [*folder.glob("claude-code-*/*.jsonl"), *folder.glob("polylogue-fixtures/claude-code/*.jsonl")]
    logs = {path.name: read(READER, path) for path in found}
    assert len(logs) == 9
    assert sum(len(log.turns) for log in logs.values()) == 62
    conflicting = logs.pop("claude-normalization-main.jsonl")
    assert [damage.line for damage in conflicting.damage] == [6]
    assert all(log.damage == [] for log in logs.values())
