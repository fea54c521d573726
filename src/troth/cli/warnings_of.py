"""What was noticed while histories and logs were read, as warnings."""

from __future__ import annotations

from collections.abc import Iterator

from troth.cli.output import plural
from troth.errors import Place
from troth.intake.read import IntakeReport
from troth.operations.notices import Noticed, Notices
from troth.operations.scan_input import Reading
from troth.operations.workspace.sequencing import Sequenced
from troth.types.vocabulary import PURPOSES

LISTED = 20
"""Damaged pieces and skipped files that are named one by one."""


def of_reading(noticed: Noticed) -> Iterator[str]:
    """All that was noticed of the history and of the logs."""
    yield from of_history(noticed.notices, noticed.repeated_events)
    yield from of_records(noticed.repeated_records, noticed.report)


def of_history(notices: Notices, repeated: int) -> Iterator[str]:
    """Events given again, and events without effect."""
    if repeated:
        yield f"{plural(repeated, 'event')} given again with the same content; each counts once"
    yield from notices.lines()


def of_records(repeated: int, report: IntakeReport | None) -> Iterator[str]:
    """Records that stood again, damaged pieces, and files that were passed over."""
    if repeated:
        yield f"{plural(repeated, 'record')} stood again with the same content; each counts once"
    if report is not None:
        yield from damaged(report)
        yield from _cut([f"{one.path}: not read: it {one.why}" for one in report.skipped], "files not read")


def of_vault(gone: int) -> Iterator[str]:
    """Records of the vault that cannot be read any more."""
    if gone:
        yield f"{plural(gone, 'record')} of the vault left out: erased"


def of_ledger(done: Sequenced) -> Iterator[str]:
    """What went wrong around the ledger without stopping it."""
    yield from done.warnings


def damaged(report: IntakeReport) -> Iterator[str]:
    """Damaged pieces that were left out: the first of them one by one."""
    lines = [f"{Place(f.path, n)}: left out: {what}" for f in report.files for n, what in f.damaged]
    yield from _cut(lines, "damaged pieces left out", report.damage_count)


def of_texts(reading: Reading) -> Iterator[str]:
    """Damaged pieces that were left out, and files that were passed over, where texts or logs were looked at."""
    lines = [f"{place}: left out: {what}" for place, what in reading.damaged]
    yield from _cut(lines, "damaged pieces left out", reading.damage_count)
    yield from _cut(reading.skipped, "files not read")


def of_purpose(purpose: str) -> Iterator[str]:
    """A purpose that nobody knows."""
    if purpose not in PURPOSES:
        known = ", ".join(PURPOSES)
        yield f"{purpose!r} is no purpose that Troth knows, and nothing is allowed for it; known are: {known}"


def _cut(lines: list[str], what: str, count: int | None = None) -> Iterator[str]:
    yield from lines[:LISTED]
    more = (len(lines) if count is None else count) - LISTED
    if more > 0:
        yield f"and {more:,} more {what}"
