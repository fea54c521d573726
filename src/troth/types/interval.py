"""How sure a share is that was counted on a sample: the Wilson score interval, the same on every processor."""

from __future__ import annotations

import math
from typing import Final

LEVEL: Final = 0.95
"""How often an interval made in this way holds the true share."""
METHOD: Final = "Wilson score interval"
DIGITS: Final = 6
"""After the point, where a bound is written down."""

_Z: Final = 1.959963984540054
"""The 0.975 quantile of the normal distribution. Products, quotients and roots of it are exact to the last bit."""


def wilson(hits: int, size: int) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927, doi:10.2307/2276774) at `LEVEL`; 0 to 1 of nothing.

    >>> tuple(round(bound, 4) for bound in wilson(0, 100))
    (0.0, 0.037)
    """
    if size == 0:
        return 0.0, 1.0
    share, wide = hits / size, 1 + _Z * _Z / size
    middle = (share + _Z * _Z / (2 * size)) / wide
    half = _Z / wide * math.sqrt(share * (1 - share) / size + _Z * _Z / (4 * size * size))
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == size else middle + half
    return low, high


def told(hits: int, size: int) -> tuple[float, float]:
    """The interval as a manifest has it, rounded to `DIGITS`."""
    low, high = wilson(hits, size)
    return round(low, DIGITS), round(high, DIGITS)
