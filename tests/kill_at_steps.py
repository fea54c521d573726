"""One piece of work on a copy of a folder, ended at its n-th step in one of three ways; what it leaves is checked.

``killed``: the process dies, and all that it wrote is there. ``cut``: with the power, and nothing is there that was not
synced. ``torn``: with the power, and of what was not synced some files and names are there, and some are not.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlite_steps

from killing import Steps, in_a_child
from power_cut import Cut


def steps_tried(runs: Sequence[str]) -> list[str]:
    """Some of the steps as they are told (``cut:1:10``), or every step where ``TROTH_EVERY_STEP`` is set.

    Where SQLite is built into Python nobody hears of what it syncs: then the process is killed, and no power cut.
    """
    told = [run.split(":") for run in runs]
    ways = [how if sqlite_steps.can_count() else "killed" for how, _, _ in told]
    every = "TROTH_EVERY_STEP" in os.environ
    return [
        f"{how}:1:1" if every else ":".join((how, *rest)) for how, (_, *rest) in zip(ways, told, strict=True)
    ]


def at_steps(
    folder: Path,
    work: Callable[[Path], None],
    check: Callable[[Path, bool], None],
    how: str,
    steps: range,
) -> int:
    """Do the work on copies of ``folder / "base"``; give how many were ended. ``check`` is told whether the work was done.

    ``steps`` are tried until the work comes to its end before the step; then the power is cut after it, too.
    """
    for count, step in enumerate(steps):
        copy, done = folder / "copy", folder / "done"
        done.unlink(missing_ok=True)
        shutil.copytree(folder / "base", copy)
        os.environ["XDG_STATE_HOME"] = str(copy / "state")
        status = in_a_child(lambda step=step: _do(step, folder, work, how))  # type: ignore[misc]
        assert status in (0, signal.SIGKILL), (step, status)
        if how != "killed":
            shutil.rmtree(copy)
            (folder / "image").rename(copy)
        try:
            check(copy, done.exists())
        except BaseException as problem:
            problem.add_note(f"{how} at step {step}")
            raise
        shutil.rmtree(copy)
        if done.exists():
            return count
    return len(steps)


def _do(step: int, folder: Path, work: Callable[[Path], None], how: str) -> None:
    copy = folder / "copy"
    if how == "killed":
        steps = Steps(step)
    else:
        steps = Cut(step, copy, folder / "image", random.Random(step) if how == "torn" else None)
    steps.watch()
    work(copy)
    steps.left = 1 << 60
    (folder / "done").touch()
    if how != "killed":
        steps.end()
