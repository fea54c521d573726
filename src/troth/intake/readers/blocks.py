"""What one message holds: text, thoughts, calls of tools and their results, pictures, sound and files.

The shapes of the OpenAI and Anthropic APIs, of OpenTelemetry and of the Model Context Protocol name the
same few things differently; they are told apart by ``type`` and become the same turns. A block of an
unknown type is kept as its JSON. Turns come without ids: the reader of the log gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.media import inline_media, kind_of_media, linked_media
from troth.intake.readers.tools import Tools, as_json, mcp_name
from troth.intake.turns import Turn

Block = dict[str, Any]


class Thought(Turn):
    """What a model thought before it answered: a record like any other, which later calls may leave out."""

    __slots__ = ()


TEXTS = frozenset({"text", "input_text", "output_text", "refusal"})
THOUGHTS = frozenset({"thinking", "reasoning", "reasoning_text", "summary_text", "thought"})
CALLS = frozenset(
    {
        "tool_use",
        "server_tool_use",
        "mcp_tool_use",
        "tool_call",
        "server_tool_call",
        "function",
        "function_call",
    }
)
RESULTS = frozenset(
    {"tool_call_response", "server_tool_call_response", "function_call_output", "tool_response"}
)
WORDLESS = frozenset({"redacted_thinking", "token_budget", "flag"})
"""Blocks that hold no words: encrypted, or marks of the service."""
MEDIA = {
    "image": "photo",
    "image_url": "photo",
    "input_image": "photo",
    "audio": "audio",
    "input_audio": "audio",
    "video": "video",
    "video_url": "video",
    "document": "upload",
    "file": None,
    "input_file": None,
    "blob": None,
    "uri": None,
    "resource": None,
    "resource_link": None,
}
"""Blocks that hold media, and its kind where the type alone tells it."""

_INNER = ("source", "image_url", "input_audio", "audio", "video_url", "file", "resource")
_BYTES = ("data", "file_data", "b64_json", "blob")
_WHERE = (
    "url",
    "uri",
    "file_url",
    "file_id",
    "file_uuid",
    "image_url",
    "video_url",
    "path",
    "filename",
    "name",
)
_TYPES = ("media_type", "mime_type", "mimeType")


def turns_of_content(content: Any, role: str, tools: Tools) -> Iterator[Turn]:
    """The turns of a message's content: text, one block, or a list of either."""
    if isinstance(content, str):
        if content:
            yield Turn(role, text=content)
    elif isinstance(content, list):
        for block in content:
            yield from turns_of_content(block, role, tools)
    elif isinstance(content, dict):
        yield from turns_of_block(content, role, tools)
    elif content is not None:
        yield Turn(role, text=as_json(content))


def turns_of_block(block: Block, role: str, tools: Tools) -> Iterator[Turn]:
    """The turns of one typed block."""
    kind = block.get("type")
    if kind in TEXTS:
        yield from (Turn(role, text=text) for text in _words(block))
    elif kind in THOUGHTS:
        yield from (Thought("assistant", text=text) for text in _words(block))
    elif kind in CALLS:
        yield call(block, tools)
    elif kind in RESULTS or (isinstance(kind, str) and kind.endswith("tool_result")):
        yield from results(block, tools)
    elif isinstance(kind, str) and kind in MEDIA:
        yield _media(block, MEDIA[kind], role)
    elif kind not in WORDLESS:
        yield Turn(role, text=as_json(block))


def call(block: Block, tools: Tools) -> Turn:
    """What the assistant wrote to a tool."""
    inner = block.get("function")
    called = {**block, **inner} if isinstance(inner, dict) else block
    name = called.get("name")
    if called.get("type") == "mcp_tool_use":
        name = mcp_name(called.get("server_name"), name)
    known = tools.called(called.get("call_id") or called.get("id"), name)
    written = next((called[key] for key in ("input", "arguments", "server_tool_call") if key in called), None)
    return Turn("assistant", text=as_json({} if written is None else written), kind="code", tool=known)


def results(block: Block, tools: Tools) -> Iterator[Turn]:
    """What a tool answered."""
    asked = next(
        (block[key] for key in ("tool_use_id", "call_id", "tool_call_id", "id") if block.get(key)), None
    )
    kind, name = tools.result(asked, block.get("name"))
    keys = ("content", "response", "output", "result", "server_tool_call_response")
    answer = next((block[key] for key in keys if key in block), None)
    yield from results_of(answer, kind, name, tools)


def results_of(answer: Any, kind: str, name: str | None, tools: Tools) -> Iterator[Turn]:
    """An answer as records of one kind; its pictures keep theirs, unless they come from a connector."""
    if answer in (None, "", [], {}):
        return
    if isinstance(answer, dict) and not _is_block(answer):
        answer = as_json(answer)
    if isinstance(answer, list) and not all(_is_block(each) for each in answer):
        answer = as_json(answer)
    for turn in turns_of_content(answer, "tool", tools):
        own = turn.kind if kind != "connector" and turn.text is None else kind
        yield replace(turn, role="tool", kind=own, tool=name)


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def _words(block: Block) -> Iterator[str]:
    """The words of a block. Thoughts may be lists of summaries, and a text an object with its value."""
    for key in ("text", "content", "thinking", "reasoning", "summary", "refusal", "value"):
        words = block.get(key)
        for each in words if isinstance(words, list) else [words]:
            if isinstance(each, dict):
                yield from _words(each)
            elif isinstance(each, str) and each:
                yield each


def _media(block: Block, kind: str | None, role: str) -> Turn:
    told = dict(block)
    for key in _INNER:
        inner = block.get(key)
        if isinstance(inner, dict):
            told |= {name: value for name, value in inner.items() if name != "type"}
    source = block.get("source")
    media_type = _first(told, _TYPES) or _from_format(told)
    if kind is None and told.get("modality"):
        kind = kind_of_media(told["modality"])
    text = _text_of_media(told, source)
    if text is not None:
        sure = kind or kind_of_media(media_type)
        return Turn(role, text=text, kind=sure, media_type=media_type, path=_first(told, _WHERE))
    encoded = _first(told, ("content",)) if block["type"] == "blob" else _first(told, _BYTES)
    if encoded is None or encoded.startswith("data:"):
        return linked_media(role, encoded or _first(told, _WHERE), media_type, kind)
    return inline_media(role, encoded, media_type, kind)


def _text_of_media(told: Block, source: Any) -> str | None:
    """The text of a document that stands in the log as text."""
    if isinstance(source, dict) and source.get("type") == "text":
        return _first(told, ("data",))
    if isinstance(source, dict) and isinstance(source.get("content"), str | list):
        return as_json(source["content"])
    return _first(told, ("text",))


def _first(told: Block, keys: tuple[str, ...]) -> str | None:
    return next((told[key] for key in keys if isinstance(told.get(key), str) and told[key]), None)


def _from_format(told: Block) -> str | None:
    """OpenAI names the format of sound without its type."""
    form = told.get("format")
    return f"audio/{form}" if isinstance(form, str) and "input_audio" in told else None
