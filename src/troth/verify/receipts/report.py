"""What the check of one receipt found."""

from __future__ import annotations

from dataclasses import dataclass

from troth.errors import Place, VerificationError
from troth.receipt.quoting import quoted
from troth.verify.report import Finding, Step, exit_code_of, findings_of, not_passed


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness whose cosignature holds under the policy; ``at`` is the time it gives, in POSIX seconds, UTC."""

    name: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """The whole check of one receipt."""

    file: str
    subject: str
    """``account``, ``conversation``, ``release`` or ``lineage``; empty where the file is no receipt."""
    name: str
    origin: str
    """The log that the receipt is from, as it names itself."""
    established: bool
    """Whether the trusted log signed every checkpoint, and the quorum of the policy is met."""
    signers: tuple[str, ...]
    """The trusted keys of the log that signed, as vkeys."""
    cosigned: tuple[Cosigned, ...]
    unchecked: tuple[str, ...]
    """The names on signature lines for which no key was given."""
    words: tuple[str, ...]
    """The plain words, as this check wrote them from what it proved; empty where there are findings."""
    steps: tuple[Step, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all steps, in order."""
        return findings_of(self.steps)

    @property
    def exit_code(self) -> int:
        """0: nothing found, and the log's signature is established; 1: a finding; 2: not established."""
        return exit_code_of(self.steps, established=self.established)

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        found = len(self.findings)
        if found:
            return f"This receipt is not what it says it is: {found} finding{'s' if found > 1 else ''}."
        if not self.established:
            return "Log not established: the receipt agrees with itself, but anyone could have made it."
        left = not_passed(self.steps)
        about = f"about the {self.subject} {quoted(self.name)}"
        if left:
            return f"Nothing was found {about}. Not checked: step {left}."
        return f"Every step passed: what this receipt says {about} was logged."

    def require(self) -> None:
        """Raise `VerificationError` unless nothing was found and the log's signature is established."""
        for finding in self.findings:
            raise VerificationError(finding.what, place=Place(finding.file), remedy=finding.remedy)
        if not self.established:
            raise VerificationError(
                "the log's signature is not established",
                place=Place(self.file),
                remedy="give the log's public key",
            )
