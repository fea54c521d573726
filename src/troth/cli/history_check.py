"""``troth history check``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.options import chosen_workspace
from troth.cli.output import plural, say, say_json, table, warn
from troth.cli.values import TERMS
from troth.cli.warnings_of import of_history
from troth.operations.history_check import CheckedHistory, check_history
from troth.operations.workspace.history import history_files
from troth.types.moment import Moment, format_moment


@make(
    "check",
    examples=("troth history check history.jsonl --terms anthropic-consumer",),
    codes={0: "every event can be read, and has effect", 1: "an event has no effect under the terms given"},
)
@click.argument("files", nargs=-1, type=click.Path(), metavar="FILE…")
@options.workspace_given
@click.option(
    "--terms",
    type=TERMS,
    metavar="NAME|FILE|DIR",
    help="Find also events that have no effect under these terms.",
)
@options.option
@options.as_json
def command(
    *,
    files: tuple[str, ...],
    workspace: Path | None,
    terms: str | None,
    options: Mapping[str, str],
    as_json: bool,
) -> int:
    """Check the events of a history: each for itself, and all of them against one another.

    A misspelt event or key, a time without a zone, one id with two contents, and one record said in two ways
    are errors, with file and line. Events in any order, announced ahead, given twice, or of accounts that
    were never opened are not.
    """
    with history_files(files, chosen_workspace(files, workspace)) as history:
        found = check_history(history, terms, options)
    lines = list(found.notices.lines())
    if as_json:
        say_json(_json(found, lines))
    else:
        _say(found)
    warn(of_history(found.notices, found.repeated))
    return 1 if lines else 0


def _say(found: CheckedHistory) -> None:
    say(f"{plural(found.events, 'event')} about {plural(found.accounts, 'account')}")
    if found.first is not None and found.last is not None:
        say(f"from {format_moment(found.first)} to {format_moment(found.last)}")
    for line in table([(count, name) for name, count in found.counts.items()]):
        say(line)


def _json(found: CheckedHistory, lines: list[str]) -> dict[str, object]:
    return {
        "events": found.events,
        "repeated": found.repeated,
        "accounts": found.accounts,
        "first": _moment(found.first),
        "last": _moment(found.last),
        "counts": dict(found.counts),
        "without_effect": lines,
    }


def _moment(moment: Moment | None) -> str | None:
    return None if moment is None else format_moment(moment)
