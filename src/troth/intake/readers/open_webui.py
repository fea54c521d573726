"""Open WebUI: the SQLite database that the server keeps, its tables ``chat`` and (newer) ``chat_message``.

Each chat is a tree of messages, kept as JSON (``history.messages``; before that a list, ``messages``) and
in newer versions also as rows. What any of the three holds is read once; where they differ the row is the
newer one. Times are seconds, milliseconds or nanoseconds since 1970, by version; the magnitude tells which.

A chat that was shared has a copy whose owner is written as ``shared-`` and the chat's id. It repeats its
chat, and is read only where that is gone, as the words of no known account. Channels, notes and memories,
which are kept in tables of their own, are not conversations and are not read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from troth.intake.json_text import NotJsonError, decode
from troth.intake.readers.elements import MISSHAPEN, told
from troth.intake.readers.open_webui_messages import file_id, parent_of, turn_of_file, turns_of_message
from troth.intake.readers.trees import turns_of_tree
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Json = dict[str, Any]

_TABLES = frozenset(
    {
        *("alembic_version", "auth", "channel", "channel_member", "chat", "chat_file", "chat_message"),
        *("chatidtag", "config", "document", "feedback", "file", "folder", "function", "group"),
        *("group_member", "knowledge", "knowledge_file", "memory", "message", "message_reaction"),
        *("migratehistory", "model", "note", "oauth_session", "prompt", "shared_chat", "tag", "tool", "user"),
    }
)
_JSON_COLUMNS = frozenset({"content", "output", "files", "sources"})
_SHARED = "shared-"


def recognises(sample: Sample) -> bool:
    """A table of chats among others that this server has, or alone."""
    known = sample.tables & _TABLES
    return "chat" in known and (known == sample.tables or len(known) >= 4)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each chat."""
    try:
        with closing(_opened(source)) as database:
            yield from _chats(database, source.sample.tables)
    except sqlite3.Error:
        yield Damage(None, "the SQLite database is damaged, or its table of chats is of no known version")


def _opened(source: Source) -> sqlite3.Connection:
    database = sqlite3.connect(f"{source.sqlite_path().resolve().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    database.text_factory = lambda text: text.decode("utf-8", errors="replace")
    return database


def _chats(database: sqlite3.Connection, tables: frozenset[str]) -> Iterator[Conversation | Damage]:
    has_rows = "chat_message" in tables
    number = 0
    found = database.execute("SELECT id, user_id, chat FROM chat ORDER BY rowid")
    for number, row in enumerate(found, start=1):
        chat = dict(row)
        if _repeats(database, chat):
            continue
        rows = _rows(database, chat["id"]) if has_rows else {}
        yield _read_chat(number, chat, rows)
    if has_rows:
        gone = "SELECT DISTINCT chat_id, user_id FROM chat_message WHERE chat_id NOT IN (SELECT id FROM chat)"
        for row in database.execute(gone):
            number += 1
            chat = {"id": row["chat_id"], "user_id": row["user_id"], "chat": "{}"}
            yield _read_chat(number, chat, _rows(database, chat["id"]))


def _repeats(database: sqlite3.Connection, chat: Json) -> bool:
    """Whether a chat is the shared copy of another one that is still there."""
    owner = told(chat.get("user_id")) or ""
    original = owner.removeprefix(_SHARED)
    if original == owner:
        return False
    return database.execute("SELECT 1 FROM chat WHERE id = ?", (original,)).fetchone() is not None


def _rows(database: sqlite3.Connection, chat: str) -> dict[str, Json]:
    """The messages of a chat that are kept as rows, by the ids that they have in the chat."""
    found = database.execute("SELECT * FROM chat_message WHERE chat_id = ? ORDER BY created_at, id", (chat,))
    messages = {}
    for row in map(dict, found):
        own, parent = row["id"].removeprefix(f"{chat}-"), told(row.get("parent_id"))
        values = {name: _column(name, value) for name, value in row.items()}
        messages[own] = {**values, "parent_id": parent and parent.removeprefix(f"{chat}-")}
    return messages


def _column(name: str, value: Any) -> Any:
    """A value of a row; some columns hold JSON."""
    if name not in _JSON_COLUMNS or not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except NotJsonError:
        return value


def _read_chat(number: int, chat: Json, rows: dict[str, Json]) -> Conversation | Damage:
    try:
        stored = _decoded(chat.get("chat"))
        messages = _messages(stored, rows)
        turns = list(turns_of_tree(messages, parent_of, lambda _, message: list(turns_of_message(message))))
        turns += _beside(stored, messages)
    except (NotJsonError, *MISSHAPEN):
        return Damage(number, "the chat is not the JSON that chats are kept as")
    owner = told(chat.get("user_id"))
    account = None if owner is None or owner.startswith(_SHARED) else owner
    return Conversation(tuple(turns), id=told(chat["id"]), account=account, line=number)


def _decoded(stored: Any) -> Json:
    value = decode(stored if isinstance(stored, bytes) else str(stored or "{}").encode())
    if not isinstance(value, dict):
        raise TypeError("a chat is an object")
    return value


def _messages(stored: Json, rows: dict[str, Json]) -> dict[str, Json]:
    """All messages of a chat, each once: from its tree, its older list, and its rows."""
    messages: dict[str, Json] = dict((stored.get("history") or {}).get("messages") or {})
    before = None
    for index, message in enumerate(stored.get("messages") or ()):
        own = told(message.get("id")) or f"{index}"
        messages.setdefault(own, {"parentId": before, **message})
        before = own
    for own, row in rows.items():
        kept = {key: value for key, value in row.items() if value is not None}
        messages[own] = {**messages.get(own, {}), **_renamed(kept)}
    return messages


def _renamed(row: Json) -> Json:
    """A row by the names that the JSON of a chat has."""
    names = {"parent_id": "parentId", "model_id": "model", "created_at": "timestamp"}
    return {names.get(key, key): value for key, value in row.items()}


def _beside(stored: Json, messages: dict[str, Json]) -> Iterator[Turn]:
    """What a chat holds beside its messages: instructions that the person set, and files of the whole."""
    rules = (stored.get("params") or {}).get("system") or stored.get("system")
    if isinstance(rules, str) and rules:
        yield Turn("tool", text=rules, tool="system", id="system")
    known = {file_id(file) for message in messages.values() for file in _files(message)}
    for file in _files(stored):
        if file_id(file) not in known:
            yield replace(turn_of_file(file, "user"), id=f"file/{file_id(file)}")


def _files(holder: Json) -> list[Json]:
    files = holder.get("files")
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


READER = Reader("open-webui", "Open WebUI database", recognises, read)
