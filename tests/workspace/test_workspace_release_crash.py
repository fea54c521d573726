"""Whatever the moment at which a build, a read or an export dies: nothing plain is left of which the ledger does not tell.

Some of the steps are tried here. All of them: ``TROTH_EVERY_STEP=1 pytest`` with this file, twenty minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kill_at_steps import steps_tried
from killing import in_memory, run_script


@pytest.mark.parametrize(
    ("way", "runs"),
    [
        ("export", ("killed:2:19", "cut:13:59", "torn:31:67")),
        ("read", ("killed:1:17", "cut:5:41")),
        ("build", ("cut:23:131",)),
    ],
)
def test_ended_at_one_step_after_the_other(tmp_path: Path, way: str, runs: tuple[str, ...]) -> None:
    with in_memory(tmp_path) as folder:
        (folder / "runs").mkdir()
        done = run_script(
            Path(__file__).with_name("release_kill.py"),
            *("at_every_step", str(folder), way, *steps_tried(runs)),
            settings={"TMPDIR": str(folder / "runs")},
        )
    assert done.returncode == 0, done.stderr
    assert min(map(int, done.stdout.split())) > 0
