"""Where the bars of a picture stand that shows how long things are kept: from when it was said to when it must be gone.

``templates/timeline.svg`` draws it; a table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from troth.types.moment import DAY, Moment, as_datetime

WIDTH, ROW, TOP, MARGIN = 720, 30, 34, 8
"""Units of the picture."""
SHORTEST = 30 * DAY
NEAR = 42
"""A year that stands closer to today has no label of its own."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that is kept."""

    name: str
    begins: Moment
    ends: Moment | None
    """None: no end is set."""
    held: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in its place."""

    name: str
    x: float
    y: int
    width: float
    past: float
    """How much of the width is past."""
    text_x: float
    anchor: str
    held: bool


@dataclass(frozen=True, slots=True)
class Year:
    """A line for a year."""

    x: float
    label: str
    """Empty where today stands too near."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture."""

    width: int
    height: int
    now: float
    now_anchor: str
    years: tuple[Year, ...]
    bars: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    start: Moment
    end: Moment

    def x(self, moment: Moment) -> float:
        """Where a moment stands."""
        share = (moment - self.start) / (self.end - self.start)
        return MARGIN + (WIDTH - 2 * MARGIN) * share


def timeline(bars: Sequence[Bar], at: Moment) -> Timeline:
    """Place bars, with a line for ``at`` (UTC). A bar without an end reaches to the edge."""
    start = min([bar.begins for bar in bars] + [at])
    end = max([bar.ends for bar in bars if bar.ends is not None] + [at, start + SHORTEST])
    scale = _Scale(start, end + (end - start) // 12)
    now = scale.x(at)
    anchor = "end" if now > WIDTH * 0.9 else "start" if now < WIDTH * 0.1 else "middle"
    drawn = tuple(_drawn(bar, number, scale, at) for number, bar in enumerate(bars))
    return Timeline(WIDTH, TOP + ROW * len(bars) + MARGIN, now, anchor, _years(scale, now), drawn)


def _drawn(bar: Bar, number: int, scale: _Scale, at: Moment) -> Drawn:
    begins = scale.x(bar.begins)
    ends = WIDTH - MARGIN if bar.ends is None else scale.x(bar.ends)
    past = scale.x(at if bar.ends is None else min(at, bar.ends)) - begins
    right = begins > WIDTH * 0.7
    name = bar.name[:LONGEST_NAME] + (" →" if bar.ends is None else "")
    return Drawn(
        name, begins, TOP + ROW * number, max(3.0, ends - begins), max(3.0, past),
        WIDTH - MARGIN if right else begins, "end" if right else "start", bar.held,
    )  # fmt: skip


def _years(scale: _Scale, now: float) -> tuple[Year, ...]:
    first, last = as_datetime(scale.start).year + 1, as_datetime(scale.end).year
    step = max(1, (last - first) // 8 + 1)
    found = []
    for year in range(first, last + 1, step):
        x = scale.x(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000)
        found.append(Year(x, str(year) if abs(x - now) > NEAR else ""))
    return tuple(found)
