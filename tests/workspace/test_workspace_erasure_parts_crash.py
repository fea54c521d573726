"""Whatever the moment at which the destruction of a part dies, alone or with the power: what stays is there, once.

Some of the steps are tried here. All of them: ``TROTH_EVERY_STEP=1 pytest`` with this file.
"""

from __future__ import annotations

from pathlib import Path

from kill_at_steps import steps_tried
from killing import in_memory, run_script


def test_ended_at_one_step_after_the_other(tmp_path: Path) -> None:
    with in_memory(tmp_path) as folder:
        (folder / "runs").mkdir()
        settings = {"TMPDIR": str(folder / "runs"), "XDG_STATE_HOME": str(folder / "state")}
        script = Path(__file__).with_name("parts_kill.py")
        runs = steps_tried(("killed:7:53", "cut:19:97", "torn:43:131"))
        done = run_script(script, "at_every_step", str(folder), *runs, settings=settings)
    assert done.returncode == 0, done.stderr
    assert min(map(int, done.stdout.split())) > 1
