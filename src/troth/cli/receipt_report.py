"""The report on a receipt as lines for people: first what it says, then how that was checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from troth.cli.steps import step_lines
from troth.verify.receipts.report import ReceiptReport


def receipt_lines(report: ReceiptReport) -> Iterator[str]:
    """The whole report on one receipt."""
    yield f"receipt   {report.file}"
    yield f"log       {report.origin or 'none'}{'' if report.established else '  (not established)'}"
    for one in report.cosigned:
        at = datetime.fromtimestamp(one.at, UTC).isoformat().replace("+00:00", "Z")
        yield f"witness   {one.name} cosigned size {one.size:,} at {at}"
    for name in report.unchecked:
        yield f"unchecked a signature line of {name}: no key was given for it"
    yield ""
    yield from (f"  {line}" if line else "" for line in report.words)
    if report.words:
        yield ""
    for step in report.steps:
        yield from step_lines(step)
    yield ""
    yield report.verdict
