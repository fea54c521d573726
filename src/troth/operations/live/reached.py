"""What of the vault may be used for a purpose now, counted by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.operations.decide import DecideInputs, decisions, silent
from troth.operations.records import record_files
from troth.operations.workspace.history import history_files
from troth.operations.workspace.opened import opened
from troth.types.moment import Moment
from troth.types.reasons import REASONS


@dataclass(frozen=True, slots=True)
class Reason:
    """Records with one answer for one reason."""

    allow: bool
    reason: str
    words: str
    records: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What may be used for a purpose, and what not: what is allowed first, then by number."""

    purpose: str
    at: Moment
    records: int
    allowed: int
    reasons: tuple[Reason, ...]


def reached(folder: Path, terms: str, options: Mapping[str, str], purpose: str, at: Moment) -> Reached:
    """Decide every record of a workspace's vault for a purpose, as of ``at`` (UTC), and count.

    Raises the errors of terms and stores, and ``VerificationError`` where the vault is damaged.
    """
    found: Counter[tuple[bool, str]] = Counter()
    with opened(folder) as workspace:
        empty = not workspace.vault.deciding().stored
    if not empty:
        found = _counted(folder, terms, options, purpose, at)
    rows = [Reason(allow, code, REASONS[code].text, count) for (allow, code), count in found.items()]
    rows.sort(key=lambda one: (not one.allow, -one.records, one.reason))
    allowed = sum(one.records for one in rows if one.allow)
    return Reached(purpose, at, found.total(), allowed, tuple(rows))


def _counted(
    folder: Path, terms: str, options: Mapping[str, str], purpose: str, at: Moment
) -> Counter[tuple[bool, str]]:
    found: Counter[tuple[bool, str]] = Counter()
    with (
        history_files((), folder) as history,
        record_files((), folder, silent, deciding=True) as taken,
        decisions(DecideInputs(terms, options, history, taken.files, purpose, at)) as run,
    ):
        for table in run.tables:
            counts = (
                table.select(["allow", "reason"]).group_by(["allow", "reason"]).aggregate([([], "count_all")])
            )
            for row in counts.to_pylist():
                found[row["allow"], row["reason"]] += row["count_all"]
    return found
