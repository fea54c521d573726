"""What is said and what happens in random sequences: as logs and events, as people have them."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from erasure_model import Event
from erasure_steps import HOUR, TALKS

from troth.types.moment import format_moment

TERMS = str(Path(__file__).with_name("erasure_terms.toml"))
LONG_AGO = 800 * 24 * HOUR
"""Before the present: when accounts were opened. What was said, was said after that, before anything else happened."""


def said_by(talk: str, turn: int) -> str:
    return TALKS[talk][turn % len(TALKS[talk])]


@cache
def words_of(talk: str, turn: int) -> str:
    """What was said: no two records share a word, so that none is taken for a copy of another."""
    chosen = random.Random(f"{talk}/{turn}")
    return " ".join("".join(chosen.choices("abcdefghijklmnoprstuvw", k=9)) for _ in range(20))


def said_at(turn: int, now: int) -> int:
    return now - LONG_AGO + (turn + 1) * 24 * HOUR


def log_of(talk: str, last: int, now: int) -> str:
    """The log of a conversation up to a turn: a line of JSON."""
    messages = [
        {"role": "user", "account": said_by(talk, turn), "content": words_of(talk, turn), "timestamp": format_moment(said_at(turn, now))}
        for turn in range(last + 1)
    ]  # fmt: skip
    return json.dumps({"conversation_id": talk, "account": TALKS[talk][0], "messages": messages}) + "\n"


_KINDS = {
    "opened": "account.opened", "closed": "account.closed", "granted": "choice.made", "refused": "choice.made",
    "flagged": "conversation.flagged", "strict": "organisation.changed", "placed": "hold.placed", "released": "hold.released",
}  # fmt: skip


def name_of(event: dict[str, Any]) -> str:
    """The name of an event. One without an id was recorded because a part of its conversation went."""
    return str(event.get("id") or f"{event['account']} joined {event['conversation']}")


def line_of(event: Event) -> dict[str, Any]:
    """An event in the public format."""
    kind = _KINDS.get(event.what, f"{event.about}.deleted")
    line: dict[str, Any] = {
        "event": kind,
        "at": format_moment(event.at),
        "id": event.name,
        event.about: event.of,
    }
    if kind == "choice.made":
        line |= {"choice": "improve", "value": event.what, "mechanism": "settings"}
    if kind == "account.opened":
        line |= {"plan": "office", "organisation": "acme"} if event.of == "zoe" else {"plan": "home"}
    if kind == "organisation.changed":
        line |= {"plan": "office", "zero_retention": True}
    if kind == "hold.placed":
        line |= {"accounts": list(event.names)}
    return line
