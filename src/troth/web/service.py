"""A running service: the workspace in service, the tables, who may, and what is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from troth.history.event import Event
from troth.operations.live.people import Person
from troth.operations.live.running import Live, live
from troth.operations.live.watch import Kept
from troth.operations.workspace.opened import Workspace, now
from troth.operations.workspace.settings import read_settings
from troth.store.interface import Item
from troth.types.moment import Moment
from troth.web.access.keys import KeyRing
from troth.web.access.limits import Limits
from troth.web.access.secret import Secret, open_secret
from troth.web.fresh import Fresh
from troth.web.hooks.sender import Sender
from troth.web.layouts import Layouts
from troth.web.logs import log_terms
from troth.web.metrics import Metrics
from troth.web.settings import ServiceSettings
from troth.web.tables.blocks import KeptBlocks
from troth.web.tables.open import Tables, open_tables
from troth.web.waiting import Waiting
from troth.web.work.runner import Runner

T = TypeVar("T")


class Service:
    """All that an endpoint needs. Its coroutines belong to one event loop."""

    def __init__(self, settings: ServiceSettings, work: Live, tables: Tables, secret: Secret) -> None:
        self.settings = settings
        self.live = work
        self.tables = tables
        self.secret = secret
        self.layouts = Layouts(settings.style)
        self.blocks = KeptBlocks(tables)
        self.keys = KeyRing(tables, secret)
        self.limits = Limits(settings.limits.burst, time.monotonic)
        self.metrics = Metrics()
        self.fresh = Fresh(work.folder, work.watch)
        self.runner = Runner(work, tables, secret)
        self.sender = Sender(work, tables, secret, settings.origin)
        self._waiting = Waiting()
        self.stopping = False
        work.heard.append(lambda items: self.metrics.durable(len(items)))
        work.terms_heard.append(lambda refused: log_terms(work.terms.digest, refused))

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self.live.folder

    def now(self) -> Moment:
        """The stamp of what happens now."""
        return self.live.stamps.now()

    async def read(self, call: Callable[[Workspace], T]) -> T:
        """Ask the workspace something, in a thread that has it open."""
        return await self._waiting.on(self.live.read(call))

    async def write(self, items: Sequence[Item]) -> None:
        """Make items durable."""
        await self._waiting.on(self.live.write(items))

    async def record(self, *events: Event) -> None:
        """Make events durable."""
        await self._waiting.on(self.live.record(events))

    async def person(self, account: str) -> Kept:
        """A person, as everything that was acknowledged until now has them."""
        await self.fresh.look()
        kept = self.live.watch.find(account)
        return kept if kept is not None else await self._waiting.on(self.live.person(account))

    async def told(self, account: str) -> Person:
        """The same, without the answers that are kept beside."""
        return (await self.person(account)).person

    async def table(self, call: Callable[..., T], *given: object) -> T:
        """Ask the tables something, in a thread: ``call(tables, *given)``."""
        return await anyio.to_thread.run_sync(call, self.tables, *given)

    async def apart(self, call: Callable[[], T]) -> T:
        """Do something that takes its time in a thread."""
        return await anyio.to_thread.run_sync(call)


@contextmanager
def open_service(
    folder: Path, settings: ServiceSettings, clock: Callable[[], Moment] = now
) -> Iterator[Service]:
    """Open a workspace and the tables beside it for service.

    Raises ``StoreError``, ``VaultError``, ``LedgerError`` and the errors of terms where it cannot be served.
    """
    secret = open_secret(folder)
    tables = open_tables(read_settings(folder).store, folder)
    try:
        with live(settings.chosen(folder), clock) as work:
            service = Service(settings, work, tables, secret)
            service.fresh.open()
            service.runner.start()
            service.sender.start()
            try:
                yield service
            finally:
                service.sender.close()
                service.runner.close()
                service.fresh.close()
    finally:
        tables.close()
