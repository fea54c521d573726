"""The picture of a release as a flow: where records went on, and where and why the others left. No drawing.

Records flow from top to bottom, in a stream as wide as their number. What leaves turns off to the right, in a
band of its own width, in the order of leaving; what is left at the bottom is the release. Everything here
is a pure function of numbers and words; the template draws what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_BANDS = 16
"""More bands than this are not told apart by eye: the smallest of each stage become one."""
THINNEST = 2.2
"""A band is drawn at least this wide, so that a single record of millions is still seen."""

_TURN, _WIDEST_TURN = 9.0, 30.0
_GAP = 14.0
_NUMBER_SIZE, _WORDS_SIZE = 15.0, 13.0
_NUMBER_LINE, _WORDS_LINE = 20.0, 17.0
_STAGE_HEIGHT = 30.0
_LETTER = 0.54
"""The width of a letter, of the size of its type. Fonts differ; most are narrower."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Records that leave at a stage, for a reason."""

    stage: str
    reason: str
    records: int
    words: str
    """The reason in a sentence."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Everything that went in: what left, in the order of leaving, and what came out."""

    leaving: tuple[Leaving, ...]
    released: int

    @property
    def total(self) -> int:
        """Give the number that went in."""
        return self.released + sum(one.records for one in self.leaving)


@dataclass(frozen=True, slots=True)
class Size:
    """How much room there is. ``stream`` is the width of the whole stream, ``labels`` where words begin."""

    width: float
    stream: float
    labels: float
    margin: float = 8.0


WIDE = Size(width=960, stream=270, labels=366)
NARROW = Size(width=340, stream=76, labels=112, margin=2)


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a band, and the box that they fill."""

    x: float
    y: float
    height: float
    number: str
    name: str
    share: str
    """Empty where there is no room for it beside the name."""
    lines: tuple[str, ...]

    @property
    def number_y(self) -> float:
        """Give the baseline of the number."""
        return round(self.y + 15, 1)

    def line_y(self, index: int) -> float:
        """Give the baseline of a line of words."""
        return round(self.y + _NUMBER_LINE + 13 + index * _WORDS_LINE, 1)


@dataclass(frozen=True, slots=True)
class Band:
    """One band: an SVG path from the top of the stream to where it ends. ``width`` is the exact one."""

    stage: str
    reason: str
    records: int
    left: float
    width: float
    path: str
    shade: int
    """0 or 1, so that neighbours differ."""


@dataclass(frozen=True, slots=True)
class StageMark:
    """The heading of a stage, at a height."""

    stage: str
    y: float
    records: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn."""

    width: float
    height: float
    labels_x: float
    top: float
    stream_left: float
    stream_width: float
    bands: tuple[Band, ...]
    labels: tuple[Label, ...]
    stages: tuple[StageMark, ...]
    released: Band
    released_y: float


def grouped(flow: Flow, most: int = MOST_BANDS) -> Flow:
    """Give a flow of at most ``most`` bands and one more for each stage, with the same numbers.

    The largest keep a band of their own; in each stage that has others, those become one.
    """
    if len(flow.leaving) <= most:
        return flow
    by_size = sorted(range(len(flow.leaving)), key=lambda place: -flow.leaving[place].records)
    own = set(by_size[:most])
    leaving: list[Leaving] = []
    for stage in dict.fromkeys(one.stage for one in flow.leaving):
        places = [place for place, one in enumerate(flow.leaving) if one.stage == stage]
        leaving += [flow.leaving[place] for place in places if place in own]
        rest = [flow.leaving[place] for place in places if place not in own]
        if len(rest) == 1:
            leaving += rest
        elif rest:
            records = sum(one.records for one in rest)
            leaving.append(
                Leaving(stage, f"{len(rest)} more reasons", records, "They stand in the table below.")
            )
    return Flow(tuple(leaving), flow.released)


def lay_out(flow: Flow, size: Size) -> Picture:
    """Lay a flow out from top to bottom. The widths of all bands and of the release add up to the stream."""
    scale = size.stream / flow.total if flow.total else 0.0
    top = 42.0
    y = top + 18.0
    right = size.margin + size.stream
    bands: list[Band] = []
    labels: list[Label] = []
    stages: list[StageMark] = []
    for place, one in enumerate(flow.leaving):
        if not stages or stages[-1].stage != one.stage:
            records = sum(other.records for other in flow.leaving if other.stage == one.stage)
            stages.append(StageMark(one.stage, round(y + 14, 1), records))
            y += _STAGE_HEIGHT
        width = one.records * scale
        label = _label(one, flow.total, size, y)
        drop = _turn(width) + max(width, THINNEST)
        middle = y + _turn(width) + width / 2
        label = replace(label, y=round(max(y, middle - label.height / 2), 1))
        bands.append(_band(one, (right - width, width), (top, y), size, place % 2))
        labels.append(label)
        right -= width
        y = max(y + drop, label.y + label.height) + _GAP
    released = _release(flow, size, scale, (top, y + 46.0))
    return Picture(
        width=size.width,
        height=round(y + 62.0, 1),
        labels_x=size.labels,
        top=top,
        stream_left=size.margin,
        stream_width=size.stream,
        bands=tuple(bands),
        labels=tuple(labels),
        stages=tuple(stages),
        released=released,
        released_y=round(y + 24.0, 1),
    )


def _label(one: Leaving, total: int, size: Size, y: float) -> Label:
    lines = wrap(one.words, size.width - size.labels, _WORDS_SIZE)
    number = f"{one.records:,}"
    part = share(one.records, total)
    room = (size.width - size.labels) / (_NUMBER_SIZE * _LETTER) - len(number) - 1
    if len(one.reason) + len(part) + 1 > room:
        part = ""
    name = one.reason if len(one.reason) <= room else one.reason[: int(room) - 1] + "…"
    height = _NUMBER_LINE + len(lines) * _WORDS_LINE + 3
    return Label(size.labels, y, height, number, name, part, lines)


def _band(
    one: Leaving, across: tuple[float, float], down: tuple[float, float], size: Size, shade: int
) -> Band:
    """Draw from the top of the stream down, round the bend, and to the right up to the words."""
    left, width = across
    top, bend = down
    drawn = max(width, THINNEST)
    right = left + width
    inner, outer = _turn(width), _turn(width) + drawn
    start, end = right + inner, size.labels - 12
    path = (
        f"M{right - drawn:.2f} {top:.2f}H{right:.2f}V{bend:.2f}"
        f"A{inner:.2f} {inner:.2f} 0 0 0 {start:.2f} {bend + inner:.2f}H{end:.2f}v{drawn:.2f}H{start:.2f}"
        f"A{outer:.2f} {outer:.2f} 0 0 1 {right - drawn:.2f} {bend:.2f}Z"
    )
    return Band(one.stage, one.reason, one.records, left, width, path, shade)


def _turn(width: float) -> float:
    """Give the radius of the inside of a bend: broad bands turn gently."""
    return min(_TURN + 0.3 * width, _WIDEST_TURN)


def _release(flow: Flow, size: Size, scale: float, down: tuple[float, float]) -> Band:
    """Draw what stays: straight down, to an arrow's head; nothing where nothing stays."""
    width = flow.released * scale
    top, end = down
    left = size.margin
    drawn = max(width, THINNEST)
    tip = min(16.0, max(5.0, drawn / 3))
    path = (
        f"M{left:.2f} {top:.2f}H{left + drawn:.2f}V{end - tip:.2f}L{left + drawn / 2:.2f} {end:.2f}"
        f"L{left:.2f} {end - tip:.2f}Z"
    )
    return Band("released", "released", flow.released, left, width, path if flow.released else "", 0)


def wrap(text: str, room: float, size: float, most: int = 4) -> tuple[str, ...]:
    """Break words into at most ``most`` lines that fit into some room; the last one is cut if need be.

    >>> wrap("The person has not decided, and silence is not a yes.", 200, 13)
    ('The person has not decided,', 'and silence is not a yes.')
    """
    letters = max(4, int(room / (size * _LETTER)))
    lines: list[str] = []
    line = ""
    for word in text.split():
        while len(word) > letters:
            lines += [line] if line else []
            lines.append(word[: letters - 1] + "-")
            line, word = "", word[letters - 1 :]  # noqa: PLW2901 — the rest of a word too long for a line
        if line and len(line) + 1 + len(word) > letters:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines += [line] if line else []
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: letters - 1].rstrip(" -") + "…"]
    return tuple(lines) or ("",)


def share(records: int, total: int) -> str:
    """Give a share in per cent. What is there is never 0, and what is not all is never 100.

    >>> share(1, 1_000_000), share(999_999, 1_000_000), share(1, 3), share(0, 3), share(0, 0)
    ('< 0.1 %', '> 99.9 %', '33.3 %', '0 %', '0 %')
    """
    if not records or not total:
        return "0 %"
    if records == total:
        return "100 %"
    percent = 100 * records / total
    if percent < 0.1:
        return "< 0.1 %"
    return "> 99.9 %" if percent > 99.9 else f"{percent:.1f} %"


def boxes(labels: Sequence[Label]) -> list[tuple[float, float]]:
    """Give the top and the bottom of each label, in their order."""
    return [(label.y, label.y + label.height) for label in labels]
