"""ChatGPT exports: a tree, all of whose branches somebody said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reader_logs import Log, at, read, read_fixture

from troth.intake.readers.chatgpt_export import READER

ALL = "chatgpt_export/conversations.json"


def export(folder: Path, *messages: dict[str, Any] | None, **told: Any) -> Log:
    """A conversation in which each message answers the one before it."""
    nodes = {}
    for number, message in enumerate(messages):
        parent = f"n{number - 1}" if number else None
        nodes[f"n{number}"] = {"id": f"n{number}", "parent": parent, "children": [], "message": message}
    path = folder / "export"
    path.write_text(json.dumps([{"id": "c", "mapping": nodes, **told}]), encoding="utf-8")
    return read(READER, path)


def message(role: str, content: Any, **told: Any) -> dict[str, Any]:
    return {"id": None, "author": {"role": role, "name": told.pop("name", None)}, "content": content, **told}


def text(*parts: str) -> dict[str, Any]:
    return {"content_type": "text", "parts": list(parts)}


def test_every_branch_of_the_tree_is_read_not_the_one_last_shown() -> None:
    log = read_fixture(READER, ALL)
    for said in ("A rye loaf.", "A sourdough.", "Which bread is that?", "A bun."):
        assert log.turn(said)


def test_parents_are_the_turns_answered_past_nodes_without_a_message() -> None:
    log = read_fixture(READER, ALL)
    assert [log.turn(said).parent for said in ("A rye loaf.", "A sourdough.")] == ["q1", "q1"]
    assert log.turn("Which bread is this?").parent == "me"
    assert log.turn("I bake.").parent is None


def test_a_message_that_is_null_is_passed_by() -> None:
    log = read_fixture(READER, ALL)
    assert not {"root", "rules"} & set(log.ids)


def test_times_are_seconds_with_fractions_and_not_told_where_null() -> None:
    log = read_fixture(READER, ALL)
    assert at(log.turn("Which bread is this?").at) == "2026-01-05T09:00:01.250000Z"
    assert log.turn("I bake.").at is None


def test_what_the_person_wrote_about_themselves_is_theirs() -> None:
    log = read_fixture(READER, ALL)
    assert [log.turn(said).role for said in ("I bake.", "Be brief.")] == ["user", "user"]


def test_pictures_sound_and_attachments_are_records_by_their_pointers() -> None:
    log = read_fixture(READER, ALL)
    assert [(turn.kind, turn.path) for turn in log.turns if turn.path] == [
        ("photo", "file-service://file-loaf"),
        ("upload", "file-notes"),
        ("audio", "sediment://file_voice"),
    ]
    assert log.turn("And with seeds?").kind == "transcript"


def test_an_attachment_that_is_shown_as_a_picture_is_one_record() -> None:
    paths = [turn.path for turn in read_fixture(READER, ALL).turns]
    assert not any(path == "file-loaf" for path in paths)


def test_thoughts_are_the_assistants_text() -> None:
    log = read_fixture(READER, ALL)
    assert [(log.turn(said).role, log.turn(said).model) for said in ("Looking", "It has a crust.")] == [
        ("assistant", "small-4"),
        ("assistant", "small-4"),
    ]


def test_what_the_assistant_writes_to_a_tool_is_code() -> None:
    call = read_fixture(READER, ALL).turn("len('rye')")
    assert (call.role, call.kind, call.tool) == ("assistant", "code", "python")


@pytest.mark.parametrize(
    ("said", "kind"), [("3", "code"), ("Rye is a grain.", "text"), ("From the mailbox", "connector")]
)
def test_the_kind_of_an_answer_is_told_by_its_tool(said: str, kind: str) -> None:
    answer = read_fixture(READER, ALL).turn(said)
    assert (answer.role, answer.kind) == ("tool", kind)


def test_what_a_search_in_the_persons_files_finds_is_an_upload(tmp_path: Path) -> None:
    log = export(tmp_path, message("tool", text("page 3"), name="myfiles_browser"))
    assert log.turn("page 3").kind == "upload"


def test_an_answer_of_a_tool_without_a_name_is_taken_for_a_connectors(tmp_path: Path) -> None:
    assert export(tmp_path, message("tool", text("from?"))).turn("from?").kind == "connector"


def test_system_messages_are_nobodys_own_words(tmp_path: Path) -> None:
    found = export(tmp_path, message("system", text("Be good."))).turn("Be good.")
    assert (found.role, found.tool) == ("tool", "system")


def test_content_of_an_unknown_type_is_kept_whole() -> None:
    found = read_fixture(READER, ALL).turns
    assert any("Kept whole." in (turn.text or "") for turn in found)


def test_no_account_is_made_up() -> None:
    assert {conversation.account for conversation in read_fixture(READER, ALL).conversations} == {None}


def test_one_conversation_needs_no_array() -> None:
    log = read_fixture(READER, "chatgpt_export/one_conversation.json")
    assert [(each.id, each.product) for each in log.conversations] == [
        ("c4a70000-0000-4000-8000-000000000002", "chat")
    ]


def test_a_tree_that_runs_in_a_circle_ends(tmp_path: Path) -> None:
    nodes = {
        name: {"id": name, "parent": other, "children": [other], "message": message("user", text(name))}
        for name, other in (("a", "b"), ("b", "a"))
    }
    path = tmp_path / "export"
    path.write_text(json.dumps([{"id": "c", "mapping": nodes}]), encoding="utf-8")
    assert sorted(filter(None, read(READER, path).texts)) == ["a", "b"]


def test_a_damaged_conversation_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    whole = {"id": "c", "mapping": {"n": {"parent": None, "message": message("user", text("Here"))}}}
    path = tmp_path / "export"
    path.write_text(json.dumps([whole, {"id": "d", "mapping": {"n": {"message": 3, "parent": None}}}, whole]))
    log = read(READER, path)
    assert log.texts == ["Here", "Here"]
    assert [damage.line for damage in log.damage] == [2]


def test_the_shared_exports_are_read(shared: Path) -> None:
    folder = shared / "data" / "conversations" / "polylogue-fixtures"
    log = read(READER, folder / "chatgpt" / "native-conversation-v1.json")
    assert log.damage == []
    assert [turn.kind for turn in log.turns].count("photo") == 2
    assert log.turn("Superseded answer.").parent == log.turn("Privacy-safe reasoning trace.").parent
    assert len(read(READER, folder / "origin-capability" / "chatgpt-export.json").turns) == 1
