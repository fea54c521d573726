"""A keyring with a copy whose process is killed at every step; then its disk is lost. Run by `test_keys_copies`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from copied_worlds import CopiedWorld, same
from keys_kill import FIRST, Model, Told, some_days

from killing import Steps, in_a_child


def at_every_few_steps(place: str, keepers: str, stride: str) -> None:
    """After each kill: the copy opens with the roots that are left, and has all that was acknowledged."""
    folder = Path(place)
    base = CopiedWorld(folder / "base", int(keepers)).create()
    with base.opened() as keyring:
        keyring.allot(FIRST)
        keys = dict(enumerate(keyring.keys(range(FIRST + 1))))
    step, status = 0, -1
    while status:
        step += int(stride)
        world = CopiedWorld(folder / f"step{step}", int(keepers))
        shutil.copytree(base.folder, world.folder)
        told = Told(folder / "told")

        def work(step: int = step, world: CopiedWorld = world, told: Told = told) -> None:
            Steps(step).watch()
            some_days(world, told)

        status = in_a_child(work)
        assert status in (0, signal.SIGKILL), status
        lost = world.lost_disk(folder / f"lost{step}")
        for found in (lost, world):
            model = Model()
            model.keys = {slot: key or b"" for slot, key in keys.items()}
            model.hear(told)
            model.check_keyring(found)
        with world.opened() as keyring:
            keyring.copied()
        assert same(world)
        os.close(told.descriptor)
        shutil.rmtree(world.folder)
        shutil.rmtree(lost.folder)
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    at_every_few_steps(*sys.argv[1:])
