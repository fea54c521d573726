"""``troth notice lint``: dark patterns in the words of questions, and in dialogs as they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.ask.lint.dialog import dialog_findings, read_dialog
from troth.ask.lint.notice import notice_findings
from troth.ask.lint.rules import Finding
from troth.ask.notice import QUESTION, read_question
from troth.ask.shipped import SHIPPED


@dataclass(frozen=True, slots=True)
class Linted:
    """What was looked at, and every rule that is broken."""

    looked_at: tuple[str, ...]
    findings: tuple[Finding, ...]


def lint_notices(paths: Sequence[Path]) -> Linted:
    """Look at questions (folders) and at descriptions of dialogs (files); at the shipped questions where none is given.

    Raises ``UsageError`` where one of them cannot be read.
    """
    given = list(paths) or sorted(file.parent for file in SHIPPED.glob(f"*/{QUESTION}"))
    findings = [finding for path in given for finding in _findings(path)]
    return Linted(tuple(map(_name, given)), tuple(findings))


def _findings(path: Path) -> Iterator[Finding]:
    if path.is_dir():
        yield from notice_findings(read_question(path), _name(path))
    else:
        yield from dialog_findings(read_dialog(path), _name(path))


def _name(path: Path) -> str:
    return path.name if path.is_relative_to(SHIPPED) else str(path)
