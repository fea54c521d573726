"""Waiting until something is so: looked at soon, then less and less often, for as long as a busy machine may need."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds. A machine at rest needs a hundredth of it."""


def awaited(see: Callable[[], T], holds: Callable[[T], bool] = bool) -> T:
    """What is seen when it first holds. Raises ``AssertionError``, with what was seen last, where it never does."""
    end, pause = time.monotonic() + PATIENCE, 0.02
    while not holds(found := see()):
        assert time.monotonic() < end, f"it never came to be so: {str(found)[:1000]}"
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)
    return found
