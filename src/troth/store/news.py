"""What a store has accepted since somebody last looked: so that what is kept in memory is never older than the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from troth.store.engine import Engine, Row

MOST = 10_000
"""Rows that are looked at one by one; where there are more, everything is taken to have changed."""
GAP_SECONDS = 300.0
"""How long a number that was passed over is waited for: PostgreSQL may commit a lower row after a higher one."""
_BEHIND = 1_000
"""Rows below the highest that are looked at for gaps when somebody looks for the first time."""

_NEWER = "SELECT seq, kind, account, conversation FROM item WHERE seq > ? ORDER BY seq LIMIT ?"


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has looked: the highest row, and the numbers below it that were not there yet."""

    highest: int
    gaps: Mapping[int, float] = field(default_factory=dict)
    """Number to when it was first missed, in seconds of the clock that was given."""


@dataclass(frozen=True, slots=True)
class News:
    """What came in since."""

    seen: Seen
    about: frozenset[bytes] = frozenset()
    """The marks of the accounts, conversations, organisations, holds and records that something is new about."""
    kinds: frozenset[str] = frozenset()
    everything: bool = False
    """Whether there is too much to name, or nobody has looked before."""


def look(engine: Engine, seen: Seen | None, now: float) -> News:
    """What was accepted since ``seen``; ``now`` is in seconds of a clock that never goes back."""
    if seen is None:
        return News(_begin(engine, now), everything=True)
    rows = engine.rows(_NEWER, (seen.highest, MOST + 1))
    if len(rows) > MOST:
        return News(_begin(engine, now), everything=True)
    late = _late(engine, seen)
    highest = rows[-1][0] if rows else seen.highest
    gaps = {number: since for number, since in seen.gaps.items() if now - since < GAP_SECONDS}
    if rows and highest - seen.highest != len(rows):
        came = {row[0] for row in rows}
        gaps |= {one: now for one in range(seen.highest + 1, highest) if one not in came}
    for row in late:
        gaps.pop(row[0], None)
    return _told(Seen(highest, gaps), [*rows, *late])


def _begin(engine: Engine, now: float) -> Seen:
    ((highest,),) = engine.rows("SELECT coalesce(max(seq), 0) FROM item")
    lowest = max(highest - _BEHIND, 0)
    there = {
        seq for (seq,) in engine.rows("SELECT seq FROM item WHERE seq > ? AND seq <= ?", (lowest, highest))
    }
    return Seen(highest, {number: now for number in range(lowest + 1, highest + 1) if number not in there})


def _late(engine: Engine, seen: Seen) -> list[Row]:
    if not seen.gaps:
        return []
    chosen, parameters = engine.among("seq", sorted(seen.gaps))
    return engine.rows(f"SELECT seq, kind, account, conversation FROM item WHERE {chosen}", parameters)


def _told(seen: Seen, rows: list[Row]) -> News:
    about = frozenset(bytes(name) for row in rows for name in row[2:] if name is not None)
    return News(seen, about, frozenset(row[1] for row in rows))
