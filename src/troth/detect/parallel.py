"""Looks for sensitive data in many columns of texts in several processes, in order, with bounded memory."""

from __future__ import annotations

import multiprocessing
import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Generic, TypeVar

from troth.detect import worker
from troth.detect.detector import Detector
from troth.detect.finding import Finding
from troth.errors import InputError

WAITING = 2
"""Columns for each process that are read ahead."""

Rest = TypeVar("Rest")


@dataclass(frozen=True, slots=True)
class Column(Generic[Rest]):
    """Texts whose conversations are whole: no conversation goes on in another column."""

    texts: Sequence[str | None]
    conversations: Sequence[str] | None
    rest: Rest
    """What else the caller knows of them; it is handed back and sent nowhere."""


def find_in_columns(
    detector: Detector, columns: Iterable[Column[Rest]], jobs: int
) -> Iterator[tuple[Column[Rest], list[list[Finding]]]]:
    """The columns in their order, each with its findings; the same for any number of processes.

    At most ``jobs`` times `WAITING` columns are in memory beside the one that is handed out. With one job it is done
    in this process. Raises `InputError` where a process dies.
    """
    if jobs <= 1:
        for column in columns:
            yield column, detector.find(column.texts, column.conversations)
        return
    with ProcessPoolExecutor(
        jobs,
        multiprocessing.get_context("spawn"),
        initializer=worker.start,
        initargs=(pickle.dumps(detector),),
    ) as pool:
        waiting: deque[tuple[Column[Rest], Future[list[list[Finding]]]]] = deque()
        for column in columns:
            waiting.append((column, pool.submit(worker.work, column.texts, column.conversations)))
            if len(waiting) > jobs * WAITING:
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())


def _done(
    column: Column[Rest], future: Future[list[list[Finding]]]
) -> tuple[Column[Rest], list[list[Finding]]]:
    try:
        return column, future.result()
    except BrokenProcessPool:
        raise InputError(
            "a process that looks for sensitive data ended before it was done",
            remedy="give it more memory, or use fewer processes",
        ) from None
