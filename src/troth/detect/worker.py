"""What a process that looks for sensitive data runs. It imports nothing heavy until it is told how many threads.

Processes already share the cores, so each keeps to one thread.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.detect.detector import Detector
    from troth.detect.finding import Finding

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_own: list[Detector] = []


def start(detector: bytes) -> None:
    """Take the detector, as it was pickled by the process that started this one."""
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    _own[:] = [pickle.loads(detector)]  # noqa: S301 — from the parent process, through its own pipe


def work(texts: Sequence[str | None], conversations: Sequence[str] | None) -> list[list[Finding]]:
    """What is in the texts of a column."""
    return _own[0].find(texts, conversations)
