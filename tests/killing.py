"""Killing processes: a child that dies before its n-th step, or at any time, and what others find afterwards.

A step is a call that can change what is on the disk, or a statement to a database. The n-th is not begun, except that
of what is written to a file the first half is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parent


class Steps:
    """Counts steps in this process, and kills it instead of taking the n-th."""

    def __init__(self, last: int) -> None:
        self.left = last
        self.lock = threading.RLock()  # a step may be ended by work that has steps

    def step(self, half: Callable[[], object] = lambda: None) -> None:
        with self.lock:
            self.left -= 1
            if self.left <= 0:
                half()
                self.end()

    def end(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **named: Any) -> Any:
            self.step()
            return call(*arguments, **named)

        return stepped

    def watch(self) -> None:
        """From here on, in this process."""
        for name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir", "truncate", "ftruncate"):
            setattr(os, name, self.before(getattr(os, name)))
        opening, writing = os.open, os.pwrite

        def open_(path: Any, flags: int, *rest: Any, **named: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR):
                self.step()
            return opening(path, flags, *rest, **named)

        def pwrite(descriptor: int, data: bytes, offset: int) -> int:
            self.step(lambda: writing(descriptor, data[: len(data) // 2], offset))
            return writing(descriptor, data, offset)

        os.open, os.pwrite = open_, pwrite
        steps = self

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
                if not sql.startswith("SELECT") and (not sql.startswith("PRAGMA") or "wal_checkpoint" in sql):
                    steps.step()
                return super().execute(sql, *rest)

            def executemany(self, sql: str, *rest: Any) -> sqlite3.Cursor:
                steps.step()
                return super().executemany(sql, *rest)

        connect = sqlite3.connect
        sqlite3.connect = lambda *given, **named: connect(*given, factory=Watched, **named)  # type: ignore[assignment,misc]


def forked(work: Callable[[], None]) -> int:
    """Fork, and give the child's number. It works and ends; what it raises is told on standard error and gives 99."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException as problem:  # noqa: BLE001 — a child must not go on as its parent
        sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
        sys.stderr.flush()
        os._exit(99)


def in_a_child(work: Callable[[], None]) -> int:
    """Fork, work, and give the status."""
    return os.waitpid(forked(work), 0)[1]


CLEAN = multiprocessing.get_context("forkserver")
"""Processes that are forked from one without threads, which has loaded what takes long to load."""
CLEAN.set_forkserver_preload(
    ["pytest", "psycopg", "troth.operations.build", "troth.store.event_items", "troth.store.open",
     "troth.store.postgres", "troth.store.sqlite"]
)  # fmt: skip


def in_a_clean_child(work: Callable[..., None], *arguments: object) -> int:
    """Do work in such a process; give its exit code, or minus the signal that ended it."""
    child = CLEAN.Process(target=_as_here, args=(dict(os.environ), work, arguments))
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def _as_here(environment: dict[str, str], work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    work(*arguments)


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """A folder in memory where there is such a place: a killed process loses nothing, and a disk takes minutes."""
    memory = Path("/dev/shm")  # noqa: S108 — the folder in it is ours alone
    if not os.access(memory, os.W_OK):
        yield otherwise
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


def run_script(
    script: Path, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script of the tests: what forks and kills needs a process without threads of its own."""
    rooms = [str(_TESTS / name) for name in ("", "workspace", "vault", "ledger", "store")]
    paths = os.pathsep.join([*rooms, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-W", "error", str(script), *arguments],
        capture_output=True, text=True, timeout=580, check=False,
        env={**os.environ, "PYTHONPATH": paths, **(settings or {})},
    )  # fmt: skip
