"""What the lines of a Claude Code log say, as turns without ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import turns_of_content
from troth.intake.readers.elements import told
from troth.intake.readers.tools import MCP_PREFIX, Tools, as_json
from troth.intake.turns import Turn

Json = dict[str, Any]

SPOKEN = frozenset({"user", "assistant"})
_WORDLESS = frozenset(
    {
        "file-history-snapshot",
        "turn_end",
        "mode",
        "permission-mode",
        "pr-link",
        "worktree-state",
        "bridge-session",
        "agent-color",
        "agent-setting",
        "content-replacement",
        "started",
    }
)
_SAYING = {
    "summary": ("assistant", "summary"),
    "ai-title": ("assistant", "aiTitle"),
    "custom-title": ("user", "customTitle"),
    "agent-name": ("user", "agentName"),
    "tag": ("user", "tag"),
    "last-prompt": ("user", "lastPrompt"),
    "queue-operation": ("user", "content"),
}
"""Lines that say one thing beside the conversation: whose words they are, and where they stand."""
_MCP_READERS = frozenset({"ListMcpResourcesTool", "ReadMcpResourceTool"})


def kind_of_result(name: str | None) -> str:
    """``connector`` for what came from a server of tools, or from a tool not named; else ``code``."""
    foreign = name is None or name.startswith(MCP_PREFIX) or name in _MCP_READERS
    return "connector" if foreign else "code"


def turns_of_line(line: Json, tools: Tools) -> Iterator[Turn]:
    """What a line says, by its type."""
    kind, message = line["type"], message_of(line)
    if kind in _WORDLESS:
        return
    if message:
        yield from _spoken(line, message, tools)
    elif kind in _SAYING:
        role, key = _SAYING[kind]
        yield from turns_of_content(line.get(key), role, tools)
    elif kind == "system":
        yield from (
            replace(turn, tool="system") for turn in turns_of_content(line.get("content"), "tool", tools)
        )
    elif kind == "progress":
        yield from _progress(line.get("data"), tools)
    else:
        yield Turn("tool", text=as_json(line), kind="connector", tool=told(kind))


def _spoken(line: Json, message: Json, tools: Tools) -> Iterator[Turn]:
    role = message.get("role") or line["type"]
    if line["type"] == "summary" or line.get("isCompactSummary") is True:
        role = "assistant"
    model = told(message.get("model"))
    for turn in turns_of_content(message.get("content"), role if role in SPOKEN else "tool", tools):
        yield replace(turn, model=model) if model and turn.role == "assistant" else turn


def _progress(data: Any, tools: Tools) -> Iterator[Turn]:
    """What a command has put out so far."""
    if isinstance(data, dict):
        output = turns_of_content(data.get("fullOutput") or data.get("output"), "tool", tools)
        yield from (replace(turn, kind="code") for turn in output)


def unwrapped(line: Json) -> Json:
    """The line of a sub-agent, which its parent's log reports within a line of its own."""
    data = line.get("data")
    inner = data.get("message") if isinstance(data, dict) else None
    if line.get("type") == "progress" and isinstance(inner, dict) and isinstance(inner.get("type"), str):
        return {"sessionId": line.get("sessionId"), "timestamp": line.get("timestamp"), **inner}
    return line


def message_of(line: Json) -> Json:
    """The message in a line, or nothing."""
    message = line.get("message")
    return message if isinstance(message, dict) else {}
