"""Colours and their contrast (WCAG 2.2, "contrast ratio" and "relative luminance")."""

from __future__ import annotations

import re

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z", re.ASCII)

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


def read_colour(text: str) -> Colour | None:
    """A colour as ``#rgb`` or ``#rrggbb``; None for anything else: what is see-through has no contrast of its own.

    >>> read_colour("#0a0"), read_colour("rgba(0,0,0,.5)")
    ((0, 170, 0), None)
    """
    found = _HEX.match(text.strip())
    if found is None:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21.

    >>> round(contrast((0, 0, 0), (255, 255, 255)), 1)
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
