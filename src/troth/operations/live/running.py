"""A workspace in service: one writer, several readers, the ledger following, and the terms laid out for questions."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from troth.errors import TrothError
from troth.history.event import Event
from troth.operations.live.laid import TermsFiles
from troth.operations.live.own_notices import own_questions
from troth.operations.live.people import Person, read_person
from troth.operations.live.question import Deferral
from troth.operations.live.readers import Readers
from troth.operations.live.stamps import Stamps
from troth.operations.live.watch import Kept, Watch
from troth.operations.live.writer import Writer
from troth.operations.workspace.acts import terms_published
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.sequencing import follow
from troth.store.interface import Item
from troth.terms.model import Terms
from troth.types.moment import DAY, Moment, Period

T = TypeVar("T")
READERS = 4
ONE_DAY_THRICE = Deferral(3, Period(0, DAY))
LOOK = 1.0
"""Seconds between two looks at the files of the terms."""
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
    notices: Path | None = None
    """A folder of the organisation's own questions; None: those that come with Troth, where there is one."""


class Live:
    """An open service. Every method may be called from any thread."""

    def __init__(self, chosen: Chosen, clock: Callable[[], Moment], least: Moment, copies: Path) -> None:
        self.folder = chosen.folder
        self.options = chosen.options
        self._files = TermsFiles(chosen.terms, chosen.options, copies, own_questions(chosen.notices))
        self.laid = self._files.first()
        """The terms that are served now. Who needs more than one thing of them takes it once."""
        self.terms_refused: str | None = None
        """What keeps the terms, as their files are now, from being served; None where nothing does."""
        self.terms_heard: list[Callable[[str | None], None]] = []
        """Who is told, by a thread, that other terms are served, or why they are not."""
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
        self._look_now = threading.Event()
        self._threads = [
            threading.Thread(target=self._follow, name="troth-ledger", daemon=True),
            threading.Thread(target=self._watch_terms, name="troth-terms", daemon=True),
        ]

    @property
    def terms(self) -> Terms:
        """The terms that are served now."""
        return self.laid.terms

    @property
    def terms_name(self) -> str:
        """What operations take as their name: files that nobody changes while the service runs."""
        return self.laid.source

    def start(self) -> None:
        """Let the ledger follow, say in it which terms are served, and look after their files."""
        self._writer.submit([terms_published(self.terms)]).result()
        for thread in self._threads:
            thread.start()

    def look_at_terms(self) -> None:
        """Look at the files of the terms soon, and not only when it is time to."""
        self._look_now.set()

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
        self._look_now.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

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

    def _watch_terms(self) -> None:
        while not self._stop.is_set():
            asked = self._look_now.wait(LOOK)
            self._look_now.clear()
            try:
                if not self._stop.is_set() and (asked or self._files.have_changed()):
                    self._take_up()
            except Exception as problem:  # noqa: BLE001 - what is served stays, and everybody is told
                self._tell_of_terms(
                    str(problem) if isinstance(problem, TrothError) else type(problem).__name__
                )

    def _take_up(self) -> None:
        """Serve the terms as their files are now, once the ledger's store has them. Raises where they cannot be served."""
        laid = self._files.again(self.laid, self.stamps.now())
        if laid is not None:
            self._writer.submit([terms_published(laid.terms)]).result()
            self.laid = laid
            self.watch.forget_answers()
        if laid is not None or self.terms_refused is not None:
            self._tell_of_terms(None)

    def _tell_of_terms(self, refused: str | None) -> None:
        self.terms_refused = refused
        for hear in self.terms_heard:
            hear(refused)


@contextmanager
def live(chosen: Chosen, clock: Callable[[], Moment] = now) -> Iterator[Live]:
    """Open a workspace for service. ``clock`` tells microseconds (UTC).

    Raises the errors of terms, and ``StoreError``, ``VaultError`` and ``LedgerError`` where it cannot be served.
    """
    with opened(chosen.folder) as workspace:
        head = workspace.store.head()
    with tempfile.TemporaryDirectory(prefix="troth-terms-") as copies:
        found = Live(chosen, clock, 0 if head is None else head.at, Path(copies))
        try:
            found.start()
            yield found
        finally:
            found.close()
