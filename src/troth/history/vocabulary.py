"""The event vocabulary: the public format of a history (``docs/formats/history.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event: the fields it must have, and those it may have beside ``at``, ``id``, ``recorded_at``."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of its own."""
        return (*self.required, *self.optional)


_HOLD_SCOPE = (
    "accounts",
    "conversations",
    "plans",
    "exclude_plans",
    "regions",
    "exclude_regions",
    "since",
    "until",
)

EVENTS: Mapping[str, EventKind] = {
    "account.opened": EventKind(("account",), ("plan", "organisation", "region", "age")),
    "account.changed": EventKind(("account",), ("plan", "organisation", "region", "age")),
    "account.closed": EventKind(("account",)),
    "organisation.changed": EventKind(("organisation",), ("plan", "zero_retention", "retention", "features")),
    "terms.acknowledged": EventKind(("account", "version")),
    "choice.made": EventKind(
        ("choice", "value"),
        (
            "account",
            "organisation",
            "conversation",
            "project",
            "mechanism",
            "period",
            "notice",
            "initial_state",
            "notice_digest",
            "layout_digest",
            "locale",
            "shown_at",
        ),
    ),
    "conversation.started": EventKind(("conversation", "account"), ("mode", "audience", "project")),
    "conversation.joined": EventKind(("conversation", "account")),
    "conversation.audience": EventKind(("conversation", "audience")),
    "conversation.rated": EventKind(("conversation",), ("record", "account")),
    "conversation.flagged": EventKind(("conversation",)),
    "conversation.cleared": EventKind(("conversation",)),
    "conversation.reviewed": EventKind(("conversation",)),
    "conversation.migrated": EventKind(("conversation", "plan")),
    "conversation.deleted": EventKind(("conversation",)),
    "signal.received": EventKind(("account", "signal", "value"), ("conversation",)),
    "record.said": EventKind(
        ("record", "conversation", "account"), ("role", "kind", "product", "channel", "plan")
    ),
    "record.deleted": EventKind(("record",)),
    "hold.placed": EventKind(("hold",), (*_HOLD_SCOPE, "why")),
    "hold.released": EventKind(("hold",)),
}

CHOICE_VALUES = ("granted", "refused", "deferred")
INITIAL_STATES = ("none", "on", "off")

DIGEST = "sha256:[0-9a-f]{64}"
"""A pattern: the digest of a notice or of a layout."""

LOCALE = (
    "(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    "(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
    "(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"
)
"""A pattern: a language tag of BCP 47 (``langtag`` of RFC 5646). Python and RE2 read it alike."""

PATTERNS = {"notice_digest": DIGEST, "layout_digest": DIGEST, "locale": LOCALE}
"""The fields that have a pattern."""

_LIST = pa.list_(pa.string())

EVENT_SCHEMA = pa.schema(
    [
        pa.field("event", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("recorded_at", pa.int64(), nullable=False),
        pa.field("id", pa.string()),
        *(
            pa.field(name, pa.string())
            for name in (
                "account", "organisation", "conversation", "record", "hold", "plan", "region", "age",
                "retention", "version", "choice", "value", "mechanism", "period", "notice",
                "initial_state", "mode", "audience", "role", "kind", "product", "channel", "project",
                "notice_digest", "layout_digest", "locale", "signal", "why",
            )
        ),
        pa.field("zero_retention", pa.bool_()),
        *(
            pa.field(name, _LIST)
            for name in (
                "features", "accounts", "conversations", "plans", "exclude_plans", "regions",
                "exclude_regions",
            )
        ),
        pa.field("since", pa.int64()),
        pa.field("until", pa.int64()),
        pa.field("shown_at", pa.int64()),
    ]
)  # fmt: skip
"""One row an event, times in microseconds since the epoch (UTC). Two more columns, ``file`` and ``line``, say
where each came from."""

PLACED_SCHEMA = EVENT_SCHEMA.append(pa.field("file", pa.string())).append(pa.field("line", pa.int64()))

TIME_FIELDS = ("at", "recorded_at", "since", "until", "shown_at")
LIST_FIELDS = tuple(f.name for f in EVENT_SCHEMA if f.type == _LIST)
TEXT_FIELDS = tuple(f.name for f in EVENT_SCHEMA if f.type == pa.string())
