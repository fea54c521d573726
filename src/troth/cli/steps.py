"""The steps of a verification as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from troth.verify.report import Step


def step_lines(step: Step) -> Iterator[str]:
    """One step: how it ended, what was looked at, what could not be, and every finding."""
    yield f"{step.number}. {step.outcome}: {step.title}"
    yield from (f"     checked: {one}" for one in step.checked)
    yield from (f"     not checked: {one}" for one in step.not_checked)
    yield from (f"     finding: {one}" for one in step.findings)
