"""Figures for Prometheus: how many requests, how long, and how the workspace fares. Routes are named, nobody is."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "troth_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "troth_request_seconds",
            "How long they took.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._durable = Counter(
            "troth_durable", "Events and acts made durable by the service.", registry=self._registry
        )
        self._ledger = Gauge(
            "troth_ledger_follows", "1 while the ledger follows the store, else 0.", registry=self._registry
        )

        self._terms = Gauge(
            "troth_terms_refused",
            "1 while the files of the terms are not what is served.",
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def durable(self, count: int) -> None:
        """So many items became durable."""
        self._durable.inc(count)

    def text(self, *, ledger_follows: bool, terms_refused: bool) -> bytes:
        """The figures in Prometheus' text format."""
        self._terms.set(1 if terms_refused else 0)
        self._ledger.set(1 if ledger_follows else 0)
        return generate_latest(self._registry)
