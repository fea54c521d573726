"""What an audit found: numbered steps, what the ledger holds, and what no audit shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.verify.report import Finding, Step, exit_code_of, findings_of, not_passed, plural

NOT_SHOWN = (
    "that the commitments are of true things: what is behind them, receipts open one by one",
    "that everything that happened was logged",
    "that an entry is as old as its time says: a witness shows only that it was there when it cosigned",
    "that nobody was shown another log, unless witnesses that you trust cosigned this one",
    "that the log will not be rewritten tomorrow: keep the checkpoint, and audit again with --older",
)
"""What no step shows, however well it ends."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness whose cosignature of the newest checkpoint holds, and when it says to have made it (RFC 3339)."""

    name: str
    at: str


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """The whole audit of one ledger. Where the newest checkpoint is none, its origin and root are empty."""

    ledger: str
    origin: str
    size: int
    root: str
    """The root in base64, as the checkpoint has it."""
    log_keys: tuple[str, ...]
    """Name and id of the trusted keys that signed; empty where no key was given, or none of them signed."""
    cosigned: tuple[Cosigned, ...]
    unchecked: tuple[str, ...]
    """The names on the signature lines for which there was no key."""
    kinds: Mapping[str, int]
    first: str
    last: str
    """The times of the first and the last entry (RFC 3339, UTC); empty where there is none."""
    steps: tuple[Step, ...]
    not_shown: tuple[str, ...] = NOT_SHOWN

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all steps, in order."""
        return findings_of(self.steps)

    @property
    def exit_code(self) -> int:
        """0: nothing found, and the log's key is established; 1: a finding; 2: the key is not established."""
        return exit_code_of(self.steps, established=bool(self.log_keys))

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        if self.findings:
            return f"This ledger is not what it says it is: {plural(len(self.findings), 'finding')}."
        if not self.log_keys:
            return "The log's key is not established: the rest agrees with itself, but anyone could have made it."
        left = not_passed(self.steps)
        if left:
            return f"Nothing was found. Not checked: step {left}."
        return "Every step passed: the ledger is what it says it is."


def entries_of(count: int) -> str:
    """A number of entries.

    >>> entries_of(1), entries_of(2000)
    ('1 entry', '2,000 entries')
    """
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
