"""What is kept in memory of people, and never older than the store: whoever wrote what, it bites with the next question."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from troth.operations.live.people import Person
from troth.operations.workspace.opened import Workspace
from troth.store.interface import Store
from troth.store.news import Seen
from troth.store.subjects import Subject
from troth.types.moment import Moment

MOST_KEPT = 20_000
"""People who are kept: some 4 KB each."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer about a person that stays the same until a moment, unless something is recorded before."""

    until: Moment
    answer: Any


@dataclass(slots=True)
class Kept:
    """A person in memory."""

    person: Person
    marks: tuple[bytes, ...]
    answers: dict[Hashable, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody began to read a person: what was recorded since makes what they read too old to be kept."""

    mark: bytes
    looks: int


class Watch:
    """People by account. `look` is called by one thread, with a workspace of its own; everything else by any."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._whose: dict[bytes, set[str]] = {}
        self._reading: dict[bytes, int] = {}
        self._looks = 0
        self._seen: Seen | None = None
        self._stamp: object = None
        self._root = 0
        self._lock = threading.Lock()

    def look(self, workspace: Workspace) -> None:
        """Forget whoever something was recorded or erased of since the last look. Raises ``StoreError``, ``VaultError``."""
        file = workspace.keyring.file
        stamp = workspace.store.stamp()
        keys = file.rows("PRAGMA data_version")
        if stamp is not None and (stamp, keys) == self._stamp:
            return
        news = workspace.store.news(self._seen, time.monotonic())
        root = file.state().root
        with self._lock:
            if news.everything or root != self._root:
                self._forget_all()
            elif news.about:
                self._forget(news.about)
        self._seen, self._stamp, self._root = news.seen, (stamp, keys), root

    def find(self, account: str) -> Kept | None:
        """A person in memory."""
        return self._kept.get(account)

    def forget_answers(self) -> None:
        """Forget everybody, with the answers that are kept: what these rest on besides people is another thing now."""
        with self._lock:
            self._forget_all()

    def begin(self, store: Store, account: str) -> Reading:
        """Say that a person is about to be read from the store."""
        mark = store.mark(Subject("account", account))
        with self._lock:
            self._reading[mark] = self._reading.get(mark, 0) + 1
            return Reading(mark, self._looks)

    def end(self, store: Store, reading: Reading, person: Person | None) -> Kept | None:
        """Keep what was read, unless something was recorded of it meanwhile; None where nothing was read."""
        marks = [reading.mark]
        if person is not None:
            marks += [store.mark(Subject("organisation", name)) for name in person.organisations]
        with self._lock:
            fresh = reading.mark in self._reading
            self._done(reading.mark)
            if person is None:
                return None
            kept = Kept(person, tuple(marks))
            if fresh and (len(marks) == 1 or reading.looks == self._looks):
                self._keep(kept)
            return kept

    def _done(self, mark: bytes) -> None:
        left = self._reading.pop(mark, 0) - 1
        if left > 0:
            self._reading[mark] = left

    def _keep(self, kept: Kept) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._drop(next(iter(self._kept)))
        name = kept.person.account
        if name in self._kept:
            self._drop(name)
        self._kept[name] = kept
        for mark in kept.marks:
            self._whose.setdefault(mark, set()).add(name)

    def _forget(self, marks: Iterable[bytes]) -> None:
        self._looks += 1
        for mark in marks:
            self._reading.pop(mark, None)
            for name in list(self._whose.get(mark, ())):
                self._drop(name)

    def _forget_all(self) -> None:
        self._looks += 1
        self._kept.clear()
        self._whose.clear()
        self._reading.clear()

    def _drop(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        for mark in kept.marks if kept is not None else ():
            names = self._whose.get(mark)
            if names is not None:
                names.discard(name)
                if not names:
                    del self._whose[mark]
