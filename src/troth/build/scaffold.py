"""The folder in which a release grows, beside the place where it is to appear.

INVARIANT: the folder ``out`` appears in one rename, complete and durable, or does not appear. What a killed
build leaves behind is named ``.NAME.partial-…``; the next build to the same name removes it. A build that
still runs holds a lock on its folder, so nobody takes it for a leftover.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.disk.durable import sync_folder
from troth.errors import ReleaseError, UsageError
from troth.release.layout import FINDINGS

_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """Two folders on the disk of the release: what will be it, and what is thrown away."""

    release: Path
    work: Path

    @property
    def findings(self) -> Path:
        """What will lie beside the release, where a filter was used."""
        return self.release.with_name("findings")


@contextmanager
def scaffold(out: Path) -> Iterator[Scaffold]:
    """Remove leftovers, make the folders, and remove them in the end, whatever happens.

    Raises `UsageError` where ``out`` exists or its parent does not.
    """
    remove_leftovers(out)
    require_new(out)
    root = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
    try:
        with (root / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = Scaffold(root / "release", root / "work")
            made.release.mkdir()
            made.work.mkdir()
            yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


def remove_leftovers(out: Path) -> None:
    """Remove what builds to this name have left that were killed."""
    for leftover in out.parent.glob(f".{glob.escape(out.name)}.partial-*"):
        _remove_if_dead(leftover)


def require_new(out: Path) -> None:
    """Raise `UsageError` unless ``out`` can appear."""
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} exists", remedy="a release is never changed; give the new one another name")
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}", remedy="make it first")


def publish(made: Scaffold, out: Path) -> None:
    """Make every file durable, then the folders, and let the release appear under its name.

    The work folder goes before that, so that a kill right after it leaves no text behind. The findings come just
    before the release, in the place of those that a killed build left.
    """
    folders = [made.release]
    for path in sorted(made.release.rglob("*")):
        if path.is_dir():
            folders.append(path)
        else:
            _sync_file(path)
    for folder in reversed(folders):
        sync_folder(folder)
    shutil.rmtree(made.work)
    require_new(out)
    try:
        if made.findings.exists():
            _sync_file(made.findings)
            made.findings.replace(out.with_name(out.name + FINDINGS))
        made.release.rename(out)
    except OSError as problem:
        raise ReleaseError(f"the release cannot appear as {out}: {problem.strerror}") from problem
    sync_folder(out.parent)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove_if_dead(leftover: Path) -> None:
    """Remove a leftover whose lock nobody holds."""
    try:
        with (leftover / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(leftover, ignore_errors=True)
    except BlockingIOError:
        return
    except OSError:
        shutil.rmtree(leftover, ignore_errors=True)
