"""The notes of a step over one file, in which a check that raises becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from troth.errors import VerificationError
from troth.receipt.quoting import plain
from troth.verify.report import Notes


class Noting(Notes):
    """`Notes` about one file. What a finding quotes of the file is made safe to print."""

    def __init__(self, number: int, title: str, file: str) -> None:
        super().__init__(number, title)
        self._file = file

    @contextmanager
    def catching(self, where: str = "") -> Iterator[None]:
        """Write down a `VerificationError` of the block as a finding, and go on after the block."""
        try:
            yield
        except VerificationError as problem:
            what = f"{where}: {problem.what}" if where else problem.what
            self.found(self._file, plain(what), plain(problem.remedy), kind=self.title)

    def refuse(self, what: str, remedy: str) -> None:
        """Write down a finding about the file."""
        self.found(self._file, plain(what), remedy, kind=self.title)
