"""LiteLLM spend logs: the rows of the table ``LiteLLM_SpendLogs``, as JSON Lines or CSV.

One row is one call. What was asked stands in ``messages`` or in the stored request, what was answered in
``response``. Prompts are not stored unless the proxy is told to: then a call has no words, and no turns.
``custom_llm_provider`` tells the channel. The person is the ``end_user`` of the application that called, or
else the ``user`` of the proxy; neither given, no account.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from troth.intake.readers.blocks import results_of
from troth.intake.readers.calls import Call, calls_in, conversations_of_calls
from troth.intake.readers.elements import told
from troth.intake.readers.log_times import time_of
from troth.intake.readers.messages import turns_of_request, turns_of_response
from troth.intake.readers.stored_json import value_of
from troth.intake.readers.tools import Tools, always_connector, as_json
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_COLUMNS = frozenset({"request_id", "call_type", "spend", "startTime", "custom_llm_provider"})
_REDACTED = "redacted-by-litellm"


def recognises(sample: Sample) -> bool:
    """The columns that name a call, its cost and its provider."""
    if sample.shape in ("csv", "parquet"):
        return frozenset(sample.columns) >= _COLUMNS
    return sample.shape in ("jsonl", "array") and any(row.keys() >= _COLUMNS for row in sample.objects)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each session, or for each call where there is no session."""
    yield from conversations_of_calls(partial(_calls, source))


def channel_of(provider: Any, model: Any = None) -> str:
    """The channel of a call, by the provider that LiteLLM sent it to, or that stands before its model."""
    name = told(provider) or (told(model) or "").partition("/")[0]
    if name.lower().startswith("bedrock"):
        return "bedrock"
    return "vertex" if name.lower().startswith("vertex") else "first_party"


def _calls(source: Source) -> Iterator[Call | Damage]:
    in_columns = source.sample.shape in ("csv", "parquet")
    return calls_in(source.rows() if in_columns else source.json_elements(), _call, "a spend log")


def _call(line: int, row: dict[str, Any]) -> Iterator[Call]:
    said, answered = _words(row)
    yield Call(
        told(row.get("session_id")) or str(row["request_id"]),
        said,
        answered,
        asked_at=time_of(row.get("startTime"), utc=True),
        answered_at=time_of(row.get("endTime"), utc=True),
        account=told(row.get("end_user")) or told(row.get("user")),
        channel=channel_of(row.get("custom_llm_provider"), row.get("model")),
        model=told(row.get("model")),
        line=line,
    )


def _words(row: dict[str, Any]) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    asked, answer = value_of(row.get("proxy_server_request")), value_of(row.get("response"))
    if tool := told(row.get("mcp_namespaced_tool_name")):
        return (), tuple(_mcp_call(tool, asked, answer))
    tools = Tools(always_connector)
    said = _kept(turns_of_request(value_of(row.get("messages")), tools))
    return said or _kept(turns_of_request(asked, tools)), _kept(turns_of_response(answer, tools))


def _mcp_call(tool: str, asked: Any, answer: Any) -> Iterator[Turn]:
    """A call that the proxy passed on to a server of tools."""
    if asked:
        yield Turn("assistant", text=as_json(asked), kind="code", tool=tool)
    yield from results_of(answer, "connector", tool, Tools(always_connector))


def _kept(turns: Iterator[Turn]) -> tuple[Turn, ...]:
    """The turns without those whose words the proxy left out."""
    return tuple(turn for turn in turns if turn.text != _REDACTED)


READER = Reader("litellm", "LiteLLM spend logs", recognises, read)
