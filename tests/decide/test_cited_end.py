"""What is gone cites the row that ended it when it ended, not the row that would end it today."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.errors import Place
from troth.history.event import read_event
from troth.history.history import gather
from troth.history.read import EventSource
from troth.operations.connection import bounded_connection
from troth.terms.archive import load
from troth.types.moment import parse_moment

ASKED = parse_moment("2026-03-01T00:00:00Z")


def test_two_limits_that_end_at_one_moment() -> None:
    """Said incognito under a yes, gone after 30 days; the no that came later would end it on the same day."""
    events: list[dict[str, Any]] = [
        {"event": "account.opened", "at": "2025-03-01T00:00:00Z", "account": "ada", "plan": "pro"},
        {
            "event": "choice.made",
            "at": "2025-10-20T00:00:00Z",
            "account": "ada",
            "choice": "improve_models",
            "value": "granted",
        },
        {
            "event": "conversation.started",
            "at": "2025-11-01T00:00:00Z",
            "conversation": "c",
            "account": "ada",
            "mode": "incognito",
        },
        {
            "event": "record.said",
            "at": "2025-11-01T00:00:00Z",
            "record": "r",
            "conversation": "c",
            "account": "ada",
        },
        {
            "event": "choice.made",
            "at": "2026-01-20T00:00:00Z",
            "account": "ada",
            "choice": "improve_models",
            "value": "refused",
        },
    ]
    history = gather((read_event(event, Place("test")), Place("test")) for event in events)
    terms = load("anthropic-consumer", {"after_no": "from_said"})
    point = Point(terms, Index(history.events)).decide("r", "serve", ASKED)
    with bounded_connection() as connection:
        asked = pa.table({"m": pa.array([0], pa.int32()), "record": ["r"], "purpose": ["serve"]})
        tables = list(
            Columns(terms, connection).decide(EventSource.of(history), None, [AskedAt(0, ASKED)], asked)
        )
    row = pa.concat_tables(tables).to_pylist()[0]
    assert (point.reason, point.rule) == ("gone", "incognito")
    assert (row["reason"], row["rule"], row["clause"]) == (point.reason, point.rule, point.clause)
