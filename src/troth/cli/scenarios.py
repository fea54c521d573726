"""``troth scenarios``."""

from __future__ import annotations

from dataclasses import asdict

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.errors import ScenarioError
from troth.operations.scenarios import run_scenarios


@make(
    "scenarios",
    examples=("troth scenarios scenarios.toml",),
    codes={0: "every answer is right, and there was at least one", 1: "an answer is not the right one"},
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE|DIR…")
@options.as_json
def command(*, paths: tuple[str, ...], as_json: bool) -> int:
    """Run scenarios, and name every answer that is not the right one.

    A scenario is a short history and a few questions with their right answers (docs/formats/scenarios.md).
    Each question is asked in both ways of deciding, record by record and in columns; an answer counts as
    passed only if both are right and say the same.
    """
    outcome = run_scenarios(paths)
    if not outcome.asked:
        raise ScenarioError("no question was asked", remedy="add an ask to a scenario")
    failed = len(outcome.failures)
    if as_json:
        failures = [asdict(failure) for failure in outcome.failures]
        say_json({"passed": outcome.passed, "failed": failed, "failures": failures})
    else:
        for failure in outcome.failures:
            say(str(failure))
        say(f"{outcome.passed} passed, {failed} failed")
    return 1 if failed else 0
