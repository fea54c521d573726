"""A talk is taken up again by what the person says; what the assistant says before that is no resumption."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from decide.test_agreement import Several
from troth.errors import Place
from troth.history.event import Event, read_event
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import DAY, parse_moment

SAID = {"event": "record.said", "conversation": "c1", "account": "ada"}
EVENTS: list[dict[str, Any]] = [
    {"event": "account.opened", "at": "2025-05-01T00:00:00Z", "account": "ada", "plan": "free"},
    {**SAID, "at": "2025-05-05T00:00:00Z", "record": "old"},
    {"event": "choice.made", "at": "2025-05-05T01:00:00Z", "account": "ada", "choice": "improve_models",
     "value": "granted"},
    {**SAID, "at": "2025-05-05T02:00:00Z", "record": "answer", "role": "assistant"},
    {**SAID, "at": "2025-05-06T00:00:00Z", "record": "again"},
    {"event": "conversation.started", "at": "2025-05-01T00:00:00Z", "conversation": "c1", "account": "ada"},
]  # fmt: skip


def resumed(rng: random.Random, terms: Terms) -> list[Event]:
    return [read_event(event, Place("test")) for event in EVENTS]


def test_what_was_resumed_after_an_answer_is_kept_on() -> None:
    """The 30 days of what was not resumed end with the turn that resumes it, in both ways of deciding."""
    terms = load("anthropic-consumer", {"resumed_scope": "whole", "after_no": "from_said"})
    several = Several(terms, ["one", "two"], resumed)
    assert not several.first_difference()
    moments = {number: asked.moment for number, asked in enumerate(several.asked)}
    again = parse_moment("2025-05-06T00:00:00Z")
    kept = [
        told["keep_until"] for (number, record, purpose), told in several.point.items()
        if record == "old" and purpose == "train.general" and again <= moments[number] < again + DAY
    ]  # fmt: skip
    assert kept
    assert set(kept) == {None}
