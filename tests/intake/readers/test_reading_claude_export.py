"""Claude exports: blocks, attachments with their text, and who the tools belong to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reader_logs import Log, at, read, read_fixture

from troth.intake.readers.claude_export import READER

ALL = "claude_export/conversations.json"


def own(number: int) -> str:
    return f"c1a0de00-0000-4000-8000-{number:012d}"


def export(folder: Path, *messages: Any, **told: Any) -> Log:
    path = folder / "export"
    path.write_text(json.dumps([{"uuid": "c", "chat_messages": messages, **told}]), encoding="utf-8")
    return read(READER, path)


def test_account_and_conversation_are_told_by_the_export() -> None:
    conversation = read_fixture(READER, ALL).conversations[0]
    assert conversation.account == "acc00000-0000-4000-8000-000000000001"
    assert (conversation.id, conversation.product) == ("c1a0de00-0000-4000-8000-0000000000aa", "chat")


def test_an_export_without_accounts_has_none(tmp_path: Path) -> None:
    log = export(tmp_path, {"uuid": "m", "sender": "human", "text": "Hello"})
    assert log.conversations[0].account is None


@pytest.mark.parametrize(
    ("sender", "role"), [("human", "user"), ("user", "user"), ("assistant", "assistant"), ("system", "tool")]
)
def test_senders_go_by_several_names(tmp_path: Path, sender: str, role: str) -> None:
    assert export(tmp_path, {"uuid": "m", "sender": sender, "text": "Hello"}).turn("Hello").role == role


def test_blocks_are_the_words_and_the_text_beside_them_is_no_second_record() -> None:
    log = read_fixture(READER, ALL)
    found = [turn for turn in log.turns if turn.id and turn.id.startswith(own(2))]
    assert [turn.id for turn in found] == [own(2), *(f"{own(2)}/{n}" for n in range(1, 9))]
    assert log.turn("Rye it is.").role == "assistant"


def test_the_text_is_read_where_there_are_no_blocks() -> None:
    log = read_fixture(READER, ALL)
    assert log.turn("Only in the text.").parent == own(2)
    assert at(log.turn("Older, without blocks.").at) == "2026-02-02T07:00:00Z"


def test_both_answers_to_one_question_are_read() -> None:
    log = read_fixture(READER, ALL)
    assert [log.turn(said).parent for said in ("A search will do.", "A grain.")] == [own(1), own(1)]


def test_the_text_of_an_attachment_is_an_upload_of_the_person() -> None:
    upload = read_fixture(READER, ALL).turn("Rye notes")
    assert (upload.role, upload.kind, upload.path, upload.id) == ("user", "upload", "rye.txt", f"{own(1)}/1")


def test_files_are_kept_by_their_names_once() -> None:
    log = read_fixture(READER, ALL)
    assert [(turn.kind, turn.path) for turn in log.turns if turn.path] == [
        ("upload", "rye.txt"),
        ("photo", "f11e0000-0000-4000-8000-000000000001"),
    ]


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Rye is a grain.", "code"), ("rye-prices.xls", "connector"), ("From a server of tools", "connector")],
)
def test_the_kind_of_a_result_is_told_by_its_tool(said: str, kind: str) -> None:
    result = read_fixture(READER, ALL).turn(said)
    assert (result.role, result.kind) == ("tool", kind)


def test_a_damaged_conversation_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    whole = {"uuid": "c", "chat_messages": [{"uuid": "m", "sender": "human", "text": "Here"}]}
    path = tmp_path / "export"
    path.write_text(json.dumps([whole, {"uuid": "d", "chat_messages": 3}, {"chat_messages": []}, whole]))
    log = read(READER, path)
    assert log.texts == ["Here", "Here"]
    assert [damage.line for damage in log.damage] == [2, 3]


def test_two_messages_with_one_id_are_damage_and_not_one_message(tmp_path: Path) -> None:
    log = export(tmp_path, *({"uuid": "m", "sender": "human", "text": said} for said in ("One", "Two")))
    assert [damage.line for damage in log.damage] == [1]


def test_the_shared_export_is_read(shared: Path) -> None:
    path = (
        shared
        / "data"
        / "conversations"
        / "polylogue-fixtures"
        / "origin-capability"
        / "claude-ai-export.json"
    )
    log = read(READER, path)
    assert log.damage == []
    assert [turn.id for turn in log.turns] == ["message-1"]
