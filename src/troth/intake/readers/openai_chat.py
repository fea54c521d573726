"""OpenAI chat JSONL: ``{"messages": [{"role", "content", …}]}``, as applications and fine-tuning write it.

The format has no account, time or conversation id. Where the lines carry them beside the messages, under the
names that applications commonly use, they are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import call, results_of, turns_of_content
from troth.intake.readers.elements import first_told, own_id, parse_each, role_of, told
from troth.intake.readers.log_times import time_of
from troth.intake.readers.tools import MCP_PREFIX, Tools
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
    "system": "tool",
    "developer": "tool",
}
"""The roles of messages, and whose words they are here. Any other role is kept as it is, and denied later."""
_SPOKEN = frozenset({"user", "assistant"})
_INSTRUCTIONS = frozenset({"system", "developer"})

CONVERSATION_KEYS = ("conversation_id", "session_id", "thread_id", "chat_id")
ACCOUNT_KEYS = ("account", "account_id", "user_id", "user")
TIME_KEYS = ("timestamp", "created_at", "create_time", "created", "time")
_FOREIGN = frozenset(
    {"call_type", "startTime", "spend", "trace_id", "traj", "trajectory", "history", "chat_messages"}
)
"""Keys of other formats whose lines hold messages, too."""


def connector_if_mcp(name: str | None) -> str:
    """The kind of a tool's result: a connector's if the tool is one of an MCP server, or is not named."""
    return "connector" if name is None or name.startswith(MCP_PREFIX) else "text"


def turns_of_messages(messages: list[Any], tools: Tools | None = None) -> Iterator[Turn]:
    """The turns of a list of chat messages. Raises as parsing does for what is not a message."""
    tools = tools or Tools(connector_if_mcp)
    for message in messages:
        content = message.get("content")
        if len(message) == 2 and isinstance(content, str) and message["role"] in _SPOKEN:
            yield Turn(ROLES[message["role"]], text=content)
        else:
            yield from turns_of_message(message, tools)


def turns_of_message(message: dict[str, Any], tools: Tools) -> Iterator[Turn]:
    """The turns of one chat message: its text and media, then the calls that it makes."""
    said = list(_said(message, tools))
    own, at = (
        told(message.get("id")),
        time_of(next((message[key] for key in TIME_KEYS if key in message), None)),
    )
    account = first_told(message, ("account", "account_id", "user_id"))
    if own is None and at is None and account is None:
        yield from said
        return
    for turn in said:
        yield _with(turn, id=own, at=at, account=account)


def _said(message: dict[str, Any], tools: Tools) -> Iterator[Turn]:
    written = message["role"]
    role, content = role_of(written, ROLES), message.get("content")
    if written in _INSTRUCTIONS:
        yield from (_with(turn, tool="system") for turn in turns_of_content(content, role, tools))
        return
    if role == "tool":
        kind, name = tools.result(message.get("tool_call_id"), message.get("name"))
        yield from results_of(content, kind, name, tools)
        return
    yield from turns_of_content(message.get("reasoning_content"), role, tools)
    if isinstance(content, str) and (content or not _calls(message)):
        yield Turn(role, text=content)
    else:
        yield from turns_of_content(content, role, tools)
    yield from turns_of_content(message.get("refusal"), role, tools)
    yield from (call(each, tools) for each in _calls(message))


def _calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    made = list(message.get("tool_calls") or ())
    if message.get("function_call"):
        made.append(message["function_call"])
    return made


def _with(turn: Turn, **told_too: Any) -> Turn:
    return replace(turn, **{name: value for name, value in told_too.items() if value is not None})


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("role") not in ROLES:
        return False
    return "content" in value or "tool_calls" in value or "function_call" in value


def is_chat(value: Any) -> bool:
    """Whether a value is an object with a list of chat messages, and nothing that marks another format."""
    if not isinstance(value, dict) or _FOREIGN & value.keys():
        return False
    messages = value.get("messages")
    return isinstance(messages, list) and bool(messages) and all(map(_is_message, messages[:4]))


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(is_chat, sample.values))


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    metadata = value.get("metadata")
    beside = {**metadata, **value} if isinstance(metadata, dict) else value
    at = time_of(next((beside[key] for key in TIME_KEYS if key in beside), None))
    model = told(beside.get("model"))
    turns = tuple(
        _with(turn, at=turn.at or at, model=model if turn.role == "assistant" else None)
        if at is not None or model
        else turn
        for turn in turns_of_messages(value["messages"])
    )
    yield Conversation(
        turns,
        id=first_told(beside, CONVERSATION_KEYS) or own_id(value),
        account=first_told(beside, ACCOUNT_KEYS),
        product=told(beside.get("product")) or "chat",
        channel=told(beside.get("channel")) or "first_party",
        plan=told(beside.get("plan")),
    )


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a list of chat messages")


READER = Reader("openai-chat", "OpenAI chat messages", _recognises, _read)
