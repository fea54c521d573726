"""``troth release withdraw``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace.releases.withdraw import withdraw_release


@make(
    "withdraw",
    examples=(
        'troth release withdraw --workspace shop shop/releases/november --why "built from the wrong logs"',
    ),
)
@click.argument("release", metavar="DIR|DIGEST")
@options.workspace
@click.option(
    "--why", required=True, metavar="TEXT", help="The reason, which every receipt of the release shows."
)
@options.as_json
def command(*, release: str, workspace: Path, why: str, as_json: bool) -> None:
    """Say in the ledger that a release is not to be used any more. Its files are left alone."""
    with Progress() as progress:
        manifest, ledger = withdraw_release(workspace, release, why, progress)
    warn(of_ledger(ledger))
    if as_json:
        say_json({"manifest": manifest, "why": why})
    else:
        say(f"withdrawn: {manifest}")
