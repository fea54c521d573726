"""Pictures of counts: layers over time, and a bar for each of some things. A table beside each says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from troth.types.moment import Moment, as_datetime

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 260, 56, 12, 12, 28
_ROW, _NAME = 44, 20
_DATES = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the things that are counted over time. ``sort`` is its class in the style sheet."""

    name: str
    sort: str
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One of the things that are counted once."""

    name: str
    count: int
    sort: str


def stacked(layers: Sequence[Layer], ends: Sequence[Moment], noun: str) -> Markup:
    """An SVG of layers that stand on one another, from the first of ``ends`` (UTC) to the last."""
    sums = [sum(counts) for counts in zip(*(layer.counts for layer in layers), strict=True)]
    most = _round_up(max(sums, default=0))
    xs = [_across(place, len(ends)) for place in range(len(ends))]
    if len(xs) == 1:
        xs, ends = [LEFT, WIDTH - RIGHT], [*ends, *ends]
    drawn = [*_grid(most), *_dates(xs, ends)]
    floor = [0] * len(xs)
    for layer in layers:
        counts = list(layer.counts) if len(layer.counts) == len(xs) else [*layer.counts, *layer.counts]
        top = [below + count for below, count in zip(floor, counts, strict=True)]
        if any(counts):
            there = [f"{x:.1f},{_up(value, most):.1f}" for x, value in zip(xs, top, strict=True)]
            back = [f"{x:.1f},{_up(value, most):.1f}" for x, value in zip(xs, floor, strict=True)]
            drawn.append(
                Markup('<polygon class="layer {}" points="{}"><title>{}</title></polygon>').format(
                    layer.sort, " ".join([*there, *back[::-1]]), layer.name
                )
            )
        floor = top
    said = f"How many {noun} stood how over time. Now: " + ", ".join(
        f"{layer.name} {layer.counts[-1]:,}" for layer in layers
    )
    return _svg(HEIGHT, said, drawn)


def rows_picture(rows: Sequence[Row], noun: str) -> Markup:
    """An SVG with a bar for each row, as long as it has counts; empty where there are none."""
    if not rows:
        return Markup("")
    most = max(row.count for row in rows) or 1
    drawn = []
    for place, row in enumerate(rows):
        y = place * _ROW
        label = Markup('<text x="0" y="{}">{}: {}</text>').format(y + 15, row.name, f"{row.count:,}")
        long = max(2.0, WIDTH * row.count / most)
        bar = Markup('<rect class="layer {}" x="0" y="{}" width="{:.1f}" height="14" rx="3"/>')
        drawn += [label, bar.format(row.sort, y + _NAME, long)]
    said = f"How many {noun} for each of {len(rows)} reasons. The table says the same."
    return _svg(len(rows) * _ROW, said, drawn)


def _svg(height: int, said: str, drawn: Sequence[Markup]) -> Markup:
    whole = Markup('<svg viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}" font-size="14">{}</svg>')
    return whole.format(WIDTH, height, WIDTH, said, Markup("").join(drawn))


def _grid(most: int) -> list[Markup]:
    drawn = []
    for value in (0, most // 2, most) if most > 1 else (0, most):
        y = _up(value, most)
        line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
        text = Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>')
        drawn += [line.format(LEFT, WIDTH - RIGHT, y, y), text.format(LEFT - 6, y + 5, f"{value:,}")]
    return drawn


def _dates(xs: Sequence[float], ends: Sequence[Moment]) -> list[Markup]:
    step = max(1, -(-len(xs) // _DATES))
    drawn = []
    for place in range(len(xs) - 1, -1, -step):
        when = as_datetime(ends[place])
        anchor = "end" if place == len(xs) - 1 else "start" if place == 0 else "middle"
        text = Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
        drawn.append(text.format(xs[place], HEIGHT - 8, anchor, f"{when.day} {when:%b} {when.year}"))
        if len(ends) > 1 and ends[0] == ends[-1]:
            break
    return drawn


def _across(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place / max(1, count - 1)


def _up(value: int, most: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most


def _round_up(value: int) -> int:
    """The next number that reads well, and has a half.

    >>> [_round_up(value) for value in (0, 3, 17, 1_204)]
    [2, 4, 20, 2000]
    """
    size = 1
    while value > 10 * size:
        size *= 10
    return next(size * one for one in (2, 4, 6, 8, 10, 20) if value <= size * one)
