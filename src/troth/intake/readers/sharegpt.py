"""ShareGPT: ``{"id", "conversations": [{"from": "human" | "gpt" | …, "value"}]}``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from troth.intake.readers.elements import first_told, own_id, parse_each, role_of, text_of
from troth.intake.readers.openai_chat import ACCOUNT_KEYS, connector_if_mcp
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

SPEAKERS = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "function_call": "assistant",
    "tool_call": "assistant",
    "tool": "tool",
    "function": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "observation": "tool",
    "system": "tool",
}
_CALLS = frozenset({"function_call", "tool_call"})


def _is_said(value: Any) -> bool:
    return isinstance(value, dict) and value.get("from") in SPEAKERS and "value" in value


def _is_shared(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    said = value.get("conversations")
    return isinstance(said, list) and bool(said) and all(map(_is_said, said[:4]))


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_shared, sample.values))


def _turn(said: dict[str, Any]) -> Turn:
    speaker, text = said["from"], text_of(said["value"])
    role = role_of(speaker, SPEAKERS)
    if speaker == "system":
        return Turn(role, text=text, tool="system")
    if speaker in _CALLS:
        return Turn(role, text=text, kind="code")
    return Turn(role, text=text, kind=connector_if_mcp(None) if role == "tool" else "text")


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    turns = tuple(map(_turn, value["conversations"]))
    found = first_told(value, ("conversation_id",)) or own_id(value)
    yield Conversation(turns, id=found, account=first_told(value, ACCOUNT_KEYS))


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a shared conversation")


READER = Reader("sharegpt", "ShareGPT", _recognises, _read)
