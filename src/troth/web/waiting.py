"""Waiting, in an event loop, for what threads do: however many answers come together, the loop is woken once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Waiting:
    """The answers of threads that one event loop waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: list[tuple[asyncio.Future[Any], Future[Any]]] = []

    async def on(self, future: Future[T]) -> T:
        """What a thread answers. Raises what it raised."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(lambda done: self._tell(loop, mine, done))
        return await mine

    def _tell(self, loop: asyncio.AbstractEventLoop, mine: asyncio.Future[Any], done: Future[Any]) -> None:
        with self._lock:
            self._ready.append((mine, done))
            if len(self._ready) > 1:
                return  # the loop is woken already
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        with self._lock:
            ready, self._ready = self._ready, []
        for mine, done in ready:
            if mine.cancelled():
                continue
            problem = done.exception()
            if problem is None:
                mine.set_result(done.result())
            else:
                mine.set_exception(problem)
