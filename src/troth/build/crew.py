"""Work spread over processes, with answers in the order of the questions.

The tasks are pure functions of their arguments and of the files that these name, so how many processes there
are does not matter. Processes are spawned, never forked, and one that loses its parent ends.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Crew:
    """Up to ``jobs`` processes. With one, or with only one task, everything happens in this process."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(self, work: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """The answer to each task, in order. Only a few tasks are taken ahead of the answers."""
        queue = iter(tasks)
        first = list(_take(queue, 2))
        if self._jobs == 1 or len(first) < 2:
            yield from (work(task) for task in first)
            yield from (work(task) for task in queue)
            return
        running: deque[Future[Answer]] = deque(self._started().submit(work, task) for task in first)
        for task in queue:
            running.append(self._started().submit(work, task))
            if len(running) > 2 * self._jobs:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), _end_with_parent)
        return self._pool


def _take(queue: Iterator[Task], most: int) -> Iterator[Task]:
    for _, task in zip(range(most), queue, strict=False):
        yield task


def _end_with_parent() -> None:
    """Watch the parent process from a thread, and end when it does."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
