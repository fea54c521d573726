"""A decision: may this record be used for this purpose, why, and how long may it be kept."""

from __future__ import annotations

from dataclasses import dataclass

from troth.types.moment import Moment

DECISION_COLUMNS = (
    "record",
    "conversation",
    "account",
    "allow",
    "reason",
    "rule",
    "clause",
    "keep_until",
    "indefinite",
    "erasable",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one record, one purpose and one time."""

    record: str
    conversation: str | None
    account: str | None
    allow: bool
    reason: str
    """A code of ``troth.types.reasons.REASONS``."""
    rule: str
    """The id of the rule that decided; empty where no rule did."""
    clause: str
    """The clause of the published terms on which that rule rests; empty where no rule did."""
    keep_until: Moment | None
    """The moment from which the record must be gone; None where the terms set no end."""
    erasable: bool
    """False while a legal hold forbids erasing it."""

    @property
    def indefinite(self) -> bool:
        """Whether the terms set no end."""
        return self.keep_until is None
