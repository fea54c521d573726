"""``troth terms check``."""

from __future__ import annotations

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.cli.values import TERMS
from troth.operations.terms_check import Checked, check_terms
from troth.terms.plain import plain


@make(
    "check",
    examples=("troth terms check shop-terms", "troth terms check anthropic-consumer --json"),
    codes={0: "no error; there may be notes", 1: "an error"},
)
@click.argument("terms", type=TERMS, metavar="FILE|DIR|NAME")
@options.as_json
def command(*, terms: str, as_json: bool) -> int:
    """Find every problem of a terms file, or of a folder of versions: one a line, with what to do.

    Beside what keeps a file from being read: rules that can never match, rules that contradict one another,
    combinations of facts that no rule speaks of, gaps in the retention table, texts that have changed since
    they were published. A note is worth knowing, and is no error.
    """
    checked = check_terms(terms)
    if as_json:
        say_json({"errors": checked.errors, "notes": checked.notes, "problems": plain(checked.problems)})
    else:
        for problem in checked.problems:
            say(str(problem))
        say(summary(checked))
    return 1 if checked.errors else 0


def summary(checked: Checked) -> str:
    """How many errors and notes there are."""
    return f"{plural(checked.errors, 'error')}, {plural(checked.notes, 'note')}"
