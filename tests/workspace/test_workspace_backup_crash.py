"""Whatever the moment at which a backup or a restore dies: there is a whole backup, and nothing is served too early."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from killing import run_script


@pytest.mark.parametrize(
    ("what", "stride", "steps"), [("backing_up", 9, 40), ("restoring", 13, 100), ("finishing", 17, 100)]
)
def test_killed_at_every_few_steps(place: Path, what: str, stride: int, steps: int) -> None:
    done = run_script(Path(__file__).with_name("backup_kill.py"), what, str(place), str(stride))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > steps


def test_with_the_root_on_a_token(place: Path) -> None:
    sys.path.append(str(Path(__file__).parents[1] / "vault"))
    from keeper_worlds import softhsm  # of the vault's tests

    with softhsm(place / "hsm") as world:
        script = Path(__file__).with_name("backup_kill.py")
        arguments = ("with_a_token", str(place), world.choice.module, world.choice.token)
        done = run_script(script, *arguments, settings={**os.environ, **world.environ})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "restored\n"
