"""Threads that each have the workspace open, and answer questions to it one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from queue import Full, Queue
from typing import Any, TypeVar

from troth.errors import LedgerError, StoreError, TrothError, VaultError
from troth.operations.workspace.opened import Workspace, opened

T = TypeVar("T")
LONGEST_QUEUE = 2_000
"""Questions that wait at most; more are refused, so that nobody waits for what is given up long before."""

_Call = Callable[[Workspace], Any]
_Job = tuple[_Call, "Future[Any]"]


class Readers:
    """A bounded number of threads. A workspace that failed is opened again for the next question."""

    def __init__(self, folder: Path, count: int, name: str = "troth-reader") -> None:
        self._folder = folder
        self._queue: Queue[_Job | None] = Queue(LONGEST_QUEUE)
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, call: Callable[[Workspace], T]) -> Future[T]:
        """Have a thread call something with its workspace. Raises `StoreError` where too many wait already."""
        answer: Future[T] = Future()
        try:
            self._queue.put_nowait((call, answer))
        except Full:
            raise StoreError("too many questions wait for the workspace", remedy="ask again later") from None
        return answer

    def close(self) -> None:
        """Answer what waits, and end."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        job = self._queue.get()
        while job is not None:
            job = self._with_workspace(job)

    def _with_workspace(self, job: _Job | None) -> _Job | None:
        """Answer with one opened workspace until it fails, or the end; give the next question, if there is one."""
        used = False
        try:
            with opened(self._folder) as workspace:
                while job is not None:
                    if not answer(job[1], partial(job[0], workspace), again=used):
                        # What has been open for a while may be cut off from its database: ask a fresh one.
                        return job if used else self._queue.get()
                    used = True
                    job = self._queue.get()
                return None
        except TrothError as problem:
            if job is not None and not job[1].done():
                job[1].set_exception(problem)
            return self._queue.get()


def answer(future: Future[Any], call: Callable[[], Any], *, again: bool) -> bool:
    """Give a future its answer; False where what was asked may be broken, and is to be opened again.

    With ``again`` the future gets no answer then: it is asked once more.
    """
    if not future.running() and not future.set_running_or_notify_cancel():
        return True
    try:
        found = call()
    except (StoreError, VaultError, LedgerError) as problem:
        if not again:
            future.set_exception(problem)
        return False
    except BaseException as problem:  # noqa: BLE001 - whoever asked is told, whatever it is
        future.set_exception(problem)
        return True
    future.set_result(found)
    return True
