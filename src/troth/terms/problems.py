"""Problems of a terms file: all of them, each with its line and remedy, not the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from troth.errors import Place, TermsError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a terms file, or (``note``) worth knowing."""

    line: int
    what: str
    remedy: str
    file: str = ""
    note: bool = False

    def __str__(self) -> str:
        kind = "note: " if self.note else ""
        return f"{Place(self.file, self.line)}: {kind}{self.what} — {self.remedy}"


@dataclass(slots=True)
class Problems:
    """The problems of one file, collected while it is read."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, line: int, what: str, remedy: str, *, note: bool = False) -> None:
        """Collect one. The same problem, met again under other options, counts once."""
        problem = Problem(line, what, remedy, self.file, note)
        if problem not in self.found:
            self.found.append(problem)

    @property
    def errors(self) -> list[Problem]:
        """Those that keep the file from being used, in the order of their lines."""
        return sorted(p for p in self.found if not p.note)

    def raise_first(self) -> None:
        """Raise `TermsError` for the first error, saying how many there are."""
        errors = self.errors
        if errors:
            first = errors[0]
            more = f" (and {len(errors) - 1} more; see them all with `troth terms check {self.file}`)"
            raise TermsError(
                first.what,
                place=Place(self.file, first.line),
                remedy=first.remedy + (more if len(errors) > 1 else ""),
            )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give a remedy that names the nearest known word, or all of them."""
    known = sorted(set(known))
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"use one of: {', '.join(known)}"
