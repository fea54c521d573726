"""The one error tree. Every error says what is wrong, where, and what to do next.

    TrothError
    ├── InputError       a file that a person gave is not what it should be
    │   ├── TermsError       a terms file
    │   ├── HistoryError     an events file, or events that contradict one another
    │   ├── LogError         a conversation log, a mapping file, or records that contradict one another
    │   └── ScenarioError    a scenarios file
    ├── UsageError       the command line asks for something that cannot be
    ├── RefusedError     the service refuses a request; ``kind`` names the sort of problem
    ├── StoreError       the store of a workspace cannot be opened, read or written
    ├── VaultError       the vault cannot go on: keys are missing, damaged, or of another root
    ├── LedgerError      the ledger cannot go on: a fork, a rollback, a missing or changed file, two writers
    ├── ReleaseError     a release cannot be written, or cannot be read at all
    └── VerificationError  a release, ledger or receipt is readable and not what it says it is

The command line turns each into one line and an exit code: 1 for a finding
(``VerificationError``), 2 for everything that could not be run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a person's input something was found: a file, and a line counted from 1 where there is one."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


class TrothError(Exception):
    """The root. ``what`` is wrong at ``place``; ``remedy`` is what to do next."""

    def __init__(self, what: str, *, place: Place | None = None, remedy: str = "") -> None:
        self.what = what
        self.place = place
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        remedy = f" — {self.remedy}" if self.remedy else ""
        return f"{where}{self.what}{remedy}"


class InputError(TrothError):
    """A file that a person gave is not what it should be."""


class TermsError(InputError):
    """A terms file is not well formed, or names something that does not exist."""


class HistoryError(InputError):
    """An events file is not well formed, or two of its events contradict one another."""


class LogError(InputError):
    """A conversation log or mapping file is damaged, of no known format, or contradicts itself."""


class ScenarioError(InputError):
    """A scenarios file is not well formed."""


class UsageError(TrothError):
    """The command line asks for something that cannot be."""


class RefusedError(TrothError):
    """The service refuses a request. ``kind`` is the last part of the address of its problem type (RFC 9457)."""

    def __init__(self, kind: str, what: str, *, remedy: str = "", wait: int | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.kind = kind
        self.wait = wait
        """Seconds after which to try again, where that helps."""


class StoreError(TrothError):
    """The store of a workspace cannot be opened, read or written. Nothing was acknowledged."""


class VaultError(TrothError):
    """The vault cannot go on: keys are missing, damaged, or belong to another root. Nothing was acknowledged."""


class LedgerError(TrothError):
    """The ledger cannot go on: a fork, a rollback, a missing or changed file, or a second writer."""


class ReleaseError(TrothError):
    """A release cannot be written, or cannot be read at all."""


class VerificationError(TrothError):
    """A release, a ledger or a receipt is readable and is not what it says it is."""
