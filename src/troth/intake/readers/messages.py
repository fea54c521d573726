"""Chat messages as calls to models carry them: requests and answers of the common APIs.

Understood are the messages of the OpenAI, Anthropic and Gemini APIs, the responses built of ``choices``,
``output`` or ``candidates``, and the messages of OpenTelemetry. What has no known shape is kept as its
JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import Thought, call, results, results_of, turns_of_content
from troth.intake.readers.media import inline_media, linked_media
from troth.intake.readers.tools import Tools, as_json
from troth.intake.turns import Turn

ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
}
"""Whose words a message holds. A role that is not known is kept as it is, and denied later."""

_RULING = frozenset({"system", "developer"})
_ANSWERING = frozenset({"tool", "function"})
_REQUESTS = ("messages", "input", "contents", "prompt")
_RULES = ("system", "instructions", "system_instruction", "systemInstruction")
_RESPONSES = ("choices", "candidates", "output", "content", "message", "completion", "generated_text", "text")


def turns_of_request(asked: Any, tools: Tools) -> Iterator[Turn]:
    """What was sent to a model: text, messages, or the body of a request that holds them."""
    if isinstance(asked, dict) and not _is_message(asked):
        yield from _turns_of_body(asked, tools)
    else:
        yield from turns_of_messages(asked, "user", tools)


def turns_of_response(answer: Any, tools: Tools) -> Iterator[Turn]:
    """What a model answered: text, messages, or the body of a response that holds them."""
    if isinstance(answer, dict) and not _is_message(answer):
        key = next((each for each in _RESPONSES if answer.get(each)), None)
        if key in ("choices", "candidates"):
            for choice in answer[key] if isinstance(answer[key], list) else [answer[key]]:
                yield from _turns_of_choice(choice, tools)
        elif key is not None:
            yield from turns_of_messages(answer[key], "assistant", tools)
        elif answer:
            yield Turn("assistant", text=as_json(answer))
    else:
        yield from turns_of_messages(answer, "assistant", tools)


def turns_of_messages(messages: Any, speaker: str, tools: Tools) -> Iterator[Turn]:
    """The turns of one message or several; text alone was said by ``speaker``."""
    if isinstance(messages, list):
        for message in messages:
            yield from turns_of_messages(message, speaker, tools)
    elif isinstance(messages, dict) and (_is_message(messages) or "parts" in messages):
        yield from turns_of_message(messages, speaker, tools)
    else:
        yield from turns_of_content(messages, speaker, tools)


def turns_of_message(message: dict[str, Any], speaker: str, tools: Tools) -> Iterator[Turn]:
    """The turns of one message: its words, then what it calls."""
    said = _role(message)
    if said in _RULING:
        yield from instructions(message.get("content") or message.get("parts"), tools)
        return
    role = speaker if said is None else ROLES.get(said, "tool" if said in _ANSWERING else said)
    yield from _thoughts(message)
    if said in _ANSWERING and not isinstance(message.get("parts"), list):
        kind, name = tools.result(message.get("tool_call_id"), message.get("name"))
        yield from results_of(message.get("content"), kind, name, tools)
    else:
        yield from turns_of_content(message.get("content"), role, tools)
    for part in message.get("parts") or ():
        yield from _turns_of_part(part, role, tools)
    yield from _turns_beside(message, role, tools)


def instructions(rules: Any, tools: Tools) -> Iterator[Turn]:
    """What a model was told to be, by whoever built on it: nobody's own words."""
    if isinstance(rules, dict) and not isinstance(rules.get("type"), str):
        rules = rules.get("parts") or rules.get("content")
    for turn in turns_of_messages(rules, "tool", tools):
        yield replace(turn, role="tool", tool=turn.tool or "system")


def _turns_beside(message: dict[str, Any], role: str, tools: Tools) -> Iterator[Turn]:
    """What stands in a message beside its content."""
    refusal, audio = message.get("refusal"), message.get("audio")
    if isinstance(refusal, str) and refusal:
        yield Turn(role, text=refusal)
    if isinstance(audio, dict):
        if isinstance(audio.get("transcript"), str):
            yield Turn(role, text=audio["transcript"], kind="transcript")
        yield inline_media(role, audio.get("data"), None, "audio")
    for image in message.get("images") or ():
        yield from turns_of_content(image, role, tools)
    for each in message.get("tool_calls") or ():
        if isinstance(each, dict):
            yield call(each, tools)
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        yield call(legacy, tools)


def _thoughts(message: dict[str, Any]) -> Iterator[Turn]:
    """Thoughts that stand beside the answer; the same ones often stand there twice."""
    told = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(told, str):
        yield Thought("assistant", text=told)


def _turns_of_part(part: Any, role: str, tools: Tools) -> Iterator[Turn]:
    """A part of an OpenTelemetry message has a type; one of a Gemini message has not."""
    if not isinstance(part, dict) or "type" in part:
        yield from turns_of_content(part, role, tools)
        return
    inline = part.get("inlineData") or part.get("inline_data")
    linked = part.get("fileData") or part.get("file_data")
    asked = part.get("functionCall") or part.get("function_call")
    answer = part.get("functionResponse") or part.get("function_response")
    if isinstance(part.get("text"), str):
        speaker = Thought if part.get("thought") is True else Turn
        yield speaker(role, text=part["text"])
    elif isinstance(inline, dict):
        yield inline_media(role, inline.get("data"), inline.get("mimeType") or inline.get("mime_type"))
    elif isinstance(linked, dict):
        where = linked.get("fileUri") or linked.get("file_uri")
        yield linked_media(role, where, linked.get("mimeType") or linked.get("mime_type"))
    elif isinstance(asked, dict):
        yield call({**asked, "input": asked.get("args")}, tools)
    elif isinstance(answer, dict):
        yield from results(answer, tools)
    else:
        yield Turn(role, text=as_json(part))


def _turns_of_body(body: dict[str, Any], tools: Tools) -> Iterator[Turn]:
    """The words in the body of a request; its settings (model, temperature, tool definitions) are none."""
    for key in _RULES:
        yield from instructions(body.get(key), tools)
    known = [key for key in _REQUESTS if body.get(key)]
    for key in known:
        yield from turns_of_messages(body[key], "user", tools)
    if body and not known and "model" not in body:
        yield Turn("user", text=as_json(body))


def _turns_of_choice(choice: Any, tools: Tools) -> Iterator[Turn]:
    if not isinstance(choice, dict):
        yield from turns_of_messages(choice, "assistant", tools)
        return
    said = choice.get("message") or choice.get("content") or choice.get("delta") or choice.get("text")
    yield from turns_of_messages(said, "assistant", tools)


def _role(message: dict[str, Any]) -> str | None:
    told = message.get("role", message.get("type"))
    return told.lower() if isinstance(told, str) else None


def _is_message(value: dict[str, Any]) -> bool:
    """A role, or the type that LangChain writes in its place, beside content."""
    if isinstance(value.get("role"), str):
        return True
    return value.get("type") in ("human", "ai", "system", "tool", "chat") and "content" in value
