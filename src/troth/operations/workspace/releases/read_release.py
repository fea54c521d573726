"""``troth read``: open what may still be used of a sealed release, and report what was passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa

from troth.operations.decide import Progress, silent
from troth.operations.whole_file import whole_file
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases.grant import Granted, granted
from troth.operations.workspace.releases.readable import readable
from troth.types.moment import Moment, format_moment

NAMED = 20
"""Records passed over that a report names one by one; a list of them names all."""


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Which release, for what, and under which terms."""

    workspace: Path
    release: str
    """Its folder, or the digest of its manifest."""
    purpose: str
    terms: str | None = None
    """None: the terms that come under the name in the manifest."""
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A record that was not opened, and why."""

    record: str
    conversation: str
    reason: str
    """A code of ``docs/reasons.md``, ``others_unknown``, or ``erased``."""
    clause: str


ERASED = "erased"


@dataclass(slots=True)
class ReadReport:
    """What became of the records of a release. The counts are those of the rows that were gone through so far."""

    release: str
    """The digest of its manifest."""
    purpose: str
    at: Moment
    rows: int = 0
    opened: int = 0
    """Records opened; where nothing was opened, those that would have been."""
    withheld: Counter[str] = field(default_factory=Counter)
    """By reason: records whose use is not allowed now."""
    gone: int = 0
    """Records whose key is destroyed."""
    removed: int = 0
    """How many of the gone have left only their leaf: nobody can name them any more."""
    named: list[PassedOver] = field(default_factory=list)
    """The first of the records passed over."""

    def form(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "release": self.release,
            "purpose": self.purpose,
            "at": format_moment(self.at),
            "rows": self.rows,
            "opened": self.opened,
            "withheld": dict(sorted(self.withheld.items())),
            "gone": self.gone,
            "removed": self.removed,
            "named": [msgspec.to_builtins(one) for one in self.named],
        }


Note = Callable[[PassedOver], None]


@contextmanager
def reading(
    asked: ReadRequest, at: Moment | None = None, note: Note | None = None
) -> Iterator[tuple[ReadReport, Iterator[pa.RecordBatch]]]:
    """What may be used of a release now, in the columns of a plain shard, and the report that grows meanwhile.

    ``at`` is another time than now: then nothing is opened, and the report counts what would be. ``note`` is told of
    every record passed over. Raises ``UsageError``, ``ReleaseError`` for a withdrawn release, ``VerificationError``
    for a damaged one, and the errors of stores, vaults and histories.
    """
    moment = now() if at is None else at
    with (
        opened(asked.workspace) as workspace,
        readable(workspace, asked.release, asked.terms, asked.options) as release,
        granted(workspace, release, asked.purpose, moment) as grant,
    ):
        report = ReadReport(release.digest, asked.purpose, moment)
        yield report, _rows(grant.rows(opens=at is None), report, note)


def read_release(
    asked: ReadRequest, at: Moment | None = None, out: Path | None = None, progress: Progress = silent
) -> ReadReport:
    """Open all that may be used, keep nothing of it, and report; ``out`` lists every record that was passed over.

    With ``at`` nothing is opened: the report says what would be at that time. Raises as `reading` does.
    """
    with ExitStack() as stack:
        note = None
        if out is not None:
            file = stack.enter_context(stack.enter_context(whole_file(out)).open("wb"))

            def note(one: PassedOver) -> None:
                file.write(msgspec.json.encode(one) + b"\n")

        report, batches = stack.enter_context(reading(asked, at, note))
        for _ in batches:
            progress("read", report.rows, None)
    return report


def _rows(grants: Iterator[Granted], report: ReadReport, note: Note | None) -> Iterator[pa.RecordBatch]:
    for one in grants:
        count(one, report, note)
        if one.opened is not None and one.opened.num_rows:
            yield one.opened


def count(one: Granted, report: ReadReport, note: Note | None = None) -> None:
    """Count some rows into a report."""
    report.opened += one.allowed
    report.gone += one.gone.num_rows + one.removed
    report.removed += one.removed
    report.rows += one.allowed + one.withheld.num_rows + one.gone.num_rows + one.removed
    for passed in _passed_over(one):
        if passed.reason != ERASED:
            report.withheld[passed.reason] += 1
        if len(report.named) < NAMED:
            report.named.append(passed)
        if note is not None:
            note(passed)


def _passed_over(one: Granted) -> Iterator[PassedOver]:
    for row in one.withheld.to_pylist():
        yield PassedOver(row["record"], row["conversation"], row["reason"], row["clause"])
    for row in one.gone.to_pylist():
        yield PassedOver(row["record"], row["conversation"], ERASED, "")
