"""Processes that ingest into a workspace and are killed, or ingest at once. Run by `test_workspace_ingest_crash`."""

from __future__ import annotations

import functools
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from segment_worlds import in_order
from writer_kill import Acknowledged

from kill_at_steps import at_steps
from killing import Steps, forked, in_a_child
from troth.errors import VaultError
from troth.operations.workspace import ingest as room
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.vault.segments.cut import cut

TALKS, PIECE = 6, 5


def small_pieces(most: int) -> None:
    room.cut = functools.partial(cut, most=most)  # type: ignore[assignment]


def write_log(path: Path, talks: Iterator[int] | range, size: int = 40) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for talk in talks:
            turns = [{"role": "user", "content": f"{talk}/{turn} ".ljust(size, "p")} for turn in range(2)]
            line = {"conversation_id": f"talk-{talk}", "account": f"account-{talk // 2}", "messages": turns}
            file.write(json.dumps(line) + "\n")
    return path


def work(workspace: Path, log: Path, acknowledged: Acknowledged | None = None) -> int:
    """Ingest; note how many records were acknowledged so far."""

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "ingest" and acknowledged is not None:
            acknowledged.note([str(done)])

    return ingest(workspace, [str(log)], progress=progress).added.new


def check(workspace: Path, records: int, acknowledged: int) -> None:
    """Nothing acknowledged is lost; the same log again adds the rest; each record is there once, and committed to."""
    with opened(workspace) as found:
        before = in_order(list(found.vault.records()))
        assert len(before) >= acknowledged, "lost"
    again = ingest(workspace, [str(workspace.parent / "log.jsonl")]).added
    assert (again.new, again.repeated) == (records - len(before), len(before))
    with opened(workspace) as found:
        after = in_order(list(found.vault.records()))
        names = sorted({row["conversation"] for row in after})
        assert len({row["record"] for row in after}) == len(after) == records
        assert sorted(found.store.commitments(names)) == names
        assert not found.store.pending(1)
        files = sorted(file.name for file in (workspace / "vault" / "segments").iterdir())
        with found.vault.plain_files() as known:
            assert files == [path.name for path in known], "leftovers"


def at_every_step(place: str) -> None:
    """Kill at the first step, at the second, … until all is done without; check after each. Prints the number."""
    folder = Path(place)
    small_pieces(PIECE)
    init_workspace(folder / "base" / "shop", "example.org/shop")
    write_log(folder / "base" / "log.jsonl", range(TALKS))
    step, status = 0, -1
    while status:
        step += 1
        copy = folder / f"step{step}"
        os.environ["XDG_STATE_HOME"] = str(copy / "state")
        shutil.copytree(folder / "base", copy)
        acknowledged = Acknowledged(copy / "acknowledged")

        def killed(step: int = step, copy: Path = copy, acknowledged: Acknowledged = acknowledged) -> None:
            Steps(step).watch()
            work(copy / "shop", copy / "log.jsonl", acknowledged)

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(copy / "shop", TALKS * 2, max(map(int, acknowledged.names()), default=0))
        os.close(acknowledged.descriptor)
        shutil.rmtree(copy)
    sys.stdout.write(f"{step - 1}\n")


def with_the_power(place: str, *runs: str) -> None:
    """The power is cut at one step after the other; what was acknowledged as a whole is all there. Prints how often.

    A run is what is left, the first step, and how many further the next is: ``cut:1:10``.
    """
    folder = Path(place)
    small_pieces(PIECE)
    os.environ["XDG_STATE_HOME"] = str(folder / "base" / "state")
    init_workspace(folder / "base" / "shop", "example.org/shop")
    write_log(folder / "base" / "log.jsonl", range(TALKS))
    for run in runs:
        how, first, stride = run.split(":")
        ended = at_steps(
            folder,
            lambda copy: ingest_whole(copy / "shop", copy / "log.jsonl"),
            lambda copy, done: check(copy / "shop", TALKS * 2, TALKS * 2 * done),
            how,
            range(int(first), 3_000, int(stride)),
        )
        sys.stdout.write(f"{ended}\n")


def ingest_whole(workspace: Path, log: Path) -> None:
    work(workspace, log)


def at_any_time(place: str, rounds: str, seed: str) -> None:
    """Three processes ingest parts of one log that overlap, and are killed; again and again on one workspace."""
    folder, chosen = Path(place), random.Random(seed)
    small_pieces(7)
    shop = folder / "shop"
    init_workspace(shop, "example.org/shop")
    talks = 40 * int(rounds)
    write_log(folder / "log.jsonl", range(talks))
    for number in range(int(rounds)):
        part = range(number * 40, number * 40 + 60)
        logs = [write_log(folder / f"{who}.jsonl", range(max(0, part.start - who * 10), min(part.stop, talks)))
                for who in range(3)]  # fmt: skip
        children = [forked(functools.partial(work, shop, log)) for log in logs]
        time.sleep(chosen.uniform(0.05, 0.5))
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    check(shop, talks * 2, 0)
    sys.stdout.write(f"{talks}\n")


def at_once(place: str) -> None:
    """Three processes ingest one log at the same time; what they stored, together, is told."""
    folder = Path(place)
    small_pieces(11)
    shop = folder / "shop"
    init_workspace(shop, "example.org/shop")
    log = write_log(folder / "log.jsonl", range(150))
    children = [forked(functools.partial(work, shop, log)) for _ in range(3)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    check(shop, 300, 300)


def with_little_room(place: str) -> None:
    """Ingest where the disk takes no file of more than 200 kB; end with the error."""
    folder = Path(place)
    small_pieces(100)
    init_workspace(folder / "shop", "example.org/shop")
    log = write_log(folder / "log.jsonl", range(100), 3_000)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        work(folder / "shop", log)
    except VaultError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(3)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
