"""The sections of the results, and how they are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from machine import load, machine


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


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def markdown(sections: Sequence[Section], command: str) -> str:
    """The whole page."""
    targets = [
        (t.work, t.aim, t.reached, "yes" if t.met else "no") for section in sections for t in section.targets
    ]
    parts = [
        "# Measured",
        f"{datetime.now(UTC):%Y-%m-%d}, by `{command}`. How each figure is made: `docs/benchmarks.md`. The load "
        f"of the machine over the quarter of an hour before the end was {load()}: ratios within one run hold, "
        "seconds and rates move with the load.",
        table(("", ""), list(_told(machine()))),
        "## Targets",
        table(("work", "aim", "reached", "met"), targets),
    ]
    for section in sections:
        parts += [f"## {section.title}", section.text, table(section.head, section.rows)]
    return "\n\n".join(parts) + "\n"


def _told(facts: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(name, value) for name, value in facts.items()]
