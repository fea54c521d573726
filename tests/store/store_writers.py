"""Processes that use one store at the same time."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from store_worlds import NOON, act, batch, choice, choices, head, items, open_world

from killing import CLEAN
from troth.errors import HistoryError, LedgerError, StoreError
from troth.store.interface import Store
from troth.store.salts import fresh_salts

Work = Callable[[Store, int], Any]


def at_once(url: str, folder: Path, work: Work, many: int) -> list[Any]:
    """What each of some processes returns from its work; all begin it at the same moment."""
    barrier, answers = CLEAN.Barrier(many), CLEAN.SimpleQueue()
    processes = [
        CLEAN.Process(target=_work, args=(url, folder, work, number, barrier, answers))
        for number in range(many)
    ]
    for process in processes:
        process.start()
    found = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    return [answer for _, answer in sorted(found, key=lambda pair: pair[0])]


def _work(url: str, folder: Path, work: Work, number: int, barrier: Any, answers: Any) -> None:
    try:
        barrier.wait()
        with open_world(url, folder) as store:
            answers.put((number, work(store, number)))
    except Exception as problem:  # noqa: BLE001 - the test asks what it was
        answers.put((number, repr(problem)))


def append_own(store: Store, number: int) -> tuple[int, int]:
    """Append events of one's own, one by one and in batches."""
    new = 0
    for start in range(0, 120, 12):
        first = number * 1000 + start
        new += store.append(choices([first])).new
        new += store.append(choices(range(first + 1, first + 12))).new
    return new, len(store.pending(100_000))


def append_shared(store: Store, number: int) -> tuple[int, int]:
    """Append the same events as everybody, each in another order."""
    new = repeated = 0
    for step in range(8):
        first = (step + 3 * number) % 8 * 250
        numbers = list(range(first, first + 250))
        done = store.append(choices(numbers[:: -1 if number % 2 else 1]))
        new, repeated = new + done.new, repeated + done.repeated
    return new, repeated


def append_clashing(store: Store, number: int) -> str:
    """Append an event whose id everybody uses for something else, among events of one's own."""
    own = [choice(number * 100 + n + 1) for n in range(9)]
    try:
        store.append(items(*own[:5], choice(0, account=f"account {number}"), *own[5:]))
    except HistoryError:
        return "refused"
    return "accepted"


def assign_first(store: Store, number: int) -> str:
    """Move the ledger on from its beginning."""
    rows = store.pending(5 + number)
    try:
        store.assign([row.seq for row in rows], 0, NOON, head(0), head(len(rows), mark=number))
    except LedgerError as problem:
        return "another writer" if "another writer" in str(problem) else repr(problem)
    return "assigned"


def take_in(store: Store, number: int) -> int:
    """Take in the same conversations as everybody, and some of one's own."""
    names = [f"c{n}" for n in range(500)][:: -1 if number % 2 else 1]
    return store.intake([(name, f"{number}") for name in [*names, f"own {number}"]], fresh_salts, batch)


def make_lineage(store: Store, number: int) -> None:
    """Record the same artefacts and releases as everybody."""
    for made in range(20):
        store.add_lineage(act("lineage", f"weights {made}"), f"weights {made}", ["release"])
        store.add_release(act("release", f"{made}"), f"manifest {made}", "folder")


def hold_lock(store: Store, number: int) -> bool:
    """Try for the writer's lock, and keep it for a moment."""
    with store.writer_lock() as held:
        time.sleep(0.5)
        return held


def append_until_full(store: Store, number: int) -> tuple[int, str]:
    """Append while files may grow to 300 kB only; how many events were acknowledged, and what was told then."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    acknowledged = 0
    try:
        for first in range(10, 10_000, 10):
            acknowledged += store.append(choices(range(first, first + 10))).new
    except StoreError as problem:
        return acknowledged, str(problem)
    return acknowledged, "nothing"


@contextmanager
def holder(url: str, folder: Path) -> Iterator[BaseProcess]:
    """A process that holds the writer's lock until it is killed."""
    ready, ours = CLEAN.Pipe()
    process = CLEAN.Process(target=_hold_for_ever, args=(url, folder, ours))
    process.start()
    assert ready.recv() is True
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _hold_for_ever(url: str, folder: Path, told: Any) -> None:
    with open_world(url, folder) as store, store.writer_lock() as held:
        told.send(held)
        signal.pause()


def kill(process: BaseProcess) -> None:
    """kill -9."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
