"""The nouns of an impact: what becomes of whose records under other terms."""

from __future__ import annotations

from dataclasses import dataclass

from troth.operations.notices import Noticed
from troth.types.moment import Moment

SORTS = ("opens", "closes", "reason", "same")
"""Denied before and allowed now, the other way round, alike for another reason, and as before."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many records, of how many conversations, of how many people."""

    records: int
    conversations: int
    people: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Records with the same old answer and the same new one."""

    old_allow: bool
    old_reason: str
    new_allow: bool
    new_reason: str
    count: Count

    @property
    def sort(self) -> str:
        """``opens``, ``closes``, ``reason`` (for another reason) or ``same``."""
        if self.old_allow != self.new_allow:
            return "opens" if self.new_allow else "closes"
        return "same" if self.old_reason == self.new_reason else "reason"


@dataclass(frozen=True, slots=True)
class PurposeImpact:
    """What changes for one purpose."""

    purpose: str
    flows: tuple[Flow, ...]
    """What opens first, then what closes, what has another reason, and what stays as it is."""
    opens: Count
    closes: Count


@dataclass(frozen=True, slots=True)
class Kept:
    """How many records must be gone earlier than under the old terms, and how many later."""

    shorter: int
    longer: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What changes with other terms."""

    old: str
    new: str
    at: Moment
    records: int
    purposes: tuple[PurposeImpact, ...]
    kept: Kept
    """The same for every purpose."""
    noticed: Noticed
