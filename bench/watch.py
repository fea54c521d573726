"""Runs a command and watches it: seconds, CPU seconds of all its processes, and the most memory they held together."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Watched:
    """What a command took."""

    out: str
    seconds: float
    cpu: float
    peak_mib: int
    """The most memory of the process and its children together, shared pages counted once (PSS)."""


def watch(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Watched:
    """Run a command to its end. Raises `subprocess.CalledProcessError` where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    looks = _Looks(process.pid)
    with process, looks:
        out, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, out)
    return Watched(out, time.perf_counter() - start, sum(looks.cpu.values()), looks.kib // 1024)


class _Looks:
    """Looks at a process and its children ten times a second.

    What the system counts for children leaves those out that nobody waited for, as those of a fork server.
    """

    def __init__(self, pid: int) -> None:
        self.kib = 0
        self.cpu: dict[int, float] = {}
        """CPU seconds of each process when it was last seen."""
        self._pid, self._done = pid, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            tree = _tree(self._pid)
            self.kib = max(self.kib, sum(_pss(pid) for pid in tree))
            self.cpu |= {pid: cpu for pid in tree if (cpu := _cpu(pid))}


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
