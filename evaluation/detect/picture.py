"""The picture of the results: for each corpus, how Troth and Presidio do. An SVG that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, LEFT, ROW, BAR, TOP = 900, 250, 40, 13, 40
OURS, THEIRS = "#1b7f5c", "#9aa5ab"


def picture(title: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """Two bars for each row, name, ours and theirs, from 0 to 1."""
    room, height = WIDTH - LEFT - 60, TOP + ROW * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/><text x="10" y="22" font-size="16">{escape(title)}</text>',
    ]
    for number in range(0, 11, 2):
        x = LEFT + room * number / 10
        parts.append(f'<line x1="{x:.0f}" y1="{TOP - 6}" x2="{x:.0f}" y2="{height - 24}" stroke="#e3e8ea"/>')
        parts.append(
            f'<text x="{x:.0f}" y="{height - 8}" text-anchor="middle" fill="#56636a">{number / 10:.1f}</text>'
        )
    for place, (name, ours, theirs) in enumerate(rows):
        y = TOP + ROW * place
        parts.append(f'<text x="{LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(name)}</text>')
        for at, (value, colour) in enumerate(((ours, OURS), (theirs, THEIRS))):
            top = y + at * (BAR + 1)
            parts.append(
                f'<rect x="{LEFT}" y="{top}" width="{room * value:.1f}" height="{BAR}" fill="{colour}"/>'
            )
            parts.append(
                f'<text x="{LEFT + room * value + 5:.1f}" y="{top + 11}" font-size="11">{value:.3f}</text>'
            )
    for x, name, colour in ((WIDTH - 230, "Troth", OURS), (WIDTH - 140, "Presidio", THEIRS)):
        parts.append(f'<rect x="{x}" y="10" width="{BAR}" height="{BAR}" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="21">{name}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
