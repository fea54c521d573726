"""Several processes that append to one store at the same time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

Opener = Callable[[Path], Any] | None
"""What opens the store in a folder; None for Troth's."""


def crowd(opener: Opener, url: str, place: Path, many: int, events: int, batch: int) -> float:
    """Events a second of all together: each appends so many, and the clock runs from the first to the last."""
    processes = multiprocessing.get_context("spawn")
    barrier, answers = processes.Barrier(many), processes.SimpleQueue()
    running = [
        processes.Process(target=_append, args=(opener, url, place, number, events, batch, barrier, answers))
        for number in range(many)
    ]
    for process in running:
        process.start()
    times = [answers.get() for _ in running]
    for process in running:
        process.join()
    return many * events / (max(end for _, end in times) - min(start for start, _ in times))


def _append(opener: Opener, url: str, place: Path, number: int, events: int, batch: int,
            barrier: Barrier, answers: SimpleQueue[tuple[float, float]]) -> None:  # fmt: skip
    from store import opened, some_items

    store = opened(url, place) if opener is None else opener(place)
    items = some_items(number * 10_000_000, events)
    barrier.wait()
    start = time.monotonic()
    for at in range(0, events, batch):
        store.append(items[at : at + batch])
    answers.put((start, time.monotonic()))
    store.close()
