"""What the items and events of a Codex session say, as turns without ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from troth.intake.readers.blocks import call, results_of, turns_of_block, turns_of_content
from troth.intake.readers.media import inline_media
from troth.intake.readers.messages import turns_of_message
from troth.intake.readers.tools import Tools, as_json, mcp_name
from troth.intake.turns import Turn

Json = dict[str, Any]

WORDLESS_ITEMS = frozenset(
    {
        "token_count",
        "ghost_snapshot",
        "compaction",
        "compaction_summary",
        "context_compaction",
        "compaction_trigger",
    }
)
WORDLESS_EVENTS = frozenset(
    {
        "token_count",
        "task_started",
        "turn_started",
        "turn_aborted",
        "context_compacted",
        "thread_rolled_back",
        "agent_reasoning_section_break",
        "sub_agent_activity",
        "thread_settings_applied",
        "image_generation_end",
        "web_search_end",
        "session_configured",
    }
)
"""Events that hold no words, or only those of an item that always stands beside them."""

_SPEAKERS = {"user_message": "user", "agent_message": "assistant", "task_complete": "assistant"}
_CALLS = frozenset({"function_call", "custom_tool_call"})
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_OWN_CALLS = frozenset({"local_shell_call", "web_search_call", "tool_search_call"})
_SCRIPTS = frozenset({"exec", "functions.exec"})
_MCP_READERS = frozenset({"read_mcp_resource", "list_mcp_resources", "list_mcp_resource_templates"})
_RULES = ("base_instructions", "instructions", "user_instructions", "developer_instructions")


def kind_of_result(name: str | None) -> str:
    """``connector`` for what came from a server of tools, or from a tool not named; else ``code``."""
    return "connector" if name is None or "__" in name or name in _MCP_READERS else "code"


def turns_of_item(item: Json, tools: Tools) -> Iterator[Turn]:
    """The turns of a ``response_item``."""
    kind = item.get("type")
    if kind in WORDLESS_ITEMS:
        return
    if kind in ("message", "agent_message"):
        yield from turns_of_message({"role": "assistant", **item}, "user", tools)
    elif kind == "reasoning":
        yield from turns_of_block(item, "assistant", tools)
    elif kind in _CALLS:
        yield call({**item, "type": "function_call", "name": _full_name(item)}, tools)
    elif kind in _OUTPUTS:
        yield from _output(item, tools)
    elif kind in _OWN_CALLS:
        name = tools.called(item.get("call_id") or item.get("id"), str(kind).removesuffix("_call"))
        if written := item.get("action") or item.get("arguments"):
            yield Turn("assistant", text=as_json(written), kind="code", tool=name)
    elif kind == "image_generation_call":
        yield from turns_of_content(item.get("revised_prompt"), "assistant", tools)
        yield inline_media("assistant", item.get("result"), "image/png")
    elif len(item.keys() - {"id", "type"}) > 0:
        yield Turn("tool", text=as_json(item), tool="system")


def turns_of_event(event: Json, tools: Tools) -> Iterator[Turn]:
    """The turns of an ``event_msg``, most of which an item repeats."""
    kind = event.get("type")
    if kind in WORDLESS_EVENTS:
        return
    if kind in _SPEAKERS:
        yield from turns_of_content(
            event.get("message") or event.get("last_agent_message"), _SPEAKERS[kind], tools
        )
        for image in event.get("images") or ():
            yield from turns_of_content({"type": "input_image", "image_url": image}, "user", tools)
    elif kind in ("agent_reasoning", "agent_reasoning_raw_content"):
        yield from turns_of_block({"type": "reasoning", "text": event.get("text")}, "assistant", tools)
    elif kind == "mcp_tool_call_end":
        yield from _mcp_result(event, tools)
    elif kind in ("exec_command_end", "patch_apply_end"):
        answer = event.get("aggregated_output") or event.get("stdout")
        yield from results_of(answer, *tools.result(event.get("call_id"), kind), tools)
    elif len(event.keys() - {"type", "turn_id"}) > 0:
        yield Turn("tool", text=as_json(event), tool="system")


def mcp_call(event: Json) -> str | None:
    """The name of the tool whose call an event reports, if that tool is one of an MCP server."""
    made = event.get("invocation")
    if event.get("type") != "mcp_tool_call_end" or not isinstance(made, dict):
        return None
    return mcp_name(made.get("server"), made.get("tool"))


def instructions_of(payload: Json) -> Iterator[Turn]:
    """The instructions that a session or one of its turns began with."""
    for key in _RULES:
        rules = payload.get(key)
        text = rules.get("text") if isinstance(rules, dict) else rules
        if isinstance(text, str) and text:
            yield Turn("tool", text=text, tool="system")


def _full_name(item: Json) -> Any:
    name, space = item.get("name"), item.get("namespace")
    if isinstance(space, str) and space:
        return f"{space.removesuffix('__')}__{name}"
    if name in _SCRIPTS and "mcp__" in as_json(item.get("input") or item.get("arguments")):
        return mcp_name("script", name)
    return name


def _output(item: Json, tools: Tools) -> Iterator[Turn]:
    answer = item.get("output", item.get("tools"))
    if isinstance(answer, dict) and isinstance(answer.get("content"), str | list):
        answer = answer["content"]
    yield from results_of(answer, *tools.result(item.get("call_id"), item.get("name")), tools)


def _mcp_result(event: Json, tools: Tools) -> Iterator[Turn]:
    answer = event.get("result")
    if isinstance(answer, dict) and len(answer) == 1:
        (answer,) = answer.values()
    if isinstance(answer, dict) and isinstance(answer.get("content"), list):
        answer = answer["content"]
    yield from results_of(answer, "connector", mcp_call(event), tools)
