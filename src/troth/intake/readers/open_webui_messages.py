"""What one message of Open WebUI holds, as turns without ids.

A message is kept the same way in the JSON of its chat and in the table ``chat_message``, but for some
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import turns_of_content
from troth.intake.readers.elements import told
from troth.intake.readers.log_times import time_of_epoch
from troth.intake.readers.media import linked_media
from troth.intake.readers.messages import ROLES
from troth.intake.readers.tools import Tools, always_connector, as_json
from troth.intake.readers.trees import Node
from troth.intake.turns import Turn

Json = dict[str, Any]

_EMBEDDED_RESULT = '<details type="tool_calls"'
"""How older versions wrote calls of tools, and what they answered, into the text of the assistant."""


def parent_of(message: Any) -> Any:
    """The message answered, under the name of either place."""
    return message.get("parentId") or message.get("parent_id")


def turns_of_message(message: Node) -> Iterator[Turn]:
    """The words of a message, its files, what was looked up for it, and what the person thought of it."""
    written = message["role"]
    if not isinstance(written, str):
        raise TypeError("a role is text")
    role = ROLES.get(written, "tool" if written in ("system", "tool") else written)
    at = time_of_epoch(message.get("timestamp") or message.get("created_at"))
    model = told(message.get("model") or message.get("model_id"))
    for turn in (*_said(message, role), *_files(message, role), *_looked_up(message), *_feedback(message)):
        spoken = turn.role == "assistant"
        ruling = written == "system" and turn.role == "tool" and turn.tool is None
        yield replace(turn, at=at, model=model if spoken else None, tool="system" if ruling else turn.tool)


def file_id(file: Any) -> str | None:
    """What names a file: its id, or else where it lies."""
    return told(file.get("id")) or told(file.get("url")) or told(file.get("name"))


def turn_of_file(file: Json, role: str) -> Turn:
    """A file that came with a message, with the text extracted from it where the log holds that."""
    inner = file.get("file") or {}
    meta, data = inner.get("meta") or {}, inner.get("data") or {}
    media_type = told(file.get("content_type")) or told(meta.get("content_type"))
    kind = "photo" if file.get("type") == "image" else None
    turn = linked_media(role, file.get("url") or file_id(file), media_type, kind)
    return replace(turn, text=told(data.get("content") or file.get("content")))


def _said(message: Node, role: str) -> Iterator[Turn]:
    tools = Tools(always_connector)
    content, output = message.get("content"), message.get("output")
    for turn in turns_of_content(content, role, tools):
        embedded = role == "assistant" and turn.text is not None and _EMBEDDED_RESULT in turn.text
        yield replace(turn, kind="connector") if embedded else turn
    for item in output if isinstance(output, list) else ():
        if not isinstance(item, dict) or item.get("type") != "message":
            yield from turns_of_content(item, role, tools)
        elif not content:
            yield from turns_of_content(item.get("content"), role, tools)
    yield from turns_of_content(
        message.get("context_summary") or message.get("contextSummary"), "assistant", tools
    )


def _files(message: Node, role: str) -> Iterator[Turn]:
    yield from (turn_of_file(file, role) for file in message.get("files") or () if isinstance(file, dict))


def _looked_up(message: Node) -> Iterator[Turn]:
    """Passages found for an answer: from the person's files, or from elsewhere."""
    for source in message.get("sources") or ():
        origin = source.get("source") or {}
        kind = "upload" if origin.get("type") == "file" else "connector"
        for passage in source.get("document") or ():
            yield Turn("tool", text=as_json(passage), kind=kind, tool=told(origin.get("name")))


def _feedback(message: Node) -> Iterator[Turn]:
    annotation = message.get("annotation")
    if isinstance(annotation, dict) and annotation.get("comment"):
        yield Turn("user", text=as_json(annotation["comment"]), kind="feedback")
