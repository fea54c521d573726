"""Where a ledger is read from: a folder, an http(s) address, or an object store. Nothing in it is trusted.

Whoever can write there can make an audit fail or take long; what a read returns is limited in size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from troth.errors import Place, VerificationError
from troth.verify.report import file_name

AHEAD = 4
"""For each read at once, so many results may wait to be looked at."""


class Source(Protocol):
    """The files of one ledger, by their path below its root."""

    @property
    def place(self) -> str:
        """The name of the place, as it was given."""

    @property
    def at_once(self) -> int:
        """How many reads at once are faster than one after another; reads may come from several threads."""

    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file; None where there is none.

        Raises `VerificationError` where it is no ordinary file or larger than ``limit`` bytes, and `LedgerError`
        where it cannot be read: that is no finding about the ledger.
        """

    def names(self, under: str) -> Iterator[str] | None:
        """The path of everything below a folder but folders, in no order; None where the place cannot be listed.

        Raises `LedgerError` where it cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Found:
    """What a read found at a path: bytes, nothing, or a problem that is a finding."""

    path: str
    data: bytes | None
    problem: VerificationError | None = None

    @property
    def fault(self) -> str:
        """Why there are no bytes to look at; empty where there are."""
        if self.problem is not None:
            return self.problem.what
        return "is missing" if self.data is None else ""


def look(source: Source, path: str, limit: int) -> Found:
    """Read one file."""
    try:
        return Found(path, source.read(path, limit))
    except VerificationError as problem:
        return Found(path, None, problem)


def look_ahead(source: Source, wanted: Iterable[tuple[str, int]]) -> Iterator[Found]:
    """Read files (path and limit) in the order given, several at once where that is faster. Memory is bounded."""
    if source.at_once == 1:
        for path, limit in wanted:
            yield look(source, path, limit)
        return
    left = iter(wanted)
    with ThreadPoolExecutor(source.at_once) as pool:
        waiting: deque[Future[Found]] = deque(
            pool.submit(look, source, *one) for one in islice(left, source.at_once * AHEAD)
        )
        while waiting:
            found = waiting.popleft().result()
            waiting.extend(pool.submit(look, source, *one) for one in islice(left, 1))
            yield found


def too_large(path: str, limit: int) -> VerificationError:
    """The finding that a file is larger than anything that may stand there."""
    return VerificationError(
        f"is larger than {limit:,} bytes, more than anything in this format",
        place=Place(file_name(path)),
        remedy="ask the log's operator what it is",
    )
