"""``troth notice lint``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.operations.notice_lint import lint_notices


@make(
    "lint",
    examples=("troth notice lint", "troth notice lint --json"),
    codes={0: "no rule is broken", 1: "a rule is broken: each is named"},
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[DIR|FILE]…")
@options.as_json
def command(*, paths: tuple[Path, ...], as_json: bool) -> int:
    """Find dark patterns: in the words of a question, or in a dialog as it is shown.

    DIR is a question with a notice for each of its locales, FILE the description of a dialog (docs/formats/notices.md).
    Without either the questions that come with Troth are looked at. Each finding names the rule that it breaks, and
    what the rule rests on. No finding is no legal opinion.
    """
    linted = lint_notices(paths)
    if as_json:
        findings = [
            {"where": one.where, "what": one.what, "rule": one.rule.id, "says": one.rule.says,
             "source": one.rule.source, "remedy": one.remedy}
            for one in linted.findings
        ]  # fmt: skip
        say_json({"looked_at": linted.looked_at, "findings": findings})
    else:
        for finding in linted.findings:
            say(str(finding))
        say(f"{', '.join(linted.looked_at)}: {plural(len(linted.findings), 'finding')}")
    return 1 if linted.findings else 0
