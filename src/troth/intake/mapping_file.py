"""The shape of a mapping file, key by key. ``docs/formats/mapping.md`` is the reference."""

from __future__ import annotations

from typing import Literal

import msgspec

TimeForm = Literal["rfc3339", "epoch_seconds", "epoch_millis"]


class Field(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a value is, or what it always is."""

    field: str | list[str] | None = None
    """A path: keys joined by dots, or a list of keys where one of them holds a dot."""
    value: str | None = None
    """The same value for every record."""
    values: dict[str, str] = {}
    """What the log's own words mean here."""
    form: TimeForm | None = msgspec.field(name="as", default=None)
    """How a time is written."""

    @property
    def path(self) -> tuple[str, ...]:
        """The keys to follow, one by one; empty for a constant."""
        if self.field is None:
            return ()
        return tuple(self.field.split(".") if isinstance(self.field, str) else self.field)


Where = str | Field


class LogPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table ``[log]``."""

    rows: Literal["conversations", "turns"]
    name: str = "mapped"
    turns: str | list[str] | None = None


class ConversationPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table ``[conversation]``."""

    id: Where | None = None
    account: Where | None = None
    plan: Where | None = None
    channel: Where | None = None
    product: Where | None = None
    time: Where | None = None


class TurnPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table ``[turn]`` or ``[[turn]]``."""

    role: Where
    text: Where | None = None
    id: Where | None = None
    parent: Where | None = None
    position: Where | None = None
    time: Where | None = None
    kind: Where | None = None
    account: Where | None = None
    model: Where | None = None
    tool: Where | None = None
    media_type: Where | None = None
    data: Where | None = None
    path: Where | None = None


class JoinPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table ``[[join]]``."""

    file: str
    by: Literal["conversation", "record", "account"]
    key: str
    account: str | None = None
    plan: str | None = None
    channel: str | None = None
    time: Where | None = None


class MappingFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A whole mapping file, as it is written."""

    log: LogPart | None = None
    conversation: ConversationPart = ConversationPart()
    turn: TurnPart | list[TurnPart] = []
    join: list[JoinPart] = []

    @property
    def turns(self) -> list[TurnPart]:
        """The turn tables, one or several."""
        return self.turn if isinstance(self.turn, list) else [self.turn]


def as_field(where: Where) -> Field:
    """A field, whether written in short or in full."""
    return Field(field=where) if isinstance(where, str) else where
