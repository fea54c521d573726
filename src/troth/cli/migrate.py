"""``troth migrate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace import migrate


@make(
    "migrate",
    examples=("troth migrate --workspace shop",),
    codes={0: "the workspace has format 2"},
)
@options.workspace
@options.as_json
def command(*, workspace: Path, as_json: bool) -> None:
    """Seal what an older workspace holds in plain, and destroy the plain store.

    End everything else that uses the workspace before. Whatever interrupts it, call it again. Backups from before
    hold everything in plain: they are yours to destroy.
    """
    with Progress() as progress:
        done = migrate.migrate(workspace, progress)
    warn(of_ledger(done.ledger))
    if as_json:
        say_json(asdict(done))
        return
    if done.items is None:
        say("sealed before: the migration that was interrupted is finished")
    else:
        say(f"{done.items:,} events and acts, {done.conversations:,} conversations sealed")
    say(f"ledger  {done.ledger.line}")
