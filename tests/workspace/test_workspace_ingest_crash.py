"""Whatever the moment at which an ingest dies: nothing acknowledged is lost, and the same logs again add the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a killed process loses nothing that it wrote, and a disk takes minutes."""
    memory = Path("/dev/shm")  # noqa: S108 — the folder in it is ours alone
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = TESTS / "workspace" / "ingest_kill.py"
    rooms = [str(TESTS / name) for name in ("vault", "ledger")]
    paths = os.pathsep.join([*rooms, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-W", "error", str(script), *arguments],
        capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip


def test_killed_at_every_step(folder: Path) -> None:
    done = run("at_every_step", str(folder))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_three_ingests_of_overlapping_logs_killed_at_any_moment(folder: Path) -> None:
    done = run("at_any_time", str(folder), "12", "5")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_three_ingests_of_one_log_at_once_store_each_record_once(folder: Path) -> None:
    done = run("at_once", str(folder))
    assert done.returncode == 0, done.stderr


def test_memory_does_not_grow_with_the_log(folder: Path) -> None:
    used = []
    for name, talks in (("small", 3_000), ("large", 30_000)):
        (folder / name).mkdir()
        done = run("memory", str(folder / name), str(talks))
        assert done.returncode == 0, done.stderr
        used.append(int(done.stdout))
    assert used[1] < used[0] + 60_000, used


def test_a_full_disk_is_told_and_nothing_half_is_left(folder: Path) -> None:
    done = run("with_little_room", str(folder))
    assert done.returncode == 3, done.stderr
    assert "make room" in done.stderr
    assert list((folder / "shop" / "vault" / "segments").iterdir()) == []
