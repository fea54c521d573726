"""The sections of the results: each kept as it was measured, and all of them written down on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from machine import load, machine

KEPT = Path(__file__).parent / "results"
"""One JSON file for each part, of its newest run."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was aimed at, and what was reached."""

    work: str
    aim: str
    reached: str
    met: bool


@dataclass(frozen=True, slots=True)
class Section:
    """What one part found."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = field(default=())


@dataclass(frozen=True, slots=True)
class Run:
    """A section with when, where and by which command it was measured."""

    section: Section
    day: str
    command: str
    load: str
    machine: Mapping[str, str]


def keep(name: str, section: Section, command: str) -> None:
    """Keep what a part found, in place of its last run."""
    KEPT.mkdir(exist_ok=True)
    run = Run(section, f"{datetime.now(UTC):%Y-%m-%d}", command, load(), machine())
    text = json.dumps(asdict(run), indent=1, ensure_ascii=False)
    (KEPT / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def kept(names: Sequence[str]) -> list[Run]:
    """The newest run of each part that was ever run, in the order of the names."""
    files = [KEPT / f"{name}.json" for name in names]
    return [_read(path) for path in files if path.exists()]


def _read(path: Path) -> Run:
    raw = json.loads(path.read_text(encoding="utf-8"))
    section = raw.pop("section")
    targets = [Target(**target) for target in section.pop("targets")]
    return Run(Section(**section, targets=targets), **raw)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def target_rows(sections: Sequence[Section]) -> list[tuple[str, str, str, str]]:
    """What was aimed at in some sections, and what was reached."""
    return [
        (t.work, t.aim, t.reached, "yes" if t.met else "no") for section in sections for t in section.targets
    ]


def markdown(runs: Sequence[Run]) -> str:
    """The whole page."""
    parts = [
        "# Measured",
        "How each figure is made: `docs/benchmarks.md`. Every section says when and by which command it was measured, and "
        "the load of the machine over the quarter of an hour before its end: ratios within one run hold, seconds and "
        "rates move with the load.",
        table(("", ""), list(runs[-1].machine.items()) if runs else []),
        "## Targets",
        table(("work", "aim", "reached", "met"), target_rows([run.section for run in runs])),
    ]
    for run in runs:
        when = f"{run.day}, by `{run.command}`; load {run.load}."
        parts += [
            f"## {run.section.title}",
            when,
            run.section.text,
            table(run.section.head, run.section.rows),
        ]
    return "\n\n".join(parts) + "\n"
