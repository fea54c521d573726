"""``troth terms check``: all problems of a terms file or a folder of versions."""

from __future__ import annotations

from dataclasses import dataclass

from troth.terms.archive import locate
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
    return Checked(tuple(check(locate(name))))
