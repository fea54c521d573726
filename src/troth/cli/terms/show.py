"""``troth terms show``."""

from __future__ import annotations

from collections.abc import Mapping

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.cli.values import TERMS
from troth.operations.terms_show import show_terms
from troth.terms.plain import plain
from troth.terms.show import as_text


@make(
    "show",
    examples=("troth terms show anthropic-consumer", "troth terms show openai@2023-03-01 --json"),
)
@click.argument("terms", type=TERMS, metavar="NAME[@VERSION]|FILE|DIR")
@options.option
@options.as_json
def command(*, terms: str, options: Mapping[str, str], as_json: bool) -> None:
    """Say in plain English what terms say: rules, retention, choices, options, findings and sources.

    Without a version, and of a folder, the newest version is shown.
    """
    shown = show_terms(terms, options)
    if as_json:
        say_json(plain(shown.version))
    else:
        say(as_text(shown.sections).rstrip("\n"))
