"""Processes that write to a keyring and are killed: at the n-th step, or at any time. Run by `test_keys_crash`."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from keys_worlds import World

from key_attacker import derivable
from killing import Steps, forked, in_a_child
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

FIRST = 600
"""Slots that are there before anything is killed."""


class Told:
    """What was acknowledged: one line of JSON each, in a file that is appended to as soon as a call has returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC)

    def note(self, what: str, **more: Any) -> None:
        os.write(self.descriptor, (json.dumps({"what": what, **more}) + "\n").encode())

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class Model:
    """What is known of every slot: its key, whether it is destroyed for certain, and whether it may be."""

    def __init__(self) -> None:
        self.keys: dict[int, bytes] = {}
        self.dead: set[int] = set()
        self.perhaps: set[int] = set()
        self.handles: dict[str, int] = {}

    def hear(self, told: Told) -> None:
        for line in told.lines():
            if line["what"] == "allotted":
                self.keys |= {int(slot): bytes.fromhex(key) for slot, key in line["keys"].items()}
            elif line["what"] == "asked":
                self.perhaps.update(line["slots"])
            elif line["what"] == "destroyed":
                self.dead.update(line["slots"])
            else:
                self.handles |= line["slots"]

    def check_files(self, world: World) -> None:
        """Before anything is mended: nobody who takes the machine now has a key whose destruction was acknowledged."""
        found = derivable(world.data(), world.roots())
        assert found.keys().isdisjoint(self.dead), "a destroyed key can be had"
        everything = b"".join(world.data())
        assert not any(self.keys[slot] in everything for slot in self.dead if slot in self.keys)

    def check_keyring(self, world: World) -> None:
        """After opening: nothing acknowledged is lost, and what is gone is gone from every file."""
        keyring = world.open()
        assert [len(one) for one in world.versions()] == [1] * world.keepers, "one root is left"
        slots = range(keyring.stats().slots)
        found = dict(zip(slots, keyring.keys(slots), strict=True))
        for slot, key in self.keys.items():
            allowed = (None,) if slot in self.dead else (None, key) if slot in self.perhaps else (key,)
            assert found[slot] in allowed, f"slot {slot}"
        gone = {slot for slot, key in found.items() if key is None}
        assert gone <= self.perhaps, "destroyed, and nobody had asked"
        assert keyring.stats().destroyed == len(gone)
        if self.handles:
            there = Handles(keyring, world.keys).slots("conversation", self.handles, make=False)
            assert there == self.handles, "a handle is lost"
        keyring.close()
        within_reach = derivable(world.data(), world.roots())
        assert within_reach.keys().isdisjoint(gone)
        assert within_reach.keys() >= found.keys() - gone
        self.dead |= gone
        self.keys |= {slot: key for slot, key in found.items() if key is not None}


def allot(keyring: Keyring, count: int, told: Told) -> None:
    slots = keyring.allot(count)
    keys = zip(slots, keyring.keys(slots), strict=True)
    told.note("allotted", keys={slot: (key or b"").hex() for slot, key in keys})


def destroy(keyring: Keyring, slots: list[int], told: Told) -> None:
    told.note("asked", slots=slots)
    keyring.destroy(slots)
    told.note("destroyed", slots=slots)


def some_days(world: World, told: Told) -> None:
    """What is done between two kills: slots in old and new pages, destructions in one page, in more, of a whole one."""
    keyring = world.open()
    allot(keyring, 300, told)
    destroy(keyring, [5, 6, 300], told)
    made = Handles(keyring, world.keys).slots("conversation", ["one", "two"], make=True)
    told.note("named", slots=made)
    destroy(keyring, [7, *range(256, 512)], told)
    allot(keyring, 1, told)
    keyring.close()


def at_every_step(place: str, keepers: str) -> None:
    """Kill at the first step, at the second, … until all is done without; check after each. Prints the number."""
    folder = Path(place)
    base = World(folder / "base", int(keepers)).create()
    with base.opened() as keyring:
        keyring.allot(FIRST)
        keys = dict(enumerate(keyring.keys(range(FIRST + 1))))
    step, status = 0, -1
    while status:
        step += 1
        world = World(folder / f"step{step}", int(keepers))
        shutil.copytree(base.folder, world.folder)
        told = Told(folder / "told")

        def work(step: int = step, world: World = world, told: Told = told) -> None:
            Steps(step).watch()
            some_days(world, told)

        status = in_a_child(work)
        assert status in (0, signal.SIGKILL), status
        model = Model()
        model.keys = {slot: key or b"" for slot, key in keys.items()}
        model.hear(told)
        model.check_files(world)
        model.check_keyring(world)
        os.close(told.descriptor)
        shutil.rmtree(world.folder)
    sys.stdout.write(f"{step - 1}\n")


def making_at_every_step(place: str, keepers: str) -> None:
    """The same for the making of a keyring: whoever makes it again gets one, unless it was made."""
    step, status = 0, -1
    while status:
        step += 1
        world = World(Path(place) / str(step), int(keepers))

        def work(step: int = step, world: World = world) -> None:
            Steps(step).watch()
            world.create()

        status = in_a_child(work)
        assert status in (0, signal.SIGKILL), status
        try:
            world.open().close()
        except Exception as problem:  # noqa: BLE001 — whatever it is, making it again must do
            assert status, problem  # noqa: PT017
            world.create()
        with world.opened() as keyring:
            assert keyring.allot(1) == range(1, 2)
            keyring.destroy([1])
        assert [len(one) for one in world.versions()] == [1] * world.keepers
    sys.stdout.write(f"{step - 1}\n")


def at_any_time(place: str, keepers: str, rounds: str, seed: str) -> None:
    """Two processes give out and destroy as fast as they can, and are killed; again and again on one keyring."""
    chosen = random.Random(seed)
    world = World(Path(place) / "world", int(keepers)).create()
    with world.opened() as keyring:
        keyring.allot(FIRST)
    model = Model()
    model.check_keyring(world)
    for number in range(int(rounds)):
        heard = [Told(Path(place) / f"told{who}") for who in range(2)]
        alive = sorted(model.keys.keys() - model.dead - {0})
        children = [_writer(world, told, alive, f"{number}-{who}") for who, told in enumerate(heard)]
        if number % 2:  # on a busy machine the others die before they have done anything
            wait_for(heard)
        time.sleep(chosen.uniform(0.005, 0.05))
        for child in children:
            os.kill(child, signal.SIGKILL)
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
        for told in heard:
            model.hear(told)
            os.close(told.descriptor)
        model.check_files(world)
        model.check_keyring(world)
    sys.stdout.write(f"{len(model.dead)}\n")


def wait_for(heard: list[Told]) -> None:
    end = time.monotonic() + 30
    while not any(told.path.stat().st_size for told in heard):
        assert time.monotonic() < end, "nothing is done"
        time.sleep(0.001)


def _writer(world: World, told: Told, alive: list[int], name: str) -> int:
    def work() -> None:
        chosen = random.Random(name)
        keyring = world.open()
        while True:
            if chosen.random() < 0.3:
                allot(keyring, chosen.choice([1, 2, 40]), told)
            else:
                destroy(keyring, chosen.sample(alive, chosen.choice([1, 1, 3, 8])), told)

    return forked(work)


if __name__ == "__main__":
    {
        "at_every_step": at_every_step,
        "making_at_every_step": making_at_every_step,
        "at_any_time": at_any_time,
    }[sys.argv[1]](*sys.argv[2:])
