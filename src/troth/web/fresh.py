"""What is kept in memory is looked over before every answer from it.

Nothing that was acknowledged, by whatever process, is missing from what is said after it.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

from troth.errors import TrothError
from troth.operations.live.readers import Readers
from troth.operations.live.watch import Watch
from troth.operations.workspace.opened import Workspace, opened


class Fresh:
    """Looks over a `Watch`. One event loop uses it, from `open` to `close`.

    SQLite tells within microseconds whether anybody has written, and is asked on the spot. PostgreSQL is asked over its
    connection by a thread: all who come while a look is under way share the next one.
    """

    def __init__(self, folder: Path, watch: Watch) -> None:
        self._folder = folder
        self._watch = watch
        self._stack = ExitStack()
        self._workspace: Workspace | None = None
        self._threads: Readers | None = None
        self._running: asyncio.Task[None] | None = None
        self._queued: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Open a workspace for the looks. Raises ``StoreError``, ``VaultError`` and ``LedgerError``."""
        self._workspace = self._stack.enter_context(opened(self._folder))
        if self._workspace.store.stamp() is None:
            self._stack.close()
            self._workspace = None
            self._threads = Readers(self._folder, 1, "troth-watch")

    async def look(self) -> None:
        """Look it over. Raises `StoreError` where the store cannot be asked."""
        if self._threads is None:
            self._on_the_spot()
            return
        if self._running is None:
            task = self._running = asyncio.create_task(self._in_thread(self._threads))
        elif self._queued is None:
            task = self._queued = asyncio.create_task(self._after(self._running, self._threads))
        else:
            task = self._queued
        await asyncio.shield(task)

    async def _after(self, before: asyncio.Task[None], threads: Readers) -> None:
        """A look that begins when the one under way has ended: it sees what was written before it was asked for."""
        await asyncio.wait([before])
        self._running, self._queued = asyncio.current_task(), None
        await self._in_thread(threads)

    async def _in_thread(self, threads: Readers) -> None:
        try:
            await asyncio.wrap_future(threads.submit(self._watch.look))
        finally:
            self._running = None

    def close(self) -> None:
        """Close it."""
        self._stack.close()
        if self._threads is not None:
            self._threads.close()

    def _on_the_spot(self) -> None:
        try:
            if self._workspace is None:
                self._workspace = self._stack.enter_context(opened(self._folder))
            self._watch.look(self._workspace)
        except TrothError:
            self._workspace = None
            self._stack.close()
            raise
