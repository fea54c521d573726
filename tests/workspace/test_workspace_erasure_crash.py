"""Whatever the moment at which an erasure dies: it is finished or was never begun, and the ledger tells which."""

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


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = TESTS / "workspace" / "erasure_kill.py"
    rooms = [str(TESTS / name) for name in ("workspace", "vault", "ledger")]
    paths = os.pathsep.join([*rooms, *filter(None, [os.environ.get("PYTHONPATH")])])
    runs = folder / "runs"
    runs.mkdir()
    settings = {
        **os.environ,
        "PYTHONPATH": paths,
        "TMPDIR": str(runs),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", str(script), arguments[0], str(folder), *arguments[1:]],
        capture_output=True, text=True, timeout=580, check=False, env=settings,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["erase", "retain"])
def test_killed_at_every_step(folder: Path, way: str) -> None:
    done = run(folder, "at_every_step", way, "1", "1")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_erasing_and_ingesting_at_once(folder: Path) -> None:
    done = run(folder, "at_once")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
