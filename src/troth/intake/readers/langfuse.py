"""Langfuse blob storage exports: ``observations_v2`` and the older ``traces`` and ``observations``.

JSON Lines, CSV and Parquet. One row is one observation; its ``input`` and ``output`` are text that holds
JSON, or plain text. A row without ``user_id`` belongs to no known account, also where the export left that
column out.

The older export keeps accounts and sessions in ``traces`` alone. A file that holds rows of both (one put
behind the other) is joined on ``trace_id``; a file of ``observations`` alone has no accounts. Which traces
a file holds is found out before its calls are read: an entry of three short texts for each.

A generation is a call to a model. What other observations (spans, tools, retrievers) pass around is kept as
a record of a tool, of the kind ``connector``: whose words they are is not told. The row of a trace repeats
what the application asked and answered; it is read like a call, so that what its generations hold becomes
no second record.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from troth.intake.readers.calls import Call, calls_in, conversations_of_calls
from troth.intake.readers.elements import told
from troth.intake.readers.log_times import time_of
from troth.intake.readers.messages import turns_of_request, turns_of_response
from troth.intake.readers.stored_json import value_of
from troth.intake.readers.tools import Tools, always_connector, as_json
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Row = dict[str, Any]
Traces = dict[str, tuple[str | None, str | None]]
"""Account and session of each trace."""

_OBSERVATION = frozenset({"id", "trace_id", "project_id", "type", "start_time"})
_TRACE = frozenset({"id", "timestamp", "project_id", "bookmarked", "public"})


def recognises(sample: Sample) -> bool:
    """The columns that every such export has, whichever groups of fields were chosen."""
    if sample.shape in ("csv", "parquet"):
        return _is_export(frozenset(sample.columns))
    return sample.shape in ("jsonl", "array") and any(_is_export(row.keys()) for row in sample.objects)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each session, or for each trace where there is no session."""
    traces: Traces = {}
    for each in _rows(source):
        if not isinstance(each, Damage) and _is_trace(each[1]):
            row = each[1]
            traces[str(row["id"])] = told(row.get("user_id")), told(row.get("session_id"))
    yield from conversations_of_calls(partial(_calls, source, traces))


def _rows(source: Source) -> Iterator[tuple[int, Any] | Damage]:
    return source.rows() if source.sample.shape in ("csv", "parquet") else source.json_elements()


def _calls(source: Source, traces: Traces) -> Iterator[Call | Damage]:
    return calls_in(_rows(source), partial(_call, traces), "an observation or a trace")


def _call(traces: Traces, line: int, row: Row) -> Iterator[Call]:
    trace = told(row["id"] if _is_trace(row) else row["trace_id"])
    if trace is None:
        raise ValueError("an observation belongs to a trace")
    account, session = traces.get(trace, (None, None))
    said, answered = _words(row)
    yield Call(
        told(row.get("session_id")) or session or trace,
        said,
        answered,
        asked_at=time_of(row.get("start_time") or row.get("timestamp"), utc=True),
        answered_at=time_of(row.get("end_time"), utc=True),
        account=told(row.get("user_id")) or account,
        model=told(row.get("provided_model_name") or row.get("model")),
        line=line,
        apart=None if _is_generation(row) else told(row.get("id")),
    )


def _words(row: Row) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    asked, answer = value_of(row.get("input")), value_of(row.get("output"))
    if _is_generation(row):
        tools = Tools(always_connector)
        return tuple(turns_of_request(asked, tools)), tuple(turns_of_response(answer, tools))
    tool = told(row.get("name"))
    passed = [as_json(each) for each in (asked, answer) if each not in (None, "", [], {})]
    return (), tuple(Turn("tool", text=text, kind="connector", tool=tool) for text in passed)


def _is_generation(row: Row) -> bool:
    return _is_trace(row) or row.get("type") == "GENERATION"


def _is_export(columns: Any) -> bool:
    return bool(columns >= _OBSERVATION or columns >= _TRACE)


def _is_trace(row: Any) -> bool:
    return isinstance(row, dict) and "trace_id" not in row and row.keys() >= _TRACE


READER = Reader("langfuse", "Langfuse export", recognises, read)
