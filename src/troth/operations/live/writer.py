"""The one thread that writes to the store: whatever waits is made durable together, and only then answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Full, Queue

from troth.errors import HistoryError, StoreError, TrothError, UsageError
from troth.history.event import Event
from troth.operations.workspace.opened import Workspace, opened
from troth.store.event_items import event_items
from troth.store.interface import Item
from troth.store.salts import fresh_salts

TOGETHER = 512
"""Requests that are made durable in one transaction."""
LONGEST_QUEUE = 10_000


@dataclass(slots=True)
class _Job:
    events: Sequence[Event]
    items: Sequence[Item]
    """Made of the events by the thread, for all that wait together."""
    done: Future[None] = field(default_factory=Future)


class Writer:
    """Group commit. Whoever submits is answered when what it gave is on the disk, or was not kept at all."""

    def __init__(self, folder: Path, written: Callable[[Sequence[Item]], None]) -> None:
        """``written`` is called, by the thread, with what became durable before anybody is answered."""
        self._folder = folder
        self._written = written
        self._queue: Queue[_Job | None] = Queue(LONGEST_QUEUE)
        self._ended = False
        self._thread = threading.Thread(target=self._serve, name="troth-writer", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[Item] = (), events: Sequence[Event] = ()) -> Future[None]:
        """Write items, or events, all or none.

        The future raises `HistoryError` where one clashes with what was accepted before, `UsageError` where it is about
        what was erased, and `StoreError` where nothing can be written.
        """
        job = _Job(events, items)
        try:
            self._queue.put_nowait(job)
        except Full:
            raise StoreError("too many writes wait for the store", remedy="send it again later") from None
        return job.done

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        jobs = self._wait()
        while jobs:
            jobs = self._with_workspace(jobs)

    def _wait(self) -> list[_Job]:
        """The jobs that wait, once there are any; none at the end."""
        first = None if self._ended else self._queue.get()
        jobs = [] if first is None else [first]
        while jobs and len(jobs) < TOGETHER:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._ended = True
                break
            jobs.append(job)
        return [job for job in jobs if job.done.set_running_or_notify_cancel()] or (
            self._wait() if jobs else []
        )

    def _with_workspace(self, jobs: list[_Job]) -> list[_Job]:
        """Write with one opened workspace until it fails, or the end; give the jobs that are next, if there are any."""
        used = False
        try:
            with opened(self._folder) as workspace:
                while jobs:
                    failed = self._commit(workspace, jobs)
                    if failed is not None and used:
                        # What has been open for a while may be cut off from its database. To write the same items again
                        # is safe: what was kept before is known, and left alone.
                        return [job for job in jobs if not job.done.done()]
                    if failed is not None:
                        _fail(jobs, failed)
                        return self._wait()
                    used = True
                    jobs = self._wait()
                return []
        except TrothError as problem:
            _fail(jobs, problem)
            return self._wait()

    def _commit(self, workspace: Workspace, jobs: list[_Job]) -> Exception | None:
        """Write jobs together; one by one where one of them cannot be. Gives what went wrong with the store itself."""
        try:
            _make(jobs)
            items = [item for job in jobs for item in job.items]
            done = workspace.store.append(items)
        except HistoryError:
            return self._one_by_one(workspace, jobs)
        except Exception as problem:  # noqa: BLE001 - whoever waits is told, and the thread goes on
            return problem
        if done.gone:  # which of them, only the store can tell; the others are repeated, and left alone
            return self._one_by_one(workspace, jobs)
        self._written(items)
        for job in jobs:
            job.done.set_result(None)
        return None

    def _one_by_one(self, workspace: Workspace, jobs: list[_Job]) -> Exception | None:
        for job in jobs:
            try:
                gone = workspace.store.append(job.items).gone
            except HistoryError as problem:
                job.done.set_exception(problem)
            except Exception as problem:  # noqa: BLE001 - as above
                return problem
            else:
                if gone:
                    job.done.set_exception(_gone())
                else:
                    self._written(job.items)
                    job.done.set_result(None)
        return None


def _make(jobs: Sequence[_Job]) -> None:
    """Make the items of those jobs that have events, once."""
    waiting = [job for job in jobs if job.events and not job.items]
    made = iter(event_items([event for job in waiting for event in job.events], fresh_salts))
    for job in waiting:
        job.items = [next(made) for _ in job.events]


def _fail(jobs: Sequence[_Job], problem: BaseException) -> None:
    for job in jobs:
        if not job.done.done():
            job.done.set_exception(problem)


def _gone() -> UsageError:
    return UsageError("what this is about was erased", remedy="nothing can be recorded of it any more")
