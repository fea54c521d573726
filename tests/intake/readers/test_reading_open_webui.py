"""Open WebUI databases: a tree, kept in up to three places."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from reader_logs import LOGS, PNG, Log, at, read, read_fixture

from troth.intake.readers.open_webui import READER
from troth.intake.source import Source

OLD, NEW = "open_webui/webui.db", "open_webui/webui_with_message_rows.db"


def database(folder: Path, *chats: tuple[str, str | None, Any]) -> Path:
    path = folder / "a database"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE chat (id TEXT PRIMARY KEY, user_id TEXT, chat JSON)")
        made.executemany(
            "INSERT INTO chat VALUES (?, ?, ?)",
            [(own, user, chat if isinstance(chat, str) else json.dumps(chat)) for own, user, chat in chats],
        )
        made.commit()
    return path


def chat(**message: Any) -> dict[str, Any]:
    found = {"id": "m", "role": "user", "content": "Hello", **message}
    return {"history": {"messages": {"m": found}}}


def test_the_owner_of_the_chat_is_the_account() -> None:
    log = read_fixture(READER, OLD)
    assert [(each.id, each.account) for each in log.conversations] == [
        ("chat-1", "amina"),
        ("chat-2", "boris"),
        ("chat-4", None),
    ]


def test_every_branch_of_the_tree_is_read() -> None:
    log = read_fixture(READER, OLD)
    assert [(log.turn(said).parent, log.turn(said).model) for said in ("A week.", "Nine days.")] == [
        ("q1", "small-1"),
        ("q1", "small-2"),
    ]


def test_the_older_list_of_messages_is_read() -> None:
    log = read_fixture(READER, OLD)
    assert [(turn.text, turn.parent) for turn in log.conversation("chat-2").turns] == [
        ("Hello", None),
        ("Hello.", "m1"),
    ]


def test_files_are_uploads_with_their_text_and_pictures_photos_with_their_bytes() -> None:
    log = read_fixture(READER, OLD)
    upload = next(turn for turn in log.of_kind("upload") if turn.role == "user")
    (photo,) = log.of_kind("photo")
    assert (upload.text, upload.path, upload.media_type) == ("Rye: 9 days", "file-1", "text/plain")
    assert (photo.data, photo.media_type) == (PNG, "image/png")


def test_passages_from_the_persons_files_are_uploads_quoted_by_a_tool() -> None:
    found = next(turn for turn in read_fixture(READER, OLD).of_kind("upload") if turn.role == "tool")
    assert (found.text, found.tool) == ("Rye: 9 days", "shelf.txt")


def test_passages_from_elsewhere_are_a_connectors(tmp_path: Path) -> None:
    sources = [{"source": {"type": "web_search"}, "document": ["From the web"]}]
    log = read(READER, database(tmp_path, ("c", "ada", chat(sources=sources))))
    assert log.turn("From the web").kind == "connector"


def test_an_answer_with_raw_results_of_tools_in_it_is_a_connectors() -> None:
    (answer,) = read_fixture(READER, OLD).of_kind("connector")
    assert (answer.role, answer.id) == ("assistant", "a3")


def test_what_the_person_thought_of_an_answer_is_feedback() -> None:
    (feedback,) = read_fixture(READER, OLD).of_kind("feedback")
    assert (feedback.role, feedback.text) == ("user", "Found it in my file, good.")


def test_a_shared_copy_is_no_second_conversation_while_its_chat_is_there() -> None:
    assert "chat-3" not in [each.id for each in read_fixture(READER, OLD).conversations]


def test_a_shared_copy_whose_chat_is_gone_is_read_for_no_account() -> None:
    conversation = read_fixture(READER, OLD).conversation("chat-4")
    assert (conversation.account, conversation.turns[0].text) == (None, "Whose was this?")


def test_messages_kept_as_rows_are_read_once_and_the_row_is_the_newer() -> None:
    log = read_fixture(READER, NEW)
    assert log.turn("Any left today?").id == "q2"
    assert "Any left?" not in log.texts
    assert log.texts.count("How long does rye keep?") == 1


def test_a_message_that_only_a_row_has_is_read_with_its_calls_of_tools() -> None:
    log = read_fixture(READER, NEW)
    found = [(turn.kind, turn.text) for turn in log.turns if turn.id and turn.id.startswith("a4")]
    assert found == [("code", '{"loaf": "rye"}'), ("connector", "3"), ("text", "Three are left.")]


def test_rows_whose_chat_is_gone_are_read() -> None:
    conversation = read_fixture(READER, NEW).conversation("chat-9")
    assert (conversation.account, conversation.turns[0].text) == ("chiara", "Alone")


@pytest.mark.parametrize("text", ["How long does rye keep?", "Alone", "Three are left."])
def test_times_are_told_in_seconds_milliseconds_or_nanoseconds(text: str) -> None:
    assert str(at(read_fixture(READER, NEW).turn(text).at)).startswith("2026-02-02T02:4")


def test_words_that_look_like_json_stay_as_they_were_written(tmp_path: Path) -> None:
    log = read(READER, database(tmp_path, ("c", "ada", chat(content='["not", "a list"]'))))
    assert log.texts == ['["not", "a list"]']


def test_a_chat_without_an_owner_has_no_account(tmp_path: Path) -> None:
    log = read(READER, database(tmp_path, ("c", None, chat())))
    assert log.conversations[0].account is None


def test_a_damaged_chat_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    log = read(READER, database(tmp_path, ("a", "ada", "{"), ("b", "ada", "[]"), ("c", "ada", chat())))
    assert log.texts == ["Hello"]
    assert [damage.line for damage in log.damage] == [1, 2]


def test_a_database_of_another_program_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "other"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE chat (id TEXT)")
        made.execute("CREATE TABLE contacts (id TEXT)")
        made.commit()
    assert not READER.recognises(Source.at(path).sample)


def test_a_table_of_chats_without_the_columns_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "other"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE chat (name TEXT)")
        made.execute("INSERT INTO chat VALUES ('x')")
        made.commit()
    assert len(read(READER, path).damage) == 1


def test_reading_leaves_the_database_as_it_was() -> None:
    before = (LOGS / OLD).read_bytes()
    log: Log = read_fixture(READER, OLD)
    assert log.turns
    assert (LOGS / OLD).read_bytes() == before
