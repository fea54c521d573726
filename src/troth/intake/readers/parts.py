"""Conversations that a log tells line by line, gathered into parts of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from troth.intake.turns import Conversation, Damage, Turn

TURNS = 1_000
"""Turns in one part, at most."""
SIZE = 8 << 20
"""Characters of text and bytes of media in one part, at most; a single line may hold more."""


def gathered(found: Iterable[Conversation | Damage]) -> Iterator[Conversation | Damage]:
    """The same turns, with neighbours of one conversation put together; each turn tells its own position."""
    part: Conversation | None = None
    turns, size = list[Turn](), 0
    for each in found:
        same = part is not None and isinstance(each, Conversation) and _is_one(part, each)
        if part is not None and (not same or len(turns) >= TURNS or size >= SIZE):
            yield replace(part, turns=tuple(turns))
            part, turns, size = None, [], 0
        if isinstance(each, Damage):
            yield each
            continue
        part = part or each
        turns.extend(each.turns)
        size += sum(len(turn.text or "") + len(turn.data or b"") for turn in each.turns)
    if part is not None:
        yield replace(part, turns=tuple(turns))


def _is_one(part: Conversation, other: Conversation) -> bool:
    return (
        part.id == other.id
        and part.account == other.account
        and part.channel == other.channel
        and part.product == other.product
        and part.plan == other.plan
    )
