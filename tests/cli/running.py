"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from troth.terms.archive import shipped

Run = Callable[..., Result]
"""Runs a command in a folder with the examples of the manual; ``code`` is the exit code that it must end with."""

DECIDE = (
    "--terms", "anthropic-consumer", "--history", "history.jsonl", "--records", "chats.jsonl",
    "--purpose", "train.general", "--at", "2025-11-01",
)  # fmt: skip
"""The question that most tests ask."""


def own_terms(path: Path) -> None:
    """Terms that declare a kind and an allowed value of their own."""
    text = (shipped() / "anthropic-consumer" / "2025-09-27.toml").read_text(encoding="utf-8")
    text = text.replace("[[filters]]\n", '[[filters]]\nreplace = { TICKET = "mask" }\n', 1)
    text += """
[[recognisers]]
kind = "TICKET"
pattern = 'TKT-\\d+'
finds = ["{TKT-1}"]
passes = ["TKT"]
text = "Tickets"

[[allowed]]
values = ["help@corp.com"]
text = "Our own address"
"""
    path.write_text(text, encoding="utf-8")
