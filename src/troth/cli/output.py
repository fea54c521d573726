"""What a command says: text for people on stdout, JSON for machines, warnings on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click


def say(text: str = "") -> None:
    """A line to stdout."""
    click.echo(text)


def say_json(content: Any) -> None:
    """One JSON value to stdout, indented, keys in the order given."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


def warn(lines: Iterable[str]) -> None:
    """Warnings to stderr, a line each."""
    for line in lines:
        click.echo(f"troth: warning: {line}", err=True)


def table(rows: Sequence[Sequence[object]], indent: str = "  ") -> list[str]:
    """Rows in columns: numbers to the right, words to the left, two spaces between.

    >>> table([(12, "refused"), (3, "gone")])
    ['  12  refused', '   3  gone']
    """
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) for place in range(len(texts[0]))] if texts else []
    numbers = [any(isinstance(row[place], int) for row in rows) for place in range(len(widths))]
    places = list(zip(widths, numbers, strict=True))
    return [
        (
            indent
            + "  ".join(
                text.rjust(width) if number else text.ljust(width)
                for text, (width, number) in zip(row, places, strict=True)
            )
        ).rstrip()
        for row in texts
    ]


def plural(count: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "record"), plural(1200, "record")
    ('1 record', '1,200 records')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
