"""Troth's build once, from raw logs to a verified release: ``run_build.py INPUT OUT JOBS [--build-only]``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import msgspec

from troth.operations.build import BuildRequest, build_release
from troth.operations.verify import VerifyRequest, verify_release
from troth.types.moment import parse_moment


class Stages:
    """When each stage last told of itself: the time up to then is its own."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = self._last = time.perf_counter()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0) + now - self._last, 2)
        self._last = now

    def total(self) -> float:
        """Seconds so far."""
        return round(time.perf_counter() - self._start, 2)


def main() -> None:
    source, out, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    stages = Stages()
    history, logs = (str(source / "history.jsonl"),), (str(source / "chats-*.jsonl"),)
    request = BuildRequest(
        terms="anthropic-consumer", options={}, history=history, records=logs, purpose="train.general",
        at=parse_moment("2026-03-01T00:00:00Z"), seed=7, out=out, jobs=jobs,
    )  # fmt: skip
    built = build_release(request, stages)
    release = stages.total()
    counts = built.release.counts
    told = {"stages": stages.seconds, "build": release, "counts": msgspec.to_builtins(counts)}
    if "--build-only" not in sys.argv:
        asked = VerifyRequest(out, terms="anthropic-consumer", history=history, records=logs)
        report, _ = verify_release(asked)
        told |= {"verify": round(stages.total() - release, 2), "verified": not report.findings}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
