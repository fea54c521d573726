"""Compactions that are killed: at the n-th step, or at any time beside others. Run by `test_vault_segments_crash`."""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from segment_worlds import Safe, in_order, safe, talks

from killing import Steps, forked, in_a_child
from troth.vault.segments import vault as vault_module
from troth.vault.segments.cut import cut

TALKS, ERASED, PIECE = 12, ("talk-1", "talk-2", "talk-6", "talk-7", "talk-11"), 4


def small_segments() -> None:
    vault_module.cut = functools.partial(cut, most=PIECE)  # type: ignore[assignment]


def made(folder: Path) -> list[dict[str, Any]]:
    """A vault with dead rows: in some segments one conversation, in one both, in some none. What can be read of it."""
    with safe(folder) as ours:
        ours.vault.add([talks(TALKS)])
        ours.erase(*ERASED)
        return ours.rows()


def check(folder: Path, wanted: list[dict[str, Any]], told: int = 0) -> None:
    """Before anything is mended, and after it: every living row is read, once. Then a compaction ends what was begun."""
    with safe(folder, make=False) as ours:
        assert ours.rows() == wanted, "lost or doubled"
        noted = _noted(ours)
        assert len(noted) >= told, "a note is lost"
        again = ours.vault.add([talks(TALKS)])
        assert (again.new, again.repeated, again.gone) == (0, len(wanted), 2 * len(ERASED)), (
            "something came back"
        )
        ours.compact()
        assert ours.rows() == wanted
        assert {row["conversation"] for row in ours.lying()}.isdisjoint(ERASED), "a dead row lies there"
        assert len(ours.lying()) == len(wanted)
        assert sum(one.removed for one in _noted(ours)) == 2 * len(ERASED), (
            "what was removed is not noted, or twice"
        )
        assert ours.compact().waiting == 0
        with ours.vault.plain_files() as files:
            left = sorted((folder / "segments").iterdir())
            assert left == files, "leftovers"


def _noted(ours: Safe) -> list[Any]:
    with ours.vault.compacting() as compaction:
        return compaction.rewritings(1_000)


def at_every_step(place: str) -> None:
    """Kill at the first step, at the second, … until all is done without; check after each. Prints the number."""
    folder = Path(place)
    small_segments()
    wanted = made(folder / "base")
    step, status = 0, -1
    while status:
        step += 1
        copy = folder / f"step{step}"
        shutil.copytree(folder / "base", copy)

        def killed(step: int = step, copy: Path = copy) -> None:
            Steps(step).watch()
            with safe(copy, make=False) as ours:
                ours.compact()

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(copy, wanted)
        shutil.rmtree(copy)
    sys.stdout.write(f"{step - 1}\n")


def finishing_at_every_step(place: str) -> None:
    """The same for an opening that removes what a compaction had to leave."""
    folder = Path(place)
    small_segments()
    wanted = made(folder / "base")
    with safe(folder / "base", make=False) as ours:
        reading = ours.vault.records()
        assert ours.compact().waiting > 0
        reading.close()
        shutil.copytree(folder / "base", folder / "left")
    step, status = 0, -1
    while status:
        step += 1
        copy = folder / f"step{step}"
        shutil.copytree(folder / "left", copy)

        def killed(step: int = step, copy: Path = copy) -> None:
            Steps(step).watch()
            with safe(copy, make=False):
                pass

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(copy, wanted, told=1)
        shutil.rmtree(copy)
    sys.stdout.write(f"{step - 1}\n")


def at_any_time(place: str, rounds: str, seed: str) -> None:
    """One process compacts, one takes records in, one erases, one reads; all are killed, again and again on one vault."""
    folder, chosen = Path(place) / "vault", random.Random(seed)
    small_segments()
    with safe(folder) as ours:
        ours.vault.add([talks(30)])
    first = 30
    for number in range(int(rounds)):
        gone = [f"talk-{talk}" for talk in chosen.sample(range(first), 6)]
        works = [
            functools.partial(_compact, folder),
            functools.partial(_ingest, folder, first),
            functools.partial(_erase, folder, gone),
            functools.partial(_read, folder),
        ]
        children = [forked(work) for work in works]
        time.sleep(chosen.uniform(0.02, 0.3))
        for child in children:
            os.kill(child, signal.SIGKILL)
        found = [os.waitpid(child, 0)[1] for child in children]
        assert set(found) <= {0, signal.SIGKILL}, f"round {number}: {found}"
        first += 5
        _check_whole(folder, first)
    sys.stdout.write(f"{first}\n")


def _check_whole(folder: Path, talks_so_far: int) -> None:
    """All that was ever taken in is there, or its key is gone; and what is read is what lies there and lives."""
    whole = talks(talks_so_far)
    with safe(folder, make=False) as ours:
        before = ours.rows()
        assert len({row["record"] for row in before}) == len(before), "doubled"
        ours.vault.add([whole])
        names = {name: name in set(ours.vault.living([name])) for name in _names(talks_so_far)}
        wanted = [row for row in in_order([whole]) if names[row["conversation"]]]
        after = ours.rows()
        assert [row["record"] for row in after] == [row["record"] for row in wanted]
        ours.compact()
        assert ours.rows() == after
        assert len(ours.lying()) == len(after)


def _names(talks_so_far: int) -> list[str]:
    return [f"talk-{talk}" for talk in range(talks_so_far)]


def _compact(folder: Path) -> None:
    with safe(folder, make=False) as ours:
        while True:
            ours.compact()


def _ingest(folder: Path, first: int) -> None:
    with safe(folder, make=False) as ours:
        for talk in range(first, first + 5):
            ours.vault.add([talks(1, first=talk)])


def _erase(folder: Path, names: list[str]) -> None:
    with safe(folder, make=False) as ours:
        for name in names:
            ours.erase(name)
            time.sleep(0.01)


def _read(folder: Path) -> None:
    """Whatever others do, a reading finds every file that it has listed."""
    with safe(folder, make=False) as ours:
        while True:
            assert not ours.vault.records().damaged
            ours.rows()
            with closing(ours.again()) as other, other.plain_files() as files:
                if files:
                    pq.read_table(files, columns=["record"])


def large(place: str, conversations: str) -> None:
    """A vault of so many conversations of 20 kB, some of them erased; print the size of its segments."""
    with safe(Path(place) / "vault") as ours:
        for first in range(0, int(conversations), 1_000):
            ours.vault.add([talks(1_000, turns=2, size=10_000, first=first)])
        ours.erase("talk-0", "talk-5", f"talk-{int(conversations) - 1}")
        sys.stdout.write(f"{sum(file.stat().st_size for file in ours.files())}\n")


def memory(place: str) -> None:
    """Compact it; print by how many bytes the most that was used grew, and the seconds."""
    with safe(Path(place) / "vault", make=False) as ours:
        before, started = _status("VmHWM"), time.perf_counter()
        assert ours.compact().removed == 6
        sys.stdout.write(f"{_status('VmHWM') - before} {time.perf_counter() - started:.2f}\n")


def _status(name: str) -> int:
    """Bytes, as Linux tells them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"this system does not tell {name}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
