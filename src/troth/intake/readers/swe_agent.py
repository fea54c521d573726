"""SWE-agent trajectories: ``{"environment", "trajectory": [steps], "history": [messages], "info"}``.

What the environment answers is written with the role ``user`` by older versions: it is a tool's here. So is a
demonstration, which is shown to the model like a system prompt. The history stops short of the last step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import turns_of_content
from troth.intake.readers.elements import parse_each, text_of
from troth.intake.readers.openai_chat import connector_if_mcp, turns_of_message
from troth.intake.readers.tools import Tools
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_ENVIRONMENT = "environment"


def _is_step(value: Any) -> bool:
    return isinstance(value, dict) and {"action", "observation"} <= value.keys()


def _is_trajectory(value: Any) -> bool:
    if not isinstance(value, dict) or "messages" in value:
        return False
    steps, history = value.get("trajectory"), value.get("history")
    if isinstance(steps, list) and steps:
        return _is_step(steps[0])
    return isinstance(history, list) and bool(history) and {"role", "content", "agent"} <= history[0].keys()


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_trajectory, sample.values))


def _history(messages: list[dict[str, Any]]) -> Iterator[Turn]:
    tools = Tools(connector_if_mcp)
    answered = False
    for message in messages:
        answered = answered or message["role"] == "assistant"
        if message.get("is_demo") or message.get("message_type") == "demonstration":
            yield from _as_tool(message, "demonstration", tools)
        elif _is_observation(message, answered):
            yield from _as_tool(message, _ENVIRONMENT, tools)
        else:
            yield from turns_of_message(_with_call(message), tools)


def _is_observation(message: dict[str, Any], answered: bool) -> bool:
    return message.get("message_type") == "observation" or (message["role"] in ("user", "tool") and answered)


def _with_call(message: dict[str, Any]) -> dict[str, Any]:
    """Results name the calls that they answer in a list; the first one tells the tool."""
    calls = message.get("tool_call_ids")
    return {**message, "tool_call_id": calls[0]} if calls else message


def _as_tool(message: dict[str, Any], name: str, tools: Tools) -> Iterator[Turn]:
    if message.get("tool_call_ids"):
        kind, called = tools.result(message["tool_call_ids"][0])
        name = name if called is None else called
    else:
        kind = "text"
    for turn in turns_of_content(message["content"], "tool", tools):
        yield replace(turn, tool=name, kind=kind if turn.kind == "text" else turn.kind)


def _steps(steps: list[dict[str, Any]], answered: int, observed: int) -> Iterator[Turn]:
    """What the steps hold beyond the history."""
    for index, step in enumerate(steps):
        if index >= answered:
            yield Turn("assistant", text=text_of(step.get("response") or step.get("action")))
        if index >= observed and step.get("observation"):
            yield Turn("tool", text=text_of(step["observation"]), tool=_ENVIRONMENT)


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    messages = value.get("history") or []
    turns = list(_history(messages))
    answers = sum(message["role"] == "assistant" and not message.get("is_demo") for message in messages)
    observed = sum(turn.role == "tool" and turn.tool not in ("system", "demonstration") for turn in turns)
    turns += _steps(value.get("trajectory") or [], answers, observed)
    yield Conversation(tuple(turns), product="code")


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a trajectory of steps")


READER = Reader("swe-agent", "SWE-agent trajectories", _recognises, _read)
