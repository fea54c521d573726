"""Claude data exports: ``conversations.json`` of claude.ai, an array of conversations or a single one.

A message says what its ``content`` blocks hold, or its ``text`` where there are none. The text extracted
from an attachment is an ``upload`` of the person; files are kept by their names. What the service's own
tools answer is ``code``; what any other tool answers (integrations, servers of tools) is ``connector``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import turns_of_content
from troth.intake.readers.elements import parse_each, told
from troth.intake.readers.log_times import time_of_text
from troth.intake.readers.media import kind_of_media
from troth.intake.readers.tools import Tools, mcp_name
from troth.intake.readers.trees import Node, turns_of_tree
from troth.intake.sample import JSON_SHAPES
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Json = dict[str, Any]

_ROLES = {"human": "user", "user": "user", "assistant": "assistant"}
_OWN_TOOLS = frozenset(
    {
        "artifacts",
        "repl",
        "analysis_tool",
        "web_search",
        "web_fetch",
        "bash_tool",
        "create_file",
        "str_replace",
        "view",
        "present_files",
        "show_widget",
    }
)
"""The service's own tools, but for its search in earlier talks: what that finds was said elsewhere."""
_ROOT = "00000000-0000-4000-8000-000000000000"


def kind_of_result(name: str | None) -> str:
    """``code`` for the service's own tools, ``connector`` for every other."""
    return "code" if name in _OWN_TOOLS else "connector"


def recognises(sample: Sample) -> bool:
    """Conversations with ``chat_messages``."""
    return sample.shape in JSON_SHAPES and any(map(_is_conversation, sample.objects))


def _is_conversation(value: Json) -> bool:
    if "chat_messages" not in value or not isinstance(value.get("uuid"), str):
        return False
    messages = value["chat_messages"]
    return messages is None or (
        isinstance(messages, list)
        and all(isinstance(each, dict) and "sender" in each for each in messages[:4])
    )


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each element."""
    return parse_each(source, _parse, "a Claude conversation")


def _parse(value: Json) -> Iterable[Conversation]:
    account, tools = value.get("account"), Tools(kind_of_result)
    messages = {str(each.get("uuid", index)): each for index, each in enumerate(value["chat_messages"])}
    if len(messages) < len(value["chat_messages"]):
        raise ValueError("two messages have one uuid")
    turns = tuple(turns_of_tree(messages, _parent, lambda _, message: list(_turns(message, tools))))
    yield Conversation(
        turns,
        id=value["uuid"],
        account=told(account.get("uuid")) if isinstance(account, dict) else None,
    )


def _parent(message: Node) -> Any:
    above = message.get("parent_message_uuid")
    return None if above == _ROOT else above


def _turns(message: Node, tools: Tools) -> Iterator[Turn]:
    sender = str(message["sender"])
    role = _ROLES.get(sender, sender)
    at = time_of_text(message.get("created_at"))
    content = message.get("content") or message.get("text")
    said = (*_said(content, message, role, tools), *_attached(message, role))
    for turn in said:
        own_words = turn.role == sender == "system"
        yield replace(turn, role="tool", tool="system", at=at) if own_words else replace(turn, at=at)


def _said(content: Any, message: Node, role: str, tools: Tools) -> Iterator[Turn]:
    """The blocks of a message; its ``text`` only where they hold none of it."""
    if isinstance(content, list):
        content = [_renamed(block) for block in content]
    turns = list(turns_of_content(content, role, tools))
    if not turns:
        turns = list(turns_of_content(message.get("text"), role, tools))
    yield from turns


def _renamed(block: Any) -> Any:
    """A block, its tool named as one of a server where the block tells that it is."""
    if not isinstance(block, dict) or not block.get("mcp_server_url"):
        return block
    return {**block, "name": mcp_name("server", block.get("name"))}


def _attached(message: Node, role: str) -> Iterator[Turn]:
    """Attachments with the text extracted from them, then files, which are only named."""
    for each in message.get("attachments") or ():
        text, name = each.get("extracted_content"), told(each.get("file_name"))
        if text or name:
            yield Turn(
                role, text=told(text), kind="upload", media_type=told(each.get("file_type")), path=name
            )
    named = {told(each.get("file_name")) for each in message.get("attachments") or ()}
    for each in (*(message.get("files") or ()), *(message.get("files_v2") or ())):
        name = told(each.get("file_name"))
        where = told(each.get("file_uuid")) or name
        if where and name not in named:
            named.add(name)
            kind = kind_of_media(each.get("file_kind") or each.get("file_type"))
            yield Turn(role, kind=kind, path=where, media_type=told(each.get("file_type")))


READER = Reader("claude-export", "Claude data export", recognises, read)
