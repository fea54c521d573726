"""How many requests somebody may make: a bucket of tokens for each, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from troth.errors import RefusedError

MOST = 100_000
"""Buckets that are kept; full ones are forgotten first."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """Buckets by name. ``clock`` tells seconds and never goes back."""

    def __init__(self, burst: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str, rate: float) -> None:
        """Take one request of ``rate`` a second out of a bucket. Raises `RefusedError` where it is empty."""
        now, most = self._clock(), max(rate * self._burst, 1.0)
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MOST:
                self._forget(now, rate)
            bucket = self._buckets[name] = _Bucket(most, now)
        bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens < 1.0:
            wait = max(1, round((1.0 - bucket.tokens) / rate + 0.5))
            raise RefusedError("rate-limited", "too many requests", remedy=f"wait {wait} seconds", wait=wait)
        bucket.tokens -= 1.0

    def _forget(self, now: float, rate: float) -> None:
        refilled = [
            name for name, one in self._buckets.items() if (now - one.at) * rate >= self._burst * rate
        ]
        for name in refilled or list(self._buckets)[: MOST // 2]:
            del self._buckets[name]
