"""Whatever the moment at which a writer dies: nothing acknowledged is lost, nothing is doubled, the log verifies."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from writer_kill import Workspace, items

from killing import in_memory, run_script
from troth.errors import LedgerError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_script(Path(__file__).with_name("writer_kill.py"), *arguments)


def test_killed_at_every_step_of_accepting_logging_and_cosigning(folder: Path) -> None:
    done = run("at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_killed_at_every_step_of_beginning(folder: Path) -> None:
    done = run("beginning_at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


def test_three_writers_killed_a_hundred_times_at_any_moment(folder: Path) -> None:
    done = run("at_any_time", str(folder), "110", "17")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 110


def test_a_full_disk_is_told_and_what_was_accepted_is_written_later(tmp_path: Path) -> None:
    done = run("with_little_room", str(tmp_path))
    assert done.returncode == 3, done.stderr
    assert "the file cannot be written: File too large — make room" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    workspace = Workspace(tmp_path / "full")
    assert workspace.sequence().mended == 300
    assert workspace.check(f"n{i}" for i in range(300)) == 300
    assert not list((tmp_path / "full" / "ledger" / ".new").iterdir())
    workspace.close()


class Trusting:
    """A store whose lock says yes to everybody."""

    def __init__(self, workspace: Workspace) -> None:
        self.store = workspace.store

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    @contextmanager
    def writer_lock(self) -> Iterator[bool]:
        yield True


@pytest.mark.parametrize("turn", range(4))
def test_of_two_writers_that_both_hold_the_lock_one_stops_and_the_log_stays_good(
    tmp_path: Path, turn: int
) -> None:
    first = Workspace(tmp_path)
    first.begin()
    stopped: list[str] = []
    acknowledged: list[str] = []
    ready = threading.Barrier(2)

    def write(who: str) -> None:
        workspace = Workspace(tmp_path)
        real = workspace.store
        workspace.store = Trusting(workspace)  # type: ignore[assignment]
        ready.wait()
        for number in range(200):
            if stopped:
                break
            names = [f"{turn}-{who}-{number}-{i}" for i in range(7)]
            real.append(items(names))
            acknowledged.extend(names)
            try:
                workspace.sequence()
            except LedgerError as problem:
                stopped.append(str(problem))
        real.close()

    writers = [threading.Thread(target=write, args=(who,)) for who in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert 1 <= len(stopped) <= 2
    assert all(" — " in told for told in stopped)
    first.sequence()
    assert first.check(acknowledged, tidy=False) == len(acknowledged)
    first.close()
