"""The picture of an impact: one HTML page, with a drawing and a table for each purpose. It loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from troth.operations.impact import Count, Flow, Impact, PurposeImpact
from troth.types.moment import format_moment
from troth.types.reasons import REASONS

WIDTH, LEFT, RIGHT, BAR = 900, 270, 630, 14
"""Of a drawing, and where its two columns of bars stand."""
TALL, GAP, LEAST = 320, 12, 16
"""What all records together are tall; the space between bars; the least that a bar takes up."""

SORT_WORDS = {
    "opens": "denied before, allowed now",
    "closes": "allowed before, denied now",
    "reason": "for another reason",
    "same": "as before",
}

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 960px; margin: 2rem auto; padding: 0 1rem;
       color: #1c2326; background: #fff; }
svg { width: 100%; height: auto; } text { font-size: 13px; fill: currentColor; }
.opens { fill: #1b7f5c; } .closes { fill: #b3382c; } .reason { fill: #b98a1d; } .same { fill: #9aa5ab; }
path { opacity: .55; } path:hover { opacity: .9; } .bar { fill: #56636a; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem;
        border-bottom: 1px solid #d5dbde; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.key { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.key.opens { background: #1b7f5c; } .key.closes { background: #b3382c; }
.key.reason { background: #b98a1d; } .key.same { background: #9aa5ab; }
@media (prefers-color-scheme: dark) { body { color: #e6eaec; background: #14191b; }
  .bar { fill: #b6c1c6; } th, td { border-color: #374247; } }
"""


def picture(impact: Impact) -> str:
    """The page."""
    title = f"{impact.old} → {impact.new}"
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>{escape(title)}</h1>",
        f"<p>{impact.records:,} records, decided under both at {format_moment(impact.at)}.</p>",
        f"<p>Gone earlier: {impact.kept.shorter:,} records; kept longer: {impact.kept.longer:,}.</p>",
        *(part for one in impact.purposes for part in _purpose(one)),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _purpose(one: PurposeImpact) -> Iterator[str]:
    yield f"<h2>{escape(one.purpose)}</h2>"
    yield f"<p>Opens: {_counted(one.opens)}. Closes: {_counted(one.closes)}.</p>"
    if one.flows:
        yield drawing(one.flows)
    yield (
        '<table><thead><tr><th>before</th><th>now</th><th class="number">records</th>'
        '<th class="number">conversations</th><th class="number">people</th></tr></thead><tbody>'
    )
    yield from (_row(flow) for flow in one.flows)
    yield "</tbody></table>"


def _row(flow: Flow) -> str:
    numbers = (flow.count.records, flow.count.conversations, flow.count.people)
    cells = "".join(f'<td class="number">{number:,}</td>' for number in numbers)
    key = f'<span class="key {flow.sort}" title="{SORT_WORDS[flow.sort]}"></span>'
    old, new = _answer(flow.old_allow, flow.old_reason), _answer(flow.new_allow, flow.new_reason)
    return f"<tr><td>{key}{old}</td><td>{new}</td>{cells}</tr>"


def _answer(allow: bool, reason: str) -> str:
    return f'<span title="{escape(REASONS[reason].text)}">{_label(allow, reason)}</span>'


def _label(allow: bool, reason: str) -> str:
    return f"{'allowed' if allow else 'denied'}: {escape(reason)}"


def _counted(count: Count) -> str:
    return f"{count.records:,} records of {count.conversations:,} conversations and {count.people:,} people"


# --- the drawing ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Bar:
    """One answer in one of the columns."""

    label: str
    records: int
    top: float = 0.0
    height: float = 0.0
    used: float = 0.0
    """How much of it ribbons already stand on."""


def drawing(flows: Sequence[Flow]) -> str:
    """An SVG: two columns of answers, and between them a ribbon for each flow, as wide as it has records.

    Its classes are ``bar`` and those of `SORT_WORDS`; everything in it is escaped.
    """
    total = sum(flow.count.records for flow in flows)
    old = _bars([(_label(f.old_allow, f.old_reason), f.count.records) for f in flows], total)
    new = _bars([(_label(f.new_allow, f.new_reason), f.count.records) for f in flows], total)
    stacked = sorted(
        flows, key=lambda f: (_label(f.old_allow, f.old_reason), _label(f.new_allow, f.new_reason))
    )
    ribbons = [_ribbon(flow, old, new, total) for flow in stacked]
    height = max(bar.top + max(bar.height, LEAST) for bars in (old, new) for bar in bars.values()) + 6
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="What each answer becomes">',
        *ribbons,
        *(_drawn(bar, LEFT - BAR, LEFT - BAR - 8, "end") for bar in old.values()),
        *(_drawn(bar, RIGHT, RIGHT + BAR + 8, "start") for bar in new.values()),
        "</svg>",
    ]
    return "\n".join(parts)


def _bars(parts: Sequence[tuple[str, int]], total: int) -> dict[str, _Bar]:
    bars: dict[str, _Bar] = {}
    for label, records in parts:
        bars.setdefault(label, _Bar(label, 0)).records += records
    top = 6.0
    for label in sorted(bars):
        bar = bars[label]
        bar.top, bar.height = top, max(TALL * bar.records / total, 1.0)
        top += max(bar.height, LEAST) + GAP
    return bars


def _ribbon(flow: Flow, old: dict[str, _Bar], new: dict[str, _Bar], total: int) -> str:
    start, end = old[_label(flow.old_allow, flow.old_reason)], new[_label(flow.new_allow, flow.new_reason)]
    wide = max(TALL * flow.count.records / total, 1.0)
    y, z, middle = start.top + start.used, end.top + end.used, (LEFT + RIGHT) / 2
    start.used += wide
    end.used += wide
    there = f"M{LEFT},{y:.1f} C{middle:.0f},{y:.1f} {middle:.0f},{z:.1f} {RIGHT},{z:.1f}"
    y, z = y + wide, z + wide
    path = f"{there} L{RIGHT},{z:.1f} C{middle:.0f},{z:.1f} {middle:.0f},{y:.1f} {LEFT},{y:.1f} Z"
    told = f"{start.label} → {end.label}: {_counted(flow.count)}"
    return f'<path class="{flow.sort}" d="{path}"><title>{told}</title></path>'


def _drawn(bar: _Bar, x: int, label: int, anchor: str) -> str:
    return (
        f'<rect class="bar" x="{x}" y="{bar.top:.1f}" width="{BAR}" height="{bar.height:.1f}"/>'
        f'<text x="{label}" y="{bar.top + min(bar.height, LEAST) / 2 + 4:.1f}" text-anchor="{anchor}">'
        f"{bar.label} ({bar.records:,})</text>"
    )
