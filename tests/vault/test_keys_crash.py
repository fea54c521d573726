"""Whatever the moment at which a process dies: nothing acknowledged is lost, and no destroyed key comes back."""

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
    return run_script(Path(__file__).with_name("keys_kill.py"), *arguments)


@pytest.mark.parametrize("keepers", [1, 2])
def test_killed_at_every_step_of_giving_out_and_destroying(folder: Path, keepers: int) -> None:
    done = run("at_every_step", str(folder), str(keepers))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


@pytest.mark.parametrize("keepers", [1, 2])
def test_killed_at_every_step_of_making_a_keyring(folder: Path, keepers: int) -> None:
    done = run("making_at_every_step", str(folder), str(keepers))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_two_processes_killed_a_hundred_times_at_any_moment(folder: Path) -> None:
    done = run("at_any_time", str(folder), "1", "100", "7")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
