"""Codex session logs (rollouts): JSON Lines of ``session_meta``, ``response_item``, ``event_msg`` and more.

Items are the conversation; events mostly repeat them for display, and one that does not is kept. The same
holds for instructions, which every turn repeats, and for the history that a compaction leaves. So the log
is read twice: first for a hash of each text and the ids of calls (all that is kept of it), then for its
turns.

Many versions write no ids: a turn is then named by its place in its session, which only ever grows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from troth.intake.readers.codex_items import (
    instructions_of,
    kind_of_result,
    mcp_call,
    turns_of_event,
    turns_of_item,
)
from troth.intake.readers.elements import MISSHAPEN, told
from troth.intake.readers.log_times import time_of
from troth.intake.readers.parts import gathered
from troth.intake.readers.tools import Tools
from troth.intake.records import turn_digest
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Json = dict[str, Any]

_TYPES = frozenset({"session_meta", "response_item", "event_msg", "turn_context", "compacted"})
_ITEMS = frozenset({"message", "reasoning", "function_call", "function_call_output", "local_shell_call"})


@dataclass(slots=True)
class _Session:
    """What is known of the session that is being read."""

    id: str | None = None
    came_from: str | None = None
    model: str | None = None
    count: int = 0
    tools: Tools = field(default_factory=lambda: Tools(kind_of_result))
    instructions: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class _Known:
    """What the first reading found: the texts of items, and which calls went where."""

    texts: set[bytes] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    mcp_calls: dict[str, str] = field(default_factory=dict)


def recognises(sample: Sample) -> bool:
    """Lines with a payload, of the types that sessions have; or older lines, items without an envelope."""
    if sample.shape != "jsonl":
        return False
    return any(map(_is_line, sample.objects)) or _is_older(sample.objects)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """The turns of each line, in the session that the last ``session_meta`` named."""
    yield from gathered(_lines(source))


def _lines(source: Source) -> Iterator[Conversation | Damage]:
    known = _first_reading(source)
    session = _Session()
    for each in source.json_lines():
        if isinstance(each, Damage):
            yield each
            continue
        number, line = each
        try:
            turns = list(_turns(line, session, known))
        except MISSHAPEN:
            yield Damage(number, "it is not a line of a Codex session")
            continue
        if turns:
            session.id = session.id or f"codex-{turn_digest(turns[0])}"
            yield Conversation(tuple(turns), id=session.id, product="code", line=number)


def _is_line(value: Json) -> bool:
    return value.get("type") in _TYPES and isinstance(value.get("payload"), dict)


def _is_older(values: tuple[Json, ...]) -> bool:
    if not values or not values[0].keys() >= {"id", "timestamp", "instructions"}:
        return False
    return all(value.get("type") in _ITEMS or "record_type" in value for value in values[1:])


def _payload(line: Json) -> tuple[str, Json]:
    """The type and payload of a line, with or without its envelope."""
    kind, payload = line.get("type"), line.get("payload")
    if isinstance(kind, str) and isinstance(payload, dict):
        return kind, payload
    if kind is None:
        return ("session_meta", line) if "id" in line else ("state", line)
    return "response_item", line


def _first_reading(source: Source) -> _Known:
    known, tools = _Known(), Tools(kind_of_result)
    for each in source.json_lines():
        if isinstance(each, Damage) or not isinstance(each[1], dict):
            continue
        kind, payload = _payload(each[1])
        call = told(payload.get("call_id"))
        try:
            if kind == "response_item":
                known.texts.update(_hash(turn) for turn in turns_of_item(payload, tools) if turn.text)
                if call and "output" in payload:
                    known.answered.add(call)
            elif kind == "event_msg" and call and (name := mcp_call(payload)):
                known.mcp_calls[call] = name
        except MISSHAPEN:
            continue
    return known


def _turns(line: Json, session: _Session, known: _Known) -> Iterator[Turn]:
    """The turns that a line adds, each with its id, its time and its place."""
    kind, payload = _payload(line)
    if kind == "session_meta":
        _begin(session, payload)
    elif kind == "turn_context":
        session.model = told(payload.get("model")) or session.model
    at = time_of(line.get("timestamp") or payload.get("timestamp"))
    own = told(payload.get("id")) if kind == "response_item" else None
    for index, turn in enumerate(_said(kind, payload, session, known)):
        named = own if own is None or index == 0 else f"{own}/{index}"
        yield replace(
            turn,
            id=named or f"{session.count}",
            at=at,
            model=session.model if turn.role == "assistant" else None,
            position=session.count,
        )
        session.count += 1


def _begin(session: _Session, payload: Json) -> None:
    """Begin a session, unless the line is a copy of the one that this session was forked from."""
    named = told(payload.get("id"))
    if session.id is not None and named in (session.id, session.came_from):
        return
    session.id = named
    session.came_from = told(payload.get("forked_from_id"))
    session.model, session.count = None, 0
    session.tools, session.instructions = Tools(kind_of_result), set()


def _said(kind: str, payload: Json, session: _Session, known: _Known) -> Iterator[Turn]:
    tools = session.tools
    if kind in ("session_meta", "turn_context"):
        for turn in instructions_of(payload):
            said = _hash(turn)
            if said not in known.texts and said not in session.instructions:
                session.instructions.add(said)
                yield turn
    elif kind == "response_item":
        yield from turns_of_item(payload, tools)
        call = told(payload.get("call_id"))
        if call in known.mcp_calls:
            tools.called(call, known.mcp_calls[call])
    elif kind == "event_msg":
        if payload.get("call_id") not in known.answered:
            yield from (turn for turn in turns_of_event(payload, tools) if _hash(turn) not in known.texts)
    elif kind == "compacted":
        yield from _compaction(payload, tools, known)
    elif kind not in ("state", "world_state"):
        yield from turns_of_item(payload, tools)


def _compaction(payload: Json, tools: Tools, known: _Known) -> Iterator[Turn]:
    """The summary that replaced a history, and what of that history stands nowhere else."""
    if payload.get("message"):
        yield Turn("assistant", text=str(payload["message"]))
    for item in payload.get("replacement_history") or ():
        yield from (
            turn for turn in turns_of_item(item, tools) if turn.text and _hash(turn) not in known.texts
        )


def _hash(turn: Turn) -> bytes:
    return hashlib.sha256(f"{turn.role}\0{(turn.text or turn.digest or '').strip()}".encode()).digest()[:16]


READER = Reader("codex", "Codex session log", recognises, read)
