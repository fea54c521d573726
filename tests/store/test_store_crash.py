"""kill -9 at every step in which SQLite changes a file, and at random times (``crash_driver.py``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("crash_driver.py")


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where that can be had: a killed process leaves the same there, and it is not waited for disks."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    made = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None, prefix="troth-crash-"))
    yield made
    shutil.rmtree(made)


def drive(*arguments: str) -> str:
    told = subprocess.run(
        [sys.executable, str(DRIVER), *arguments], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


def test_a_process_killed_at_any_write_step_leaves_what_was_acknowledged_and_nothing_twice(
    folder: Path,
) -> None:
    killed = drive(str(folder), "steps")
    if killed == "cannot count":
        pytest.skip(
            "SQLite is built into this Python: its steps cannot be counted; use a Python that loads it"
        )
    assert int(killed) > 200


def test_a_process_killed_at_any_time_leaves_what_was_acknowledged_and_nothing_twice(folder: Path) -> None:
    assert drive(str(folder), "random", "100") == "100"
