"""Random sequences of all that people and operators do. ``python erasure_sequences.py FIRST COUNT`` runs many.

A sequence that fails is made as short as it still fails, and its steps are printed: ``python erasure_sequences.py replay``
takes them from standard input and does them again. Run it with the folders of the tests on ``PYTHONPATH``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from erasure_checks import check, check_end
from erasure_steps import Step, step_in, steps_of
from erasure_world import World

from killing import in_memory

FRESH = 300.0
"""Seconds for which a workspace that was just made serves as the beginning of others: their days end with its making."""


class Sequences:
    """Runs sequences, each in a folder of its own below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._base: World | None = None
        self._until = 0.0

    def run(self, steps: Sequence[Step]) -> None:
        """Do steps, and look after each. Raises what goes wrong, with the steps in a note."""
        place = self._folder / "world"
        done: list[Step] = []
        try:
            world = World(place, self._beginning(), self._folder / "base")
            for step in steps:
                done.append(step)
                world.do(step)
                check(world)
            check_end(world)
        except Exception as problem:
            problem.add_note("\n".join(map(str, done)))
            raise
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def run_seed(self, seed: int) -> None:
        """Run the sequence of a number. Raises `AssertionError` with the shortest steps that were found to fail."""
        steps = steps_of(seed)
        try:
            self.run(steps)
        except Exception as problem:
            shortest = self._shortest(steps)
            told = "\n".join(map(str, shortest))
            raise AssertionError(f"sequence {seed} fails; so does:\n{told}") from problem

    def _shortest(self, steps: list[Step]) -> list[Step]:
        """Leave out one step after the other, as long as what is left fails."""
        for place in range(len(steps) - 1, -1, -1):
            fewer = [*steps[:place], *steps[place + 1 :]]
            if self._fails(fewer):
                steps = fewer
        return steps

    def _fails(self, steps: Sequence[Step]) -> bool:
        try:
            self.run(steps)
        except Exception:  # noqa: BLE001 — whatever it is
            return True
        return False

    def _beginning(self) -> World:
        if self._base is None or time.monotonic() > self._until:
            shutil.rmtree(self._folder / "base", ignore_errors=True)
            self._base, self._until = World(self._folder / "world"), time.monotonic() + FRESH
            (self._folder / "world").rename(self._folder / "base")  # its root lies where it will lie in each
        return self._base


@contextmanager
def sequences(otherwise: Path) -> Iterator[Sequences]:
    """Sequences whose workspaces lie in memory, with all files of their runs; one core is as good as many for so little."""
    with (
        in_memory(otherwise) as folder,
        tempfile.TemporaryDirectory(dir=folder) as runs,
        mock.patch.object(tempfile, "tempdir", runs),
        mock.patch("os.cpu_count", return_value=1),
        mock.patch.dict("os.environ"),
    ):
        yield Sequences(folder)


def run_many(every: Sequences, first: int, count: int) -> list[int]:
    """Run sequences, tell how it goes on standard output, and give the numbers of those that failed."""
    start, failed = time.monotonic(), []
    for seed in range(first, first + count):
        try:
            every.run_seed(seed)
        except AssertionError as problem:
            failed.append(seed)
            sys.stdout.write(f"{problem}\n{problem.__cause__!r}\n")
        if seed % 100 == 99:
            each = (time.monotonic() - start) / (seed - first + 1)
            sys.stdout.write(f"up to {seed}: {len(failed)} failed, {each:.3f} s each\n")
            sys.stdout.flush()
    return failed


def main() -> None:
    with tempfile.TemporaryDirectory() as otherwise, sequences(Path(otherwise)) as every:
        if sys.argv[1] == "replay":
            every.run([step_in(line) for line in sys.stdin if line.strip()])
            return
        failed = run_many(every, *map(int, sys.argv[1:]))
    sys.stdout.write(f"failed: {failed}\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
