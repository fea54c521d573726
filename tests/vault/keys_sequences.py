"""Random sequences of what can be done to a keyring, against a dictionary. ``python keys_sequences.py 10000`` runs many."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from keys_worlds import Breaking, World

from killing import in_memory
from troth.errors import VaultError
from troth.vault.keys.keyring import Keyring, open_keyring


class Sequence:
    """One keyring, and the dictionary that it must agree with: slot to key, None where it is destroyed."""

    def __init__(self, folder: Path, chosen: random.Random) -> None:
        self.chosen = chosen
        self.world = World(folder, keepers=chosen.choice([1, 1, 2])).create()
        self.keeper = Breaking(self.world.keeper())
        self.keyring = self.open()
        self.model: dict[int, bytes | None] = {0: self.keyring.keys([0])[0]}
        self.root = 1

    def open(self) -> Keyring:
        return open_keyring(self.world.keys, [self.keeper, *self.world.all_keepers()[1:]])

    def allot(self) -> None:
        count = self.chosen.choice([0, 1, 2, 255, 256, 257, self.chosen.randrange(900), 3000])
        slots = self.keyring.allot(count)
        assert slots == range(len(self.model), len(self.model) + count)
        self.model |= dict(zip(slots, self.keyring.keys(slots), strict=True))

    def some(self) -> list[int]:
        given = len(self.model)
        if given == 1 or self.chosen.random() < 0.05:
            return []
        if self.chosen.random() < 0.4:
            start = self.chosen.randrange(1, given)
            return list(range(start, min(given, start + self.chosen.choice([1, 40, 256, 700]))))
        return [self.chosen.randrange(1, given) for _ in range(self.chosen.choice([1, 2, 30, 200]))]

    def destroy(self) -> None:
        slots = self.some()
        alive = {slot for slot in slots if self.model[slot] is not None}
        done = self.keyring.destroy(slots)
        assert (done.count, done.already) == (len(alive), len(set(slots)) - len(alive))
        assert (done.old, done.new) == (self.root, self.root + bool(alive))
        assert len(done.evidence) == (self.world.keepers if done.new > 1 else 0)
        assert {one.version for one in done.evidence} <= {done.new - 1}
        self.root = done.new
        self.model |= dict.fromkeys(slots)

    def destroy_and_fail(self) -> None:
        """Where an old root was not destroyed the last time, that is done first, and may fail again."""
        slots, what = self.some(), self.chosen.choice(["make", "destroy"])
        alive = any(self.model[slot] is not None for slot in slots)
        again = what == "destroy" and len(self.keeper.versions()) > 1
        self.keeper.fails.add(what)
        try:
            self.keyring.destroy(slots)
        except VaultError:
            assert alive or again
        else:
            assert not alive
        self.keeper.fails.clear()
        if alive and what == "destroy" and not again:
            self.root += 1
            self.model |= dict.fromkeys(slots)
        if self.chosen.random() < 0.5:
            self.reopen()

    def reopen(self) -> None:
        self.keyring.close()
        self.keyring = self.open()
        assert self.world.versions() == [[self.root]] * self.world.keepers, (self.world.versions(), self.root)

    def read(self) -> None:
        wanted = [self.chosen.randrange(len(self.model)) for _ in range(self.chosen.choice([1, 5, 300]))]
        assert self.keyring.keys(wanted) == [self.model[slot] for slot in wanted]

    def with_another(self) -> None:
        mine, self.keyring = self.keyring, self.open()
        self.chosen.choice([self.allot, self.destroy, self.read])()
        self.keyring.close()
        self.keyring = mine

    def run(self) -> None:
        acts = [
            self.allot,
            self.destroy,
            self.destroy,
            self.destroy_and_fail,
            self.reopen,
            self.read,
            self.with_another,
        ]
        self.allot()
        for _ in range(self.chosen.randrange(2, 7)):
            self.chosen.choice(acts)()
        self.reopen()
        assert self.keyring.keys(range(len(self.model))) == list(self.model.values())
        stats = self.keyring.stats()
        gone = sum(key is None for key in self.model.values())
        assert (stats.slots, stats.destroyed, stats.root_version) == (len(self.model), gone, self.root)
        self.keyring.close()


def run(count: int, first: int = 0) -> None:
    """So many sequences, each with its own number as the seed."""
    with tempfile.TemporaryDirectory() as otherwise, in_memory(Path(otherwise)) as folder:
        for number in range(first, first + count):
            with tempfile.TemporaryDirectory(dir=folder) as one:
                try:
                    Sequence(Path(one), random.Random(number)).run()
                except Exception as problem:
                    problem.add_note(f"in sequence {number}")
                    raise


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
