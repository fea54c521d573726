"""Whatever the moment at which the compaction of a release dies: the release is good, and the next call ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import in_memory, run_script


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


def test_killed_at_every_eighth_step(folder: Path) -> None:
    """All of them: ``compacted_kill.py at_every_step FOLDER 1 1``."""
    runs = folder / "runs"
    runs.mkdir()
    done = run_script(
        Path(__file__).with_name("compacted_kill.py"), "at_every_step", str(folder), "1", "8",
        settings={"TMPDIR": str(runs)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40
