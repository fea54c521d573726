"""``troth verify``: whether a folder is the release that it says it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth.errors import UsageError
from troth.history.read import read_history
from troth.intake.mapping import load_mapping
from troth.intake.read import LogReading, read_logs
from troth.operations.decide import Progress, silent
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.verify.again import VerifyInputs
from troth.verify.given_terms import check_terms
from troth.verify.report import Notes, Report
from troth.verify.statement import read_manifest
from troth.verify.verify import TITLES, verify

TERMS_STEP = 7


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The release, and what its reader has to hold against it."""

    release: Path
    key: Path | None = None
    terms: str | None = None
    options: Mapping[str, str] | None = None
    history: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    mapping: Path | None = None
    keep_going: bool = False


def verify_release(asked: VerifyRequest, progress: Progress = silent) -> tuple[Report, LogReading | None]:
    """Verify a release with all that was given, and tell what became of the logs.

    Raises ``ReleaseError`` where there is no folder to read, `UsageError`, and the errors of terms, histories
    and logs; what is wrong with the release is in the report.
    """
    if bool(asked.history) != bool(asked.records):
        raise UsageError("history and records go together", remedy="give --history and --records, or neither")
    if asked.history and asked.terms is None:
        raise UsageError("deciding again takes the terms", remedy="give --terms, as the manifest names them")
    terms = load(asked.terms, asked.options) if asked.terms is not None else None
    if terms is None or not asked.history:
        report = verify(asked.release, asked.key, None, progress)
        return (report if terms is None else _with_terms(report, asked.release, terms)), None
    mapping = load_mapping(asked.mapping) if asked.mapping else None
    logs = read_logs(asked.records, mapping=mapping, keep_going=asked.keep_going)
    inputs = VerifyInputs(terms, read_history(asked.history), logs)
    return verify(asked.release, asked.key, inputs, progress), logs


def _with_terms(report: Report, release: Path, terms: Terms) -> Report:
    """The report with step 7 taken against the terms given, without deciding anything again."""
    statement = read_manifest(release, Notes(1, TITLES[1])).statement
    if statement is None:
        return report
    notes = Notes(TERMS_STEP, TITLES[TERMS_STEP])
    check_terms(statement.predicate.terms, terms, notes)
    steps = tuple(notes.step() if step.number == TERMS_STEP else step for step in report.steps)
    return replace(report, steps=steps)
