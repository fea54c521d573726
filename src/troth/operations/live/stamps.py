"""The clock of a service: whole milliseconds, and never a step back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from troth.types.moment import Moment

MILLISECOND = 1_000


class Stamps:
    """Stamps for what people do. Two acts may bear the same stamp; the terms then take the protective one."""

    def __init__(self, clock: Callable[[], Moment], least: Moment) -> None:
        """``clock`` tells microseconds (UTC); no stamp is before ``least``, where a clock was set back since."""
        self._clock = clock
        self._last = -(-least // MILLISECOND) * MILLISECOND
        self._lock = threading.Lock()

    def now(self) -> Moment:
        """The present moment in microseconds (UTC), down to the millisecond; never before one given earlier."""
        with self._lock:
            self._last = max(self._last, self._clock() // MILLISECOND * MILLISECOND)
            return self._last
