"""Runs a store in processes that end in the middle of it, and checks what they leave.

``python crash_driver.py FOLDER steps`` ends one at every step of SQLite, once before it and once half way through;
``… random N`` ends N at random times. Says how many were ended, or what was found wrong.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlite_steps import Steps, can_count
from store_worlds import NOON, batch, choices, head

import troth.store.sqlite as engine
from troth.store import sqlite_marks
from troth.store.interface import Store
from troth.store.open import open_engine
from troth.store.salts import fresh_salts
from troth.store.tables import TableStore

SIZES = (1, 12, 1, 60, 3)
"""How many events the calls of append have."""


def small() -> None:
    """Make everything happen soon that otherwise happens after many events."""
    engine.CHECKPOINT_PAGES = 20
    sqlite_marks.TAIL, sqlite_marks.STRIDE, sqlite_marks.FULL_ROW, sqlite_marks.FEW = 64, 1, 8, 2


def numbers_of(call: int) -> range:
    return range(call * 1000, call * 1000 + SIZES[call % len(SIZES)])


def work(folder: Path, told: int, calls: int) -> None:
    """Append, log and take in; each thing is told as soon as it is acknowledged."""
    store = TableStore(open_engine("sqlite", folder))
    if store.head() is None:
        store.start(head(0))
    for call in range(calls):
        store.append(choices(numbers_of(call)))
        os.write(told, b"append %d\n" % call)
        if call % 3 == 1:
            log(store, told)
        if call % 4 == 2:
            store.intake([(f"c{call} {n}", "ada") for n in range(20)], fresh_salts, batch)
            os.write(told, b"intake %d\n" % call)
    store.close()


def log(store: Store, told: int) -> None:
    """Log what is pending."""
    old, rows = store.head(), store.pending(50)
    assert old is not None
    store.assign([row.seq for row in rows], old.size, NOON, old, head(old.size + len(rows)))
    os.write(told, b"logged %d\n" % (old.size + len(rows)))


def ended(folder: Path, do: Callable[[int], None], after: float | None = None) -> list[list[bytes]]:
    """What a process told before it ended: killed by itself, or by us after some seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        code = 1
        with contextlib.suppress(BaseException):
            do(writing)
            code = 0
        os._exit(code)
    os.close(writing)
    if after is not None:
        select.select([], [], [], after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the process failed in another way"
    return [line.split() for line in told.splitlines()]


def check(folder: Path, told: list[list[bytes]], calls: int) -> None:
    """What was acknowledged is there, each event once and each call whole; and the store goes on."""
    store = TableStore(open_engine("sqlite", folder))
    rows = list(store.opened(kinds=("choice",)))
    payloads = {row.payload for row in rows}
    assert len(payloads) == len(rows), "an event is there twice"
    for call in range(calls):
        expected = {item.payload for item in choices(numbers_of(call))}
        kept = len(expected & payloads)
        assert kept in (0, len(expected)), f"call {call} is there in part"
        acknowledged = [b"append", b"%d" % call] in told
        assert kept or not acknowledged, f"call {call} was acknowledged and is lost"
        done = store.append(choices(numbers_of(call)))
        assert (done.new, done.repeated) == ((0, len(expected)) if kept else (len(expected), 0)), (
            "not known again"
        )
    logged = max([int(number) for what, number in told if what == b"logged"], default=0)
    size = now.size if (now := store.head()) else 0
    entries = list(store.logged(0, 10_000))
    assert size == len(entries) >= logged, "the head does not fit the entries"
    for what, number in told:
        assert what != b"intake" or store.conversation(f"c{int(number)} 7") is not None, (
            "a conversation is lost"
        )
    waiting = len(store.pending(10_000))
    assert len({row.commitment for row in store.opened()}) == waiting + size, (
        "a row is neither pending nor logged"
    )
    store.close()
    connection = sqlite3.connect(folder / "store.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def every_step(folder: Path) -> Iterator[None]:
    """End a process at every step."""
    calls = len(SIZES)

    def counted(told: int) -> None:
        steps = Steps(None, torn=False)
        work(folder / "count", told, calls)
        os.write(told, b"steps %d\n" % steps.count)

    (folder / "count").mkdir()
    total = int(ended(folder, counted)[-1][1])
    for step in range(1, total + 1):
        for torn in (False, True):
            place = folder / f"{step}{'t' if torn else ''}"
            place.mkdir()

            def until(told: int, step: int = step, torn: bool = torn, place: Path = place) -> None:
                Steps(step, torn)
                work(place, told, calls)

            check(place, ended(place, until), calls)
            shutil.rmtree(place)
            yield


def random_times(folder: Path, many: int) -> Iterator[None]:
    """End processes at random times."""
    rng = random.Random(3)
    for number in range(many):
        place = folder / str(number)
        place.mkdir()
        told = ended(place, lambda told, place=place: work(place, told, 60), rng.uniform(0.002, 0.06))  # type: ignore[misc]
        check(place, told, 60)
        shutil.rmtree(place)
        yield


def main() -> None:
    """Run one of both."""
    folder, way = Path(sys.argv[1]), sys.argv[2]
    small()
    if way == "steps" and not can_count():
        sys.stdout.write("cannot count")
        return
    killed = every_step(folder) if way == "steps" else random_times(folder, int(sys.argv[3]))
    sys.stdout.write(str(sum(1 for _ in killed)))


if __name__ == "__main__":
    main()
