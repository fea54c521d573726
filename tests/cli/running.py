"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Run = Callable[..., Result]
"""Runs a command in a folder with the examples of the manual; ``code`` is the exit code that it must end with."""

DECIDE = (
    "--terms", "anthropic-consumer", "--history", "history.jsonl", "--records", "chats.jsonl",
    "--purpose", "train.general", "--at", "2025-11-01",
)  # fmt: skip
"""The question that most tests ask."""
