"""The engines that look for all anchors at once: hyperscan, and RE2 where there is no hyperscan.

Both give the same places. Neither reads or writes a file: what is compiled stays in the memory of the process.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import threading
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.int64]
"""Sorted and each once: the number of an anchor times 2**32, plus the byte where a match of it ends."""

LONGEST = 2_000
"""Bytes: no match of an anchor is longer."""


class Engine(Protocol):
    """Looks for anchors in bytes."""

    def hits(self, data: bytes) -> Hits:
        """Where anchors end. ``data`` has fewer than 2**31 bytes."""


@functools.lru_cache(maxsize=8)
def engine_for(anchors: tuple[str, ...]) -> Engine:
    """The engine of this machine for these anchors, compiled once for each process.

    Raises ``ValueError`` for an expression that an engine does not take.
    """
    _check_lengths(anchors)
    if importlib.util.find_spec("hyperscan"):
        return Hyperscan(anchors)
    return Re2(anchors)


class Hyperscan:
    """One pass for all anchors; about 1 GB/s where they are rare."""

    def __init__(self, anchors: tuple[str, ...]) -> None:
        hyperscan: Any = importlib.import_module("hyperscan")  # not on every platform
        self._new_scratch: Callable[[Any], Any] = hyperscan.Scratch
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        try:
            self._database.compile(
                expressions=[anchor.encode() for anchor in anchors],
                ids=list(range(len(anchors))),
                elements=len(anchors),
                flags=0,
            )
        except hyperscan.HyperscanError as problem:
            raise ValueError(f"hyperscan does not take an anchor: {problem}") from None
        self._scratches = threading.local()

    def hits(self, data: bytes) -> Hits:
        """Where anchors end."""
        found: list[int] = []
        append = found.append

        def hit(anchor: int, _start: int, end: int, _flags: int, _context: object) -> None:
            append(anchor << 32 | end)

        scratch = getattr(self._scratches, "own", None)
        if scratch is None:  # two threads cannot share one
            scratch = self._scratches.own = self._new_scratch(self._database)
        self._database.scan(data, match_event_handler=hit, scratch=scratch)
        return np.unique(np.array(found, dtype=np.int64))


class Re2:
    """One pass for each anchor; a few MB/s."""

    def __init__(self, anchors: tuple[str, ...]) -> None:
        self._expressions = [_compiled(anchor) for anchor in anchors]

    def hits(self, data: bytes) -> Hits:
        """Where anchors end."""
        found: list[int] = []
        for number, expression in enumerate(self._expressions):
            longest = expression.search(data)
            while longest is not None:
                match = longest
                while match is not None:  # every other end of what begins here
                    found.append(number << 32 | match.end())
                    match = expression.match(data, longest.start(), match.end() - 1)
                longest = expression.search(data, longest.start() + 1)
        return np.unique(np.array(found, dtype=np.int64))


_RE2: Any = importlib.import_module("re2")  # it has no types


def _compiled(anchor: str) -> Any:
    options = _RE2.Options()
    options.encoding = _RE2.Options.Encoding.LATIN1
    options.longest_match = True
    options.log_errors = False
    try:
        return _RE2.compile(anchor.encode(), options)
    except _RE2.error as problem:
        raise ValueError(f"RE2 does not take the anchor {anchor!r}: {problem}") from None


def _check_lengths(anchors: tuple[str, ...]) -> None:
    """An anchor has no loops, so its program has an instruction for every byte of its longest match."""
    for anchor in anchors:
        if _compiled(anchor).programsize > LONGEST:
            raise ValueError(f"the anchor {anchor!r} is too long: repeat less")
