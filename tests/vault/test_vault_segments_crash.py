"""Whatever the moment at which a compaction dies: what lives is read, each once, and what is dead goes with the next.

And what one needs of memory, for which it has to be a process of its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import in_memory, run_script


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_script(Path(__file__).with_name("compaction_kill.py"), *arguments)


def test_killed_at_every_step_of_a_compaction(folder: Path) -> None:
    done = run("at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_killed_at_every_step_of_removing_what_readers_had_held(folder: Path) -> None:
    done = run("finishing_at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


def test_compacting_ingesting_erasing_and_reading_at_once_killed_at_any_moment(folder: Path) -> None:
    done = run("at_any_time", str(folder), "8", "3")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_memory_does_not_grow_with_the_segments(folder: Path) -> None:
    sizes, grown = [], []
    for conversations in ("1000", "5000"):
        place = folder / conversations
        place.mkdir()
        sizes.append(int(run("large", str(place), conversations).stdout))
        done = run("memory", str(place))
        assert done.returncode == 0, done.stderr
        grown.append(int(done.stdout.split()[0]))
    assert sizes[1] > sizes[0] + (90 << 20)
    assert grown[1] < grown[0] + (30 << 20), grown
