"""The picture of a vault over time: how live and erased grew, and how much becomes due when. One SVG that loads nothing.

Time before now and time after it have scales of their own, side by side, and one scale of conversations. A pure function
of the figures; names in it may be hostile, and are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from troth.operations.workspace.stats.axes import (
    Tick,
    bytes_text,
    counts,
    day_text,
    next_month,
    short,
    times,
)
from troth.operations.workspace.stats.tally import NONE, Tally
from troth.types.moment import DAY, LAST, Moment

if TYPE_CHECKING:
    from troth.operations.workspace.stats.ahead import Ahead
    from troth.operations.workspace.stats.stats import VaultStats

WIDTH, MARGIN = 960, 32
LEFT, RIGHT, GAP = 84, 904, 2
"""Where the chart begins and ends, and the space beside now."""
TOP, TALL = 252, 270
MOST_POINTS = 400
"""Steps of the past beyond these are nearer to one another than a pixel."""
_YEAR = 365 * DAY

_STYLE = """
svg { --paper: #fbfaf7; --card: #fff; --ink: #1d2327; --soft: #5b656c; --line: #e3e0d8; --over: #14684a;
  --live: #1f8a5f; --endless: #14684a; --held: #d9822b; --overdue: #b3382c; --due: #e7b1ab; --erased: #c3ccd1; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14181b; --card: #1b2024; --ink: #e8eaec; --soft: #a3adb4; --line: #2d353a; --over: #62d3a5;
    --live: #38b583; --endless: #1f8a5f; --held: #d08a3e; --overdue: #d9675b; --due: #7a4640; --erased: #4a565e; } }
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--ink); }
.soft { fill: var(--soft); } .paper { fill: var(--paper); } .card { fill: var(--card); stroke: var(--line); }
.over { font-size: 12px; font-weight: 600; letter-spacing: .08em; fill: var(--over); } .small { font-size: 12px; }
.title { font-size: 26px; font-weight: 650; letter-spacing: -.01em; } .figure { font-size: 21px; font-weight: 650; }
.head { font-size: 15px; font-weight: 650; } .n { font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); } .now { stroke: var(--ink); stroke-dasharray: 3 3; }
.live { fill: var(--live); } .endless { fill: var(--endless); } .held { fill: var(--held); }
.overdue { fill: var(--overdue); } .due { fill: var(--due); } .erased { fill: var(--erased); }
.unknown { fill: var(--soft); }
"""

_PARTS = (
    ("endless", "without end", "kept without end"),
    ("live", "kept", "kept until its time"),
    ("held", "held", "held"),
    ("overdue", "overdue", "past its date, and held"),
    ("due", "due", "due: troth retain destroys it"),
    ("unknown", "unknown", "said later than now"),
)
"""Class, standing, and words of each part of what is live."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One area: its class, and its upper edge from left to right, in pixels."""

    kind: str
    edge: tuple[tuple[float, float], ...]


def picture(stats: VaultStats) -> str:
    """The picture. What it shows stands in the report of the command as well."""
    rows = list(_legend(stats))
    height = TOP + TALL + 136 + 22 * len(rows)
    label = f"The vault of {escape(stats.origin)}: what is live, erased, held and due over time"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        *_header(stats),
        f'<rect class="card" x="{MARGIN}" y="{TOP - 60}" width="{WIDTH - 2 * MARGIN}" height="{TALL + 106}" rx="12"/>',
        *_chart(stats),
        *_shares(rows, TOP + TALL + 66),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _header(stats: VaultStats) -> Iterator[str]:
    terms = "" if stats.ahead is None else f", held against {escape(_cut(stats.ahead.terms, 40))}"
    yield f'<text class="over" x="{MARGIN}" y="44">VAULT</text>'
    yield f'<text class="title" x="{MARGIN}" y="76">{escape(_cut(stats.origin, 54))}</text>'
    yield f'<text class="soft" x="{MARGIN}" y="98">{day_text(stats.at)}{terms}</text>'
    tiles = [
        ("Live conversations", short(stats.live.conversations)),
        ("Live records", short(stats.live.records)),
        ("Dead rows", short(stats.dead.records)),
        ("Segments", bytes_text(stats.size)),
        ("Key database", bytes_text(stats.keys.bytes)),
        ("Root version", f"{stats.keys.root_version:,}"),
    ]
    wide = (WIDTH - 2 * MARGIN) / len(tiles)
    yield f'<rect class="card" x="{MARGIN}" y="114" width="{WIDTH - 2 * MARGIN}" height="62" rx="12"/>'
    for place, (name, figure) in enumerate(tiles):
        x = MARGIN + place * wide
        if place:
            yield f'<path class="grid" d="M{x:.1f} 114v62"/>'
        yield f'<text class="soft small" x="{x + 14:.1f}" y="136">{name}</text>'
        yield f'<text class="figure" x="{x + 14:.1f}" y="162">{figure}</text>'


# --- the chart ------------------------------------------------------------------------------------------


def _chart(stats: VaultStats) -> Iterator[str]:
    steps = stats.past.steps
    taken_in = steps[-1].taken_in if steps else 0
    largest = max(taken_in, stats.live.conversations)
    yield f'<text class="head" x="{MARGIN + 20}" y="{TOP - 34}">Conversations</text>'
    yield from _key(stats.ahead is not None)
    if not largest:
        middle = (LEFT + RIGHT) / 2
        yield f'<text class="soft" x="{middle}" y="{TOP + TALL / 2}" text-anchor="middle">Nothing was taken in yet.</text>'
        return
    ticks = counts(largest)
    scale = TALL / ticks[-1].value
    bottom = TOP + TALL
    now = RIGHT if stats.ahead is None else LEFT + (RIGHT - LEFT) * 0.46
    for tick in ticks:
        y = bottom - tick.value * scale
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
        yield f'<text class="soft n" x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{tick.label}</text>'
    yield from _past(stats, (LEFT, now - GAP), scale)
    if stats.ahead is not None:
        yield from _ahead(stats.ahead, stats.at, (now + GAP, RIGHT), scale)
        yield f'<path class="now" d="M{now:.1f} {TOP - 14}V{bottom}"/>'
        yield f'<text class="soft" x="{now - 8:.1f}" y="{TOP - 18}" text-anchor="end">as the ledger has it</text>'
        yield f'<text class="soft" x="{now + 8:.1f}" y="{TOP - 18}">as the terms have it, if nothing else happens</text>'


def _key(foretold: bool) -> Iterator[str]:
    """What the colours of the chart say where the list below does not."""
    named = [("live", "live"), ("erased", "erased"), *([("due", "due by then")] if foretold else [])]
    x = RIGHT - sum(34 + 8 * len(words) for _, words in named) + 20
    for kind, words in named:
        yield f'<rect class="{kind}" x="{x}" y="{TOP - 44}" width="11" height="11" rx="2"/>'
        yield f'<text class="soft" x="{x + 18}" y="{TOP - 34}">{words}</text>'
        x += 34 + 8 * len(words)


def _past(stats: VaultStats, span: tuple[float, float], scale: float) -> Iterator[str]:
    """Live below, erased above it: the whole is what was ever taken in."""
    left, right = span
    steps = stats.past.steps
    if not steps:
        return
    start, end = steps[0].at, max(stats.at, steps[-1].at + 1)
    wide = (right - left) / (end - start)
    live: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    column = -1
    for step in steps:
        x = left + (step.at - start) * wide
        place = int((x - left) / (right - left) * MOST_POINTS)
        if place == column and live:
            x = live.pop()[0]
            whole.pop()
        column = place
        live.append((x, (step.taken_in - step.erased) * scale))
        whole.append((x, step.taken_in * scale))
    yield _area(Layer("erased", _stepped(whole, right)))
    yield _area(Layer("live", _stepped(live, right)))
    yield from _times(times(start, end), start, left, wide)


def _stepped(points: Sequence[tuple[float, float]], right: float) -> tuple[tuple[float, float], ...]:
    edge: list[tuple[float, float]] = []
    for x, y in points:
        edge += [(x, edge[-1][1] if edge else y), (x, y)]
    return (*edge, (right, edge[-1][1]))


def _ahead(ahead: Ahead, at: Moment, span: tuple[float, float], scale: float) -> Iterator[str]:
    """From the top: what is due by then, what is kept until its time, what is held, what has no end."""
    left, right = span
    last = next_month(ahead.coming[-1].month) if ahead.coming else at
    end = min(max(last + (last - at) // 20, at + _YEAR), LAST)
    wide = (right - left) / (end - at)
    going = sum(one.tally.conversations for one in ahead.coming)
    base = ahead.endless * scale
    held = base + ahead.held * scale
    whole = held + (going + ahead.due) * scale
    edge, remaining = [(left, held + going * scale)], going
    for one in ahead.coming:
        edge.append((left + (max(one.month, at) - at) * wide, held + remaining * scale))
        remaining -= one.tally.conversations
        edge.append((left + (next_month(one.month) - at) * wide, held + remaining * scale))
    edge.append((right, held + remaining * scale))
    yield _area(Layer("due", ((left, whole), (right, whole))))
    yield _area(Layer("live", tuple(edge)))
    yield _area(Layer("held", ((left, held), (right, held))))
    yield _area(Layer("endless", ((left, base), (right, base))))
    yield from _times(times(at, end), at, left, wide)


def _area(layer: Layer) -> str:
    bottom = TOP + TALL
    line = "L".join(f"{x:.1f} {bottom - y:.1f}" for x, y in layer.edge)
    first, last = layer.edge[0][0], layer.edge[-1][0]
    return f'<path class="{layer.kind}" d="M{first:.1f} {bottom}L{line}L{last:.1f} {bottom}Z"/>'


def _times(ticks: Sequence[Tick], start: Moment, left: float, wide: float) -> Iterator[str]:
    bottom = TOP + TALL
    for tick in ticks:
        x = left + (tick.value - start) * wide
        yield f'<path class="grid" d="M{x:.1f} {bottom}v6"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{bottom + 22}" text-anchor="middle">{tick.label}</text>'


# --- what stands in the segments now -----------------------------------------------------------------------


def _legend(stats: VaultStats) -> Iterator[tuple[str, str, Tally]]:
    """Class, words and figures of everything that is stored."""
    if stats.ahead is None:
        yield "live", "live", stats.live
    else:
        for kind, standing, words in _PARTS:
            tally = stats.ahead.in_all.get(standing, NONE)
            if tally.records:
                yield kind, words, tally
    yield "erased", "dead: the key is destroyed, troth vault compact removes it", stats.dead


def _shares(rows: Sequence[tuple[str, str, Tally]], y: float) -> Iterator[str]:
    """One bar of all records, and a line for each part."""
    total = sum(tally.records for _, _, tally in rows)
    wide = WIDTH - 2 * MARGIN
    x = float(MARGIN)
    yield f'<text class="head" x="{MARGIN}" y="{y + 12:.0f}">Stored now</text>'
    for place, name in (
        (WIDTH - 300, "conversations"),
        (WIDTH - 160, "records"),
        (WIDTH - MARGIN, "of the disk"),
    ):
        yield f'<text class="soft" x="{place}" y="{y + 12:.0f}" text-anchor="end">{name}</text>'
    for kind, _, tally in rows:
        if tally.records:
            width = max(wide * tally.records / total, 2.0)
            yield f'<rect class="{kind}" x="{x:.1f}" y="{y + 22:.0f}" width="{width:.1f}" height="14"/>'
            x += width
    for number, (kind, words, tally) in enumerate(rows):
        line = y + 58 + 22 * number
        yield f'<rect class="{kind}" x="{MARGIN}" y="{line - 10:.0f}" width="11" height="11" rx="2"/>'
        yield f'<text x="{MARGIN + 20}" y="{line:.0f}">{words}</text>'
        figures = (f"{tally.conversations:,}", f"{tally.records:,}", bytes_text(tally.size))
        for place, figure in zip((WIDTH - 300, WIDTH - 160, WIDTH - MARGIN), figures, strict=True):
            yield f'<text class="n" x="{place}" y="{line:.0f}" text-anchor="end">{figure}</text>'


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"
