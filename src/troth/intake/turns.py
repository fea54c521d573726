"""What a reader makes of a log: conversations of turns, and the damage it met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from troth.types.moment import Moment

if TYPE_CHECKING:
    from troth.intake.source import Sample, Source


@dataclass(frozen=True, slots=True)
class Turn:
    """One record to be. Whatever the log does not tell stays None; a reader never guesses."""

    role: str
    """``user``, ``assistant`` or ``tool``. System and developer messages, nobody's own words, have the role
    ``tool`` and ``tool="system"``."""
    text: str | None = None
    id: str | None = None
    """The log's own id of this turn, where it has one: a UUID is the record's id as it is, any other id
    stands behind the conversation's. Turns of a conversation that does not lie together need one."""
    at: Moment | None = None
    kind: str = "text"
    parent: str | None = None
    """The log's own id of the turn that this one answers, in logs that are trees."""
    account: str | None = None
    """Who took part in this turn, where it differs from the conversation's account."""
    media_type: str | None = None
    data: bytes | None = None
    path: str | None = None
    digest: str | None = None
    model: str | None = None
    tool: str | None = None
    position: int | None = None
    """Its place in the conversation, from 0, where the log tells; else its place among ``turns``."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, or the part of one that lies together in a log."""

    turns: tuple[Turn, ...]
    id: str | None = None
    """The log's own id of the conversation; None where it has none, then one is derived from the content."""
    account: str | None = None
    product: str = "chat"
    channel: str = "first_party"
    plan: str | None = None
    line: int | None = None
    """Where in the source it begins: a line, or an element of an array, counted from 1."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A piece of a log that cannot be read."""

    line: int | None
    what: str
    """What is wrong, in words, without quoting the content."""


Piece: TypeAlias = Conversation | Damage | pa.RecordBatch
"""What a reader yields. A record batch is of ``RECORD_SCHEMA`` and already holds the ids of its records."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One log format."""

    name: str
    """Short name, as in ``claude-code``."""
    title: str
    """What people call it, as in "Claude Code project log"."""
    recognises: Callable[[Sample], bool]
    """Whether a sample of the content is of this format. Looks at content, never at the file name."""
    read: Callable[[Source], Iterator[Piece]]
    """What one source holds, streamed. Damage is yielded, not raised: the caller decides to stop."""
    prefix: str = ""
    """Put before the ids of conversations, where a format numbers them so that other logs have the same."""
