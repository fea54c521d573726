"""Whatever the moment at which an erasure dies, alone or with the power: it is finished or was never begun, and the ledger tells.

Some of the steps are tried here. All of them: ``TROTH_EVERY_STEP=1 pytest`` with this file, half an hour.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kill_at_steps import steps_tried
from killing import in_memory, run_script


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


def run(folder: Path, work: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    runs = folder / "runs"
    runs.mkdir()
    settings = {"TMPDIR": str(runs), "XDG_STATE_HOME": str(folder / "state")}
    return run_script(
        Path(__file__).with_name("erasure_kill.py"), work, str(folder), *arguments, settings=settings
    )


@pytest.mark.parametrize(
    ("way", "runs"),
    [
        ("erase", ("killed:3:29", "cut:11:53", "torn:37:71")),
        ("retain", ("killed:5:37", "cut:29:97", "torn:7:83")),
    ],
)
def test_ended_at_one_step_after_the_other(folder: Path, way: str, runs: tuple[str, ...]) -> None:
    done = run(folder, "at_every_step", way, *steps_tried(runs))
    assert done.returncode == 0, done.stderr
    assert min(map(int, done.stdout.split())) > 2


def test_erasing_and_ingesting_at_once(folder: Path) -> None:
    done = run(folder, "at_once")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_erasing_and_ingesting_at_once_and_killed_at_any_moment(folder: Path) -> None:
    done = run(folder, "at_any_time", "5", "7")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert int(done.stdout) > 0
