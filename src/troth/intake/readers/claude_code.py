"""Claude Code project logs: one event a line, as the program writes them below ``projects``.

Prose of the person and of the assistant is ``text``; what the assistant writes to a tool, and what the
program's own tools answer, is ``code``; what a server of tools (MCP) answers, or a tool that the log does
not name, is ``connector``. Thoughts, summaries of compacted conversations and titles are the assistant's
text. Lines that only keep state (snapshots of files, modes, links) hold no words and become no records; a
line of an unknown type is kept whole, as a ``connector``'s.

A session resumed elsewhere repeats lines with their ids: a repetition is no second record, and one that
says something else is damage. The log is read twice: first for the names of tools, the channel of each
session, and the session that each summary is of; then for its turns. Kept in memory are short entries for
each line, never its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from troth.intake.readers.blocks import CALLS
from troth.intake.readers.claude_code_lines import (
    SPOKEN,
    kind_of_result,
    message_of,
    turns_of_line,
    unwrapped,
)
from troth.intake.readers.elements import MISSHAPEN, told
from troth.intake.readers.log_times import time_of_text
from troth.intake.readers.parts import gathered
from troth.intake.readers.tools import Tools
from troth.intake.records import turn_digest
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Json = dict[str, Any]


@dataclass(slots=True)
class _Log:
    """What the first reading found, and what the second has come upon so far."""

    tools: Tools = field(default_factory=lambda: Tools(kind_of_result))
    channels: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    wordless: dict[str, str | None] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def recognises(sample: Sample) -> bool:
    """Lines of the types that only this program writes, or messages that name their session."""
    return sample.shape == "jsonl" and any(map(_is_line, sample.objects))


def _is_line(value: Json) -> bool:
    kind = value.get("type")
    if kind in SPOKEN:
        return isinstance(value.get("message"), dict) and isinstance(value.get("sessionId"), str)
    if kind == "summary":
        return "leafUuid" in value or "sessionId" in value
    return (kind == "file-history-snapshot" and "snapshot" in value) or (
        kind in ("queue-operation", "system", "attachment", "progress") and "sessionId" in value
    )


def read(source: Source) -> Iterator[Conversation | Damage]:
    """The turns of each line, in the session that it names."""
    yield from gathered(_lines(source))


def _lines(source: Source) -> Iterator[Conversation | Damage]:
    log = _first_reading(source)
    for each in source.json_lines():
        if isinstance(each, Damage):
            yield each
            continue
        number, line = each
        try:
            found = _conversation(number, unwrapped(line), log)
        except MISSHAPEN:
            yield Damage(number, "it is not a line of a Claude Code log")
            continue
        if found is not None:
            yield found


def _first_reading(source: Source) -> _Log:
    log, lines = _Log(), dict[str, str]()
    leaves = set[str]()
    for each in source.json_lines():
        if isinstance(each, Damage) or not isinstance(each[1], dict):
            continue
        line = unwrapped(each[1])
        session, own, leaf = told(line.get("sessionId")), told(line.get("uuid")), told(line.get("leafUuid"))
        if session and own:
            lines[own] = session
        if leaf:
            leaves.add(leaf)
        message = message_of(line)
        _note_calls(message.get("content"), log.tools)
        if session and (channel := _channel(message)):
            log.channels[session] = channel
    log.sessions = {leaf: lines[leaf] for leaf in leaves & lines.keys()}
    return log


def _note_calls(content: Any, tools: Tools) -> None:
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and told(block.get("type")) in CALLS:
            tools.called(block.get("id"), block.get("name"))


def _channel(message: Json) -> str | None:
    """Where a message was made, which its id tells for the platforms of others."""
    own = message.get("id")
    if not isinstance(own, str):
        return None
    return "bedrock" if own.startswith("msg_bdrk_") else "vertex" if own.startswith("msg_vrtx_") else None


def _conversation(number: int, line: Json, log: _Log) -> Conversation | Damage | None:
    own, leaf, above = (told(line.get(key)) for key in ("uuid", "leafUuid", "parentUuid"))
    turns = list(turns_of_line(line, log.tools))
    parent = log.wordless.get(above or "", above)
    if not turns:
        if own is not None:
            log.wordless[own] = parent
        return None
    session = told(line.get("sessionId")) or log.sessions.get(leaf or "") or (leaf and f"summary-{leaf}")
    if not session:
        return Damage(number, "it does not name its session")
    at = time_of_text(line.get("timestamp"))
    name = own or turn_digest(replace(turns[0], at=at))
    content = hashlib.sha256("".join(map(turn_digest, turns)).encode()).digest()[:16]
    known = log.said.setdefault(name, content)
    if known is not content:
        what = "it has the uuid of another line, and says something else"
        return None if known == content else Damage(number, what)
    first = log.counts.get(session, 0)
    log.counts[session] = first + len(turns)
    return Conversation(
        tuple(_identified(turns, name, first, at=at, parent=parent or leaf)),
        id=session,
        product="code",
        channel=log.channels.get(session, "first_party"),
        line=number,
    )


def _identified(turns: list[Turn], name: str, first: int, **fields: Any) -> Iterator[Turn]:
    """The turns of one line: the first goes by the line's id, those after it by that and a number."""
    for index, turn in enumerate(turns):
        own = name if index == 0 else f"{name}/{index}"
        yield replace(turn, id=own, position=first + index, **fields)


READER = Reader("claude-code", "Claude Code project log", recognises, read)
