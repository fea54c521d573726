"""What a verification found: numbered steps, each with what was checked and every finding in one line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from troth.errors import Place, VerificationError

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and how much there is in all (None: not known)."""

NAMED = 20
"""So many findings of one kind are named one by one; the others are counted."""
_LONGEST = 120


class Outcome(StrEnum):
    """How a step ended. A step in which nothing could be looked at has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: in which file, what, and what to do about it."""

    file: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what} — {self.remedy}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of ``docs/verify.md``."""

    number: int
    title: str
    outcome: Outcome
    checked: tuple[str, ...]
    """What was looked at and found right, with numbers; where there are findings, what was looked at."""
    not_checked: tuple[str, ...]
    """What could not be looked at, and why."""
    findings: tuple[Finding, ...]


def findings_of(steps: Iterable[Step]) -> tuple[Finding, ...]:
    """The findings of all steps, in order."""
    return tuple(finding for step in steps for finding in step.findings)


def exit_code_of(steps: Iterable[Step], *, established: bool) -> int:
    """1 where there is a finding; else 2 where whom it rests on is not established; else 0."""
    if findings_of(steps):
        return 1
    return 0 if established else 2


def not_passed(steps: Iterable[Step]) -> str:
    """The numbers of the steps that have not passed, as a sentence has them; empty where all have."""
    return ", ".join(str(step.number) for step in steps if step.outcome is not Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows that have left only their leaf since the release was built."""

    rows: int
    shards: int
    """Shards of which rows were removed."""
    vouched: bool
    """Whether a log that the reader trusts has the entries of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The whole verification of one release."""

    release: str
    manifest: str
    """``sha256:`` digest of the manifest, which names the release; empty where there is none."""
    signer: str
    """The id of the trusted key that signed the release; empty where no signer is established."""
    removed: Removed | None
    """None where nothing was removed."""
    steps: tuple[Step, ...]
    not_shown: tuple[str, ...]
    """What this verification does not show, however it ends."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all steps, in order."""
        return findings_of(self.steps)

    @property
    def exit_code(self) -> int:
        """0: nothing found, and the signer is established; 1: a finding; 2: signer, or removal, not established."""
        return exit_code_of(self.steps, established=bool(self.signer) and not self._unvouched)

    @property
    def _unvouched(self) -> str:
        if self.removed is None or self.removed.vouched:
            return ""
        return f"Removal not established: {plural(self.removed.rows, 'row')} removed since, and no trusted log says so."

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        found = len(self.findings)
        if found:
            return f"This release is not what it says it is: {found} finding{'s' if found > 1 else ''}."
        if not self.signer:
            return "Signer not established: the rest agrees with itself, but anyone could have made it."
        if self._unvouched:
            return self._unvouched
        left = not_passed(self.steps)
        if left:
            return f"Nothing was found. Not checked: step {left}."
        since = "" if self.removed is None else f", but for {plural(self.removed.rows, 'row')} removed since"
        return f"Every step passed: the release is what it says it is{since}."

    def require(self) -> None:
        """Raise `VerificationError` unless nothing was found, and the signer and every removal are established."""
        for finding in self.findings:
            raise VerificationError(finding.what, place=Place(finding.file), remedy=finding.remedy)
        if not self.signer:
            raise VerificationError(
                "signer not established", place=Place(self.release), remedy="give the signer's public key"
            )
        if self._unvouched:
            raise VerificationError(
                self._unvouched, place=Place(self.release), remedy="give the public key of its ledger's log"
            )


class Notes:
    """What is written down while a step runs."""

    def __init__(self, number: int, title: str) -> None:
        self.number, self.title = number, title
        self._checked: list[str] = []
        self._not_checked: list[str] = []
        self._findings: list[Finding] = []
        self._kinds: Counter[str] = Counter()
        self._last: dict[str, Finding] = {}

    def found(self, file: str, what: str, remedy: str, *, kind: str = "") -> None:
        """Write down a finding. Of one ``kind``, only the first `NAMED` are named, and the rest counted."""
        self._kinds[kind] += 1
        finding = Finding(file, what, remedy)
        if not kind or self._kinds[kind] <= NAMED:
            self._findings.append(finding)
        self._last[kind] = finding

    def checked(self, what: str) -> None:
        """Write down what was looked at."""
        self._checked.append(what)

    def not_checked(self, why: str) -> None:
        """Write down what could not be looked at, and why."""
        if why not in self._not_checked:
            self._not_checked.append(why)

    @property
    def failed(self) -> bool:
        """Whether anything was found so far."""
        return bool(self._findings)

    def step(self) -> Step:
        """The step as it ended."""
        more = [
            Finding(
                self._last[kind].file, f"{count - NAMED:,} more like this: {kind}", self._last[kind].remedy
            )
            for kind, count in self._kinds.items()
            if kind and count > NAMED
        ]
        findings = (*self._findings, *more)
        outcome = Outcome.FAILED if findings else Outcome.PASSED if self._checked else Outcome.NOT_CHECKED
        return Step(
            self.number, self.title, outcome, tuple(self._checked), tuple(self._not_checked), findings
        )


def shown(text: str) -> str:
    r"""A foreign name in one line: quoted, what cannot be printed escaped, what is too long cut.

    >>> print(shown("c-1\n\x1b[31m"))
    'c-1\n\x1b[31m'
    """
    quoted = repr(text)
    return quoted if len(quoted) <= _LONGEST else f"{quoted[: _LONGEST - 1]}…'"


_PLAIN = re.compile(r"[\w./ -]{1,120}\Z", re.ASCII)


def file_name(name: str) -> str:
    """The name of a file in one line: as it is where it is a plain one, else as `shown`."""
    return name if _PLAIN.match(name) else shown(name)


def plural(count: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "record"), plural(1200, "record")
    ('1 record', '1,200 records')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
