"""A workspace in service: one writer, several readers, the ledger following, and the terms laid out for questions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from troth.ask.shipped import shipped
from troth.errors import TrothError
from troth.history.event import Event
from troth.operations.live.notices import AskedNotices, Notices, every_notice
from troth.operations.live.people import Person, read_person
from troth.operations.live.question import Deferral
from troth.operations.live.readers import Readers
from troth.operations.live.stamps import Stamps
from troth.operations.live.standpoint import Standpoint
from troth.operations.live.watch import Kept, Watch
from troth.operations.live.writer import Writer
from troth.operations.workspace.acts import terms_published
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.sequencing import follow
from troth.store.interface import Item
from troth.terms.archive import load
from troth.types.moment import DAY, Moment, Period

T = TypeVar("T")
READERS = 4
ONE_DAY_THRICE = Deferral(3, Period(0, DAY))
AGAIN = 1.0
"""Seconds after which the ledger is tried again when it could not go on."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a service is told about a workspace."""

    folder: Path
    terms: str
    """A name, a file or a folder of versions, as everywhere."""
    options: Mapping[str, str] = field(default_factory=dict)
    deferral: Deferral = ONE_DAY_THRICE
    readers: int = READERS


class Live:
    """An open service. Every method may be called from any thread."""

    def __init__(self, chosen: Chosen, clock: Callable[[], Moment], least: Moment) -> None:
        self.folder = chosen.folder
        self.terms_name, self.options = chosen.terms, chosen.options
        self.terms = load(chosen.terms, chosen.options)
        self.standpoint = Standpoint(self.terms)
        self.notices: Notices = AskedNotices(self.terms, shipped())
        self.digests = frozenset(one.digest for one in every_notice(self.terms, self.notices))
        """Of every notice: those that a choice may name."""
        self.deferral = chosen.deferral
        self.stamps = Stamps(clock, least)
        self.watch = Watch()
        self.heard: list[Callable[[Sequence[Item]], None]] = []
        """Who is told, by the writer's thread, of everything that became durable."""
        self.trouble: str | None = None
        """What keeps the ledger from going on; None where nothing does."""
        self._stop = threading.Event()
        self._readers = Readers(chosen.folder, chosen.readers)
        self._writer = Writer(chosen.folder, self._tell)
        self._sequencer = threading.Thread(target=self._follow, name="troth-ledger", daemon=True)

    def start(self) -> None:
        """Let the ledger follow, and say in it which terms are served."""
        self._sequencer.start()
        self._writer.submit([terms_published(self.terms)]).result()

    def read(self, call: Callable[[Workspace], T]) -> Future[T]:
        """Ask the workspace something, in a thread that has it open."""
        return self._readers.submit(call)

    def write(self, items: Sequence[Item]) -> Future[None]:
        """Make items durable (`Writer.submit`)."""
        return self._writer.submit(items)

    def record(self, events: Sequence[Event]) -> Future[None]:
        """Make events durable."""
        return self._writer.submit(events=events)

    def person(self, account: str) -> Future[Kept]:
        """Read a person from the store, and keep them in memory."""
        return self.read(lambda workspace: self._read_person(workspace, account))

    def close(self) -> None:
        """Answer and write what waits, bring it into the ledger, and end."""
        self._writer.close()
        self._readers.close()
        self._stop.set()
        self._sequencer.join()

    def _read_person(self, workspace: Workspace, account: str) -> Kept:
        reading = self.watch.begin(workspace.store, account)
        person: Person | None = None
        kept: Kept | None = None
        try:
            person = read_person(workspace.store, account)
        finally:
            kept = self.watch.end(workspace.store, reading, person)
        return kept if kept is not None else Kept(Person(account), ())

    def _tell(self, items: Sequence[Item]) -> None:
        for hear in self.heard:
            hear(items)

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                for _ in follow(self.folder, self._stop):
                    self.trouble = None
            except Exception as problem:  # noqa: BLE001 - the ledger is tried again, and /ready tells until it goes on
                self.trouble = problem.what if isinstance(problem, TrothError) else type(problem).__name__
                self._stop.wait(AGAIN)


@contextmanager
def live(chosen: Chosen, clock: Callable[[], Moment] = now) -> Iterator[Live]:
    """Open a workspace for service. ``clock`` tells microseconds (UTC).

    Raises the errors of terms, and ``StoreError``, ``VaultError`` and ``LedgerError`` where it cannot be served.
    """
    with opened(chosen.folder) as workspace:
        head = workspace.store.head()
    found = Live(chosen, clock, 0 if head is None else head.at)
    try:
        found.start()
        yield found
    finally:
        found.close()
