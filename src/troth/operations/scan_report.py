"""The report of a scan: a page with a picture that loads nothing, or plain text. It shows no sensitive value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from troth.detect.kinds import KINDS
from troth.detect.second_look import Risk
from troth.operations.scan import OfKind, Scanned
from troth.types.interval import LEVEL, METHOD

WIDTH, LEFT, RIGHT, ROW, BAR = 900, 170, 110, 26, 16
"""Of the drawing: its width, what is left for names and numbers, the height of a row and of its bar."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 960px; margin: 2rem auto; padding: 0 1rem;
       color: #1c2326; background: #fff; }
svg { width: 100%; height: auto; } text { font-size: 13px; fill: currentColor; } .bar { fill: #2d6a8e; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem;
        border-bottom: 1px solid #d5dbde; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } code { font-size: 14px; }
.wide { overflow-x: auto; } .wide svg { min-width: 560px; display: block; }
@media (max-width: 640px) { .says { display: none; } th, td { padding: .25rem .35rem; } }
@media (prefers-color-scheme: dark) { body { color: #e6eaec; background: #14191b; } .bar { fill: #7db4d3; }
  th, td { border-color: #374247; } }
"""

SPECIAL = {
    "health": "health", "religion": "religion or belief", "politics": "political opinion",
    "sex_life": "sex life or orientation",
    "ethnicity": "ethnic origin", "union": "trade union membership", "biometric": "biometric data",
    "genetic": "genetic data",
}  # fmt: skip
"""The special categories of Art. 9 GDPR in words."""
HINT = "A hint from word lists, no finding: most that is told in other words is not in it."
LIMITS = "What is not in this report was not found, which does not mean that it is not there."


def page(scanned: Scanned, title: str = "Sensitive data") -> str:
    """The report as one HTML page."""
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>{escape(title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in summary(scanned)),
        '<h2>Places by kind</h2><div class="wide">',
        drawing([(name, kind.findings) for name, kind in ordered(scanned)]),
        '</div><div class="wide">',
        '<table><thead><tr><th>kind</th><th class="says">what it is</th><th class="number">places</th>'
        '<th class="number">texts</th><th>examples, masked</th></tr></thead><tbody>',
        *(_row(name, kind) for name, kind in ordered(scanned)),
        "</tbody></table></div>",
        *_special(scanned),
        f"<p>{LIMITS}</p><p>Detector <code>{escape(scanned.detector)}</code></p>",
        "</body></html>\n",
    ]
    return "\n".join(parts)


def plain(scanned: Scanned) -> str:
    """The report as plain text."""
    lines = [*summary(scanned), ""]
    most = max((kind.findings for kind in scanned.kinds.values()), default=1)
    for name, kind in ordered(scanned):
        bar = "#" * max(round(40 * kind.findings / most), 1)
        lines.append(f"{name:16} {kind.findings:>12,}  {bar}")
        lines += [f"{'':30} {example}" for example in kind.examples]
    if scanned.special:
        lines += ["", HINT]
        lines += [
            f"{SPECIAL[name]:24} {count:>12,} conversations"
            for name, count in sorted(scanned.special.items())
        ]
    return "\n".join([*lines, "", LIMITS, f"detector {scanned.detector}"]) + "\n"


def ordered(scanned: Scanned) -> list[tuple[str, OfKind]]:
    """The kinds, the most frequent first."""
    return sorted(scanned.kinds.items(), key=lambda one: (-one[1].findings, one[0]))


def summary(scanned: Scanned) -> Iterator[str]:
    """In a few sentences: how much was looked at, how much was found, and what a second look says."""
    part = f"{scanned.holding:,} of {scanned.texts:,}"
    yield f"Texts with sensitive data: {part}; places: {scanned.findings:,}; characters looked at: {scanned.characters:,}."
    if scanned.reading.damage_count:
        yield f"Damaged pieces that were left out and not looked at: {scanned.reading.damage_count:,}."
    if scanned.risk is not None:
        yield of_risk(scanned.risk)


def of_risk(risk: Risk) -> str:
    """What a second look says."""
    return (
        f"A second look at {risk.looked_at:,} of {risk.texts:,} texts with stricter settings found something in "
        f"{risk.holding:,}: "
        f"between {risk.low:.2%} and {risk.high:.2%} of all ({METHOD}, {LEVEL:.0%}). "
        "Stricter settings also take for something what is nothing."
    )


def drawing(counts: Sequence[tuple[str, int]]) -> str:
    """An SVG: a bar for each kind, as long as it has places."""
    most = max((count for _, count in counts), default=1)
    room = WIDTH - LEFT - RIGHT
    parts = [f'<svg viewBox="0 0 {WIDTH} {ROW * len(counts) + 6}" role="img" aria-label="Places by kind">']
    for number, (name, count) in enumerate(counts):
        top, wide = ROW * number + 5, max(room * count / most, 1.0)
        parts.append(
            f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="bar" x="{LEFT}" y="{top}" width="{wide:.1f}" height="{BAR}"/>'
            f'<text x="{LEFT + wide + 8:.1f}" y="{top + 13}">{count:,}</text>'
        )
    return "\n".join([*parts, "</svg>"])


def _row(name: str, kind: OfKind) -> str:
    says = KINDS[name].says if name in KINDS else ""
    examples = "<br>".join(f"<code>{escape(example)}</code>" for example in kind.examples)
    return (
        f'<tr><td>{escape(name)}</td><td class="says">{escape(says)}</td><td class="number">{kind.findings:,}</td>'
        f'<td class="number">{kind.texts:,}</td><td>{examples}</td></tr>'
    )


def _special(scanned: Scanned) -> Iterator[str]:
    if not scanned.special:
        return
    yield f"<h2>Special categories (Art. 9 GDPR)</h2><p>{HINT}</p>"
    yield '<table><thead><tr><th>category</th><th class="number">conversations</th></tr></thead><tbody>'
    for name, count in sorted(scanned.special.items()):
        yield f'<tr><td>{escape(SPECIAL[name])}</td><td class="number">{count:,}</td></tr>'
    yield "</tbody></table>"
