"""Spans as exporters write them: plain, or in the layers of OTLP JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from troth.intake.readers.stored_json import value_of

Json = dict[str, Any]


def is_otlp(value: Any) -> bool:
    """Whether a value is an OTLP request with spans, under its present name or the older one."""
    return isinstance(value, dict) and isinstance(_layer(value, "resourceSpans", "resource_spans"), list)


def is_span(value: Any) -> bool:
    """Whether a value is one span: it says which trace it is of, and has attributes or events."""
    if not isinstance(value, dict):
        return False
    context = value.get("context")
    told = "traceId" in value or "trace_id" in value or (isinstance(context, dict) and "trace_id" in context)
    return told and isinstance(value.get("attributes"), dict | list)


def spans_of(value: Json) -> Iterator[tuple[Json, Json]]:
    """The spans of a line, each with the attributes of what made it."""
    if not is_otlp(value):
        resource = value.get("resource")
        yield value, attributes_of(resource) if isinstance(resource, dict) else {}
        return
    for layer in _layer(value, "resourceSpans", "resource_spans") or ():
        resource = attributes_of(layer.get("resource") or {})
        for scope in _layer(layer, "scopeSpans", "scope_spans", "instrumentationLibrarySpans") or ():
            for span in scope.get("spans") or ():
                yield span, resource


def attributes_of(holder: Any) -> Json:
    """The attributes of a span, an event or a resource, as one object."""
    told = holder.get("attributes") if isinstance(holder, dict) else None
    if isinstance(told, dict):
        return told
    if not isinstance(told, list):
        return {}
    pairs = (each for each in told if isinstance(each, dict) and isinstance(each.get("key"), str))
    return {pair["key"]: _plain(pair.get("value")) for pair in pairs}


def messages_of_events(span: Json) -> tuple[list[Json], list[Json]]:
    """The messages that some versions put into an event each: those asked, and those answered."""
    asked, answered = list[Json](), list[Json]()
    for event in span.get("events") or ():
        name = str(event.get("name"))
        told = attributes_of(event)
        body = value_of(told.get("gen_ai.event.content"))
        if name == "gen_ai.choice":
            message = body.get("message", body) if isinstance(body, dict) else {**told, "content": body}
            answered.append({"role": "assistant", **message})
        elif name.startswith("gen_ai.") and name.endswith(".message"):
            message = body if isinstance(body, dict) else {**told, "content": body or told.get("content")}
            asked.append({"role": name.split(".")[1], **message})
    return asked, answered


def _layer(value: Json, *names: str) -> Any:
    return next((value[name] for name in names if name in value), None)


def _plain(value: Any) -> Any:
    """A value of OTLP, which wraps each in the name of its type."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((name, inner),) = value.items()
    if name == "arrayValue":
        return [_plain(each) for each in (inner or {}).get("values") or ()]
    if name == "kvlistValue":
        return attributes_of({"attributes": (inner or {}).get("values") or []})
    return inner
