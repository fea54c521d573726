"""How far a long run has come: one line on stderr that is written over, on a terminal only."""

from __future__ import annotations

import sys
import time

import click

PATIENCE = 2.0
"""Seconds before anything is shown."""
PAUSE = 0.1
"""Seconds between two looks."""
_CLEAR = "\r\x1b[K"


class Progress:
    """Told the stage, how much is done, and how much there is in all; shows it from two seconds on."""

    def __init__(self) -> None:
        self._started = self._drawn = time.monotonic()
        self._shown = False
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._shown:
            click.echo(_CLEAR, err=True, nl=False)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note, and show it if it is time to."""
        now = time.monotonic()
        if self._terminal and now - self._started >= PATIENCE and now - self._drawn >= PAUSE:
            self._drawn, self._shown = now, True
            click.echo(f"{_CLEAR}{line(stage, done, total)}", err=True, nl=False)


def line(stage: str, done: int, total: int | None) -> str:
    """What is shown.

    >>> line("decide", 500, 2000)
    'decide: 500 of 2,000 [#####               ]'
    """
    if not total:
        return f"{stage}: {done:,}"
    part = min(done / total, 1.0)
    return f"{stage}: {done:,} of {total:,} [{'#' * int(part * 20):20}]"
