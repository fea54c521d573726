"""A text that came from the network, made fit for one line of a log, a message or a terminal."""

from __future__ import annotations

LONGEST = 400
"""Characters that are kept."""


def plain_line(text: str) -> str:
    r"""The text without line ends and control characters, cut where it is long.

    >>> plain_line("unknown\nlog")
    'unknown?log'
    """
    line = "".join(letter if letter.isprintable() else "?" for letter in text[: LONGEST + 1])
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"
