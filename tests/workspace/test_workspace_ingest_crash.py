"""Whatever the moment at which an ingest dies: nothing acknowledged is lost, and the same logs again add the rest."""

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


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_script(Path(__file__).with_name("ingest_kill.py"), *arguments)


def test_killed_at_every_step(folder: Path) -> None:
    done = run("at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_the_power_is_cut_at_one_step_after_the_other(folder: Path) -> None:
    done = run("with_the_power", str(folder), *steps_tried(["cut:9:41", "torn:23:67"]))
    assert done.returncode == 0, done.stderr
    assert min(map(int, done.stdout.split())) > 2


def test_three_ingests_of_overlapping_logs_killed_at_any_moment(folder: Path) -> None:
    done = run("at_any_time", str(folder), "12", "5")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_three_ingests_of_one_log_at_once_store_each_record_once(folder: Path) -> None:
    done = run("at_once", str(folder))
    assert done.returncode == 0, done.stderr


def test_a_full_disk_is_told_and_nothing_half_is_left(folder: Path) -> None:
    done = run("with_little_room", str(folder))
    assert done.returncode == 3, done.stderr
    assert "make room" in done.stderr
    assert list((folder / "shop" / "vault" / "segments").iterdir()) == []
