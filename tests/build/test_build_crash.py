"""A release appears whole or not at all: kills at every stage, a full disk, a build that fails."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest
import release_worlds as made
from release_worlds import PLAIN, photo, said, talk

from cheap_filter import cheap_filter
from killing import CLEAN, in_a_clean_child
from troth.build.pipeline import build
from troth.build.scaffold import scaffold
from troth.errors import ReleaseError

STAGES = ("intake", "filter", "deduplicate", "shard", "excluded", "statistics", "manifest", "publish")


def rows() -> list[dict[str, object]]:
    found = [photo("p", 0, b"picture")]
    for n in range(50):
        found += talk(f"c{n:02d}", f"what is {n} times {n}?", f"It is {n * n}.")
    return found


def build_and_die(folder: Path, stage: str, last: bool, jobs: int) -> None:
    """In a process of its own: build, and be killed when a stage first, or last, reports progress."""

    def progress(name: str, done: int, total: int | None) -> None:
        if name == stage and (not last or done == total):
            os.kill(os.getpid(), signal.SIGKILL)

    parts = tuple(made.write_records(folder / f"part{i}.parquet", rows()[i::3]) for i in range(3))
    options = {"purpose": PLAIN, "jobs": jobs, "progress": progress, "records": parts}
    build(made.inputs_for(folder, rows(), **options), cheap_filter())


def build_with_little_room(folder: Path, room: int, told: SimpleQueue[str]) -> None:
    """In a process of its own: build where no file may be larger than ``room`` bytes."""
    inputs = made.inputs_for(folder, rows(), purpose=PLAIN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        build(inputs, cheap_filter())
    except ReleaseError as problem:
        told.put(str(problem))
        sys.exit(1)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".release.partial-*"))


@pytest.mark.parametrize("stage", STAGES)
def test_a_build_that_is_killed_leaves_no_release(tmp_path: Path, stage: str) -> None:
    assert in_a_clean_child(build_and_die, tmp_path, stage, False, 1) == -signal.SIGKILL
    assert not (tmp_path / "release").exists()
    assert leftovers(tmp_path)
    made.built(tmp_path, rows(), purpose=PLAIN)
    assert not leftovers(tmp_path)


def test_the_workers_of_a_killed_build_end_with_it(tmp_path: Path) -> None:
    """They hold the other end of the pipe that is read here: if one lived on, this would not come back."""
    here = Path(__file__)
    folders = [str(here.parent), str(here.parents[1])]
    code = (
        f"import sys; sys.path[:0] = {folders!r}; import pathlib, {here.stem} as t\n"
        f"if __name__ == '__main__': t.build_and_die(pathlib.Path({str(tmp_path)!r}), 'shard', False, 2)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def test_a_build_that_is_killed_after_the_release_appeared_leaves_a_whole_one(tmp_path: Path) -> None:
    assert in_a_clean_child(build_and_die, tmp_path, "publish", True, 1) == -signal.SIGKILL
    made.check(tmp_path / "release")
    assert [p.name for left in leftovers(tmp_path) for p in left.iterdir()] == ["lock"]


def test_a_leftover_of_a_build_that_still_runs_is_not_removed(tmp_path: Path) -> None:
    with scaffold(tmp_path / "release") as running:
        made.built(tmp_path, rows(), purpose=PLAIN)
        assert running.work.is_dir()
    assert not leftovers(tmp_path)


def test_leftovers_of_other_names_stay(tmp_path: Path) -> None:
    (tmp_path / ".other.partial-x").mkdir()
    made.built(tmp_path, rows(), purpose=PLAIN)
    assert (tmp_path / ".other.partial-x").is_dir()


@pytest.mark.parametrize("room", [0, 1_000, 20_000, 300_000])
def test_a_file_that_cannot_grow_is_one_clear_error(tmp_path: Path, room: int) -> None:
    with closing(CLEAN.SimpleQueue()) as told:
        ended = in_a_clean_child(build_with_little_room, tmp_path, room, told)
        if room == 300_000 and ended == 0:
            made.check(tmp_path / "release")
            return
        assert (ended, told.empty()) == (1, False)
        assert "the release cannot be built" in told.get()
    assert not (tmp_path / "release").exists()
    assert not leftovers(tmp_path)


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root; files that cannot grow are tested instead")
    try:
        inputs = made.inputs_for(tmp_path / "in", rows(), purpose=PLAIN, out=disk / "release")
        with pytest.raises(ReleaseError, match=r"No space left on device.*nothing was left"):
            build(inputs, cheap_filter())
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_build_that_fails_late_leaves_nothing(tmp_path: Path) -> None:
    def progress(name: str, done: int, total: int | None) -> None:
        if name == "manifest":
            raise OSError(28, "No space left on device")

    with pytest.raises(ReleaseError, match="No space left on device"):
        made.built(tmp_path, [said("a", 0, "Hello.")], progress=progress)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["decisions.parquet", "records.parquet"]
