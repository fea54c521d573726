"""``troth verify-erasure``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.operations.workspace.erasure.verify_erasure import LookRequest, verify_erasure

FOUND = 1


@make(
    "verify-erasure",
    examples=("troth verify-erasure --workspace shop --conversation talk-of-ada",),
    codes={0: "nothing that was looked at yields it", 1: "something yields it: each is named"},
)
@options.workspace
@click.option("--conversation", required=True, metavar="ID", help="The id of the conversation.")
@click.option(
    "--needle",
    "needles",
    cls=Several,
    type=options.FILE,
    metavar="FILE…",
    help="What was said, or ids of events: a text file, a line each, or an export in JSON Lines.",
)
@click.option(
    "--release",
    "also",
    cls=Several,
    type=options.FILE,
    metavar="DIR…",
    help="Look here too: a release, a cache, a copy.",
)
@options.as_json
def command(
    *, workspace: Path, conversation: str, needles: tuple[Path, ...], also: tuple[Path, ...], as_json: bool
) -> None:
    """Show by looking that a conversation is erased: in the live keys, and in every file of workspace and releases.

    Troth does not have the words any more. Who has them gives them with --needle, and every file is searched for them.
    """
    with Progress() as progress:
        done = verify_erasure(LookRequest(workspace, conversation, needles, also), progress)
    warn(done.unseen)
    if as_json:
        say_json(
            {
                "findings": done.findings,
                "sealed": done.sealed,
                "slots": sorted(done.slots),
                "files": done.files,
                "bytes": done.size,
                "needles": done.needles,
                "unseen": done.unseen,
            }
        )
    else:
        for finding in done.findings:
            say(f"found  {finding}")
        say(f"{plural(done.sealed, 'sealed record')} of it left, under keys that are destroyed")
        say(
            f"{plural(done.files, 'file')} with {plural(done.size, 'byte')} looked at, for {plural(done.needles, 'needle')}"
        )
        if not done.findings:
            say("nothing that was looked at yields it")
    if done.findings:
        click.get_current_context().exit(FOUND)
