"""OpenTelemetry spans of calls to models, after the semantic conventions for generative AI.

JSON Lines of two shapes: the spans of a console or file exporter, one a line (``Span.to_json()``, with
attributes as an object), and OTLP JSON (``resourceSpans``, with attributes as a list of keys and values).
Content is recorded only where it was opted in, under names that changed: ``gen_ai.input.messages`` and
``gen_ai.output.messages``, or ``gen_ai.prompt`` and ``gen_ai.completion`` (whole, or numbered), as
attributes of the span or of its events.

The conventions know no account; ``user.id`` or ``enduser.id`` is taken where an application set it. A span
whose conversation is not named is a conversation by its trace. Spans that call no model and hold no words
are passed by.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from troth.intake.readers.calls import Call, calls_in, conversations_of_calls
from troth.intake.readers.elements import told
from troth.intake.readers.log_times import time_of
from troth.intake.readers.messages import instructions, turns_of_messages
from troth.intake.readers.otel_spans import attributes_of, is_otlp, is_span, messages_of_events, spans_of
from troth.intake.readers.stored_json import value_of
from troth.intake.readers.tools import Tools, always_connector
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Attributes = dict[str, Any]

_CHANNELS = {
    "aws.bedrock": "bedrock",
    "aws_bedrock": "bedrock",
    "bedrock": "bedrock",
    "gcp.vertex_ai": "vertex",
    "vertex_ai": "vertex",
}
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
_ACCOUNT = ("user.id", "enduser.id")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model")
_RULES = ("gen_ai.system_instructions",)
_ASKED = ("gen_ai.input.messages", "gen_ai.prompt")
_ANSWERED = ("gen_ai.output.messages", "gen_ai.completion")
_TOOL_ASKED = "gen_ai.tool.call.arguments"
_TOOL_ANSWERED = "gen_ai.tool.call.result"


def recognises(sample: Sample) -> bool:
    """OTLP JSON, or spans of which one at least follows the conventions."""
    if sample.shape not in ("jsonl", "object", "array"):
        return False
    if any(is_otlp(value) for value in sample.objects):
        return True
    return any(is_span(value) and _is_genai(attributes_of(value)) for value in sample.objects)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each conversation id, or for each trace where there is none."""
    yield from conversations_of_calls(partial(_calls, source))


def _calls(source: Source) -> Iterator[Call | Damage]:
    return calls_in(source.json_elements(), _calls_of_line, "a span or a batch of spans")


def _calls_of_line(line: int, value: Any) -> Iterator[Call]:
    if not is_otlp(value) and not is_span(value):
        raise ValueError("a span belongs to a trace and has attributes")
    for span, resource in spans_of(value):
        call = _call(line, span, resource)
        if call is not None:
            yield call


def _call(line: int, span: dict[str, Any], resource: Attributes) -> Call | None:
    known = attributes_of(span)
    for event in span.get("events") or ():
        known = attributes_of(event) | known
    if not _is_genai(known):
        return None
    tools = Tools(always_connector)
    rules = instructions(_value(known, _RULES), tools)
    before, after = messages_of_events(span)
    said = (*rules, *_messages(known, _ASKED, before, "user", tools))
    answered = (*_messages(known, _ANSWERED, after, "assistant", tools), *_tool_span(known))
    trace = _trace(span)
    return Call(
        told(known.get("gen_ai.conversation.id")) or trace,
        said,
        answered,
        asked_at=_time(span, "start_time", "startTimeUnixNano"),
        answered_at=_time(span, "end_time", "endTimeUnixNano"),
        account=told(_value(known, _ACCOUNT)) or told(_value(resource, _ACCOUNT)),
        channel=_CHANNELS.get(str(_value(known, _PROVIDER)).lower(), "first_party"),
        model=told(_value(known, _MODEL)),
        line=line,
        apart=_span_id(span) if not said and _TOOL_ANSWERED in known else None,
    )


def _is_genai(known: Attributes) -> bool:
    return any(key.startswith("gen_ai.") for key in known)


def _value(known: Attributes, keys: tuple[str, ...]) -> Any:
    return next((value_of(known[key]) for key in keys if known.get(key)), None)


def _messages(
    known: Attributes, keys: tuple[str, ...], events: list[Attributes], speaker: str, tools: Tools
) -> Iterator[Turn]:
    """The messages under the newest of the names that holds any, or else those of events."""
    whole = _value(known, keys)
    if whole is None:
        whole = _numbered(known, keys[-1] + ".") or events
    yield from turns_of_messages(whole, speaker, tools)


def _numbered(known: Attributes, prefix: str) -> list[Attributes] | None:
    """Messages flattened into ``gen_ai.prompt.0.content`` and its like, put together again."""
    messages: dict[int, Attributes] = {}
    for key, value in known.items():
        number, _, field = key.removeprefix(prefix).partition(".")
        if key.startswith(prefix) and number.isdecimal() and field:
            messages.setdefault(int(number), {})[field] = value
    return [_unflattened(messages[number]) for number in sorted(messages)] or None


def _unflattened(flat: Attributes) -> Attributes:
    """One message; its calls of tools are numbered in turn."""
    message: Attributes = {key: value for key, value in flat.items() if "." not in key}
    parts = value_of(message.get("content"))
    if isinstance(parts, list) and all(isinstance(part, dict) for part in parts):
        message["content"] = parts
    calls: dict[str, Attributes] = {}
    for key, value in flat.items():
        name, _, rest = key.partition(".")
        number, _, field = rest.partition(".")
        if name == "tool_calls" and field:
            calls.setdefault(number, {})[field.removeprefix("function.")] = value
    if calls:
        message["tool_calls"] = list(calls.values())
    return message


def _tool_span(known: Attributes) -> Iterator[Turn]:
    """A span of the run of a tool: what it was asked, and what it answered."""
    name = told(known.get("gen_ai.tool.name"))
    if asked := told(known.get(_TOOL_ASKED)):
        yield Turn("assistant", text=asked, kind="code", tool=name)
    if answer := told(known.get(_TOOL_ANSWERED)):
        yield Turn("tool", text=answer, kind="connector", tool=name)


def _trace(span: dict[str, Any]) -> str:
    return str(_of_context(span, "traceId", "trace_id")).removeprefix("0x")


def _span_id(span: dict[str, Any]) -> str | None:
    return told(_of_context(span, "spanId", "span_id"))


def _of_context(span: dict[str, Any], *names: str) -> Any:
    context = span.get("context")
    known = {**context, **span} if isinstance(context, dict) else span
    return next((known[name] for name in names if name in known), None)


def _time(span: dict[str, Any], text: str, nanos: str) -> int | None:
    known = span.get(nanos)
    if isinstance(known, str) and known.isdecimal():
        return time_of(int(known))
    return time_of(known if known is not None else span.get(text))


READER = Reader("otel-genai", "OpenTelemetry GenAI spans", recognises, read)
