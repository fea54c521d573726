"""``troth terms check``: all problems of a terms file or a folder of versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from troth.detect.custom import problems
from troth.terms.archive import locate, read_files
from troth.terms.check.check import check
from troth.terms.problems import Problem


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. Notes are worth knowing, and keep nothing from being used."""

    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        """How many of them are no notes."""
        return sum(not problem.note for problem in self.problems)

    @property
    def notes(self) -> int:
        """How many of them are notes."""
        return len(self.problems) - self.errors


def check_terms(name: str) -> Checked:
    """Find every problem. Raises ``TermsError`` only where a name means nothing."""
    path = locate(name)
    found = check(path)
    if all(problem.note for problem in found):
        found = sorted({*found, *_sensitive(path)}, key=lambda p: (p.file, p.line, p.note, p.what))
    return Checked(tuple(found))


def _sensitive(path: Path) -> Iterator[Problem]:
    """What is wrong with what the terms declare of sensitive data: patterns, and cases that come out otherwise."""
    for file in read_files(path):
        yield from problems(file.version({}))
