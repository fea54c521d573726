"""``troth init``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.operations.workspace.init import SQLITE, init_workspace
from troth.operations.workspace.settings import SEGMENTS


@make(
    "init",
    examples=(
        "troth init shop --origin example.org/shop",
        "troth init quantum-safe --origin example.org/quantum-safe --ml-dsa",
        "troth init safe --origin example.org/safe --root safe-roots --key-copy safe-keys",
    ),
    codes={0: "the workspace is made"},
)
@click.argument("folder", type=options.FILE, metavar="DIR")
@click.option(
    "--origin",
    metavar="NAME",
    help="The name of the ledger for outsiders: by custom a URL without https://. [default: made up]",
)
@click.option(
    "--store",
    default=SQLITE,
    show_default=True,
    metavar="sqlite|URL",
    help="Where events are kept: a file in the workspace, or postgresql://….",
)
@click.option(
    "--ledger",
    default="ledger",
    show_default=True,
    metavar="DIR|URL",
    help="Where the files of the ledger go: a folder of the workspace, or an object store such as s3://….",
)
@click.option(
    "--segments",
    default=SEGMENTS,
    show_default=True,
    metavar="DIR|URL",
    help="Where what is said goes, sealed: a folder of the workspace, or an object store.",
)
@click.option(
    "--ml-dsa",
    is_flag=True,
    help="Sign checkpoints with ML-DSA-44 too, which quantum computers do not break.",
)
@click.option(
    "--root",
    type=options.FILE,
    metavar="DIR",
    help="Where the files of the root key go: another disk than the workspace. [default: in the workspace]",
)
@click.option(
    "--key-copy",
    type=options.FILE,
    metavar="DIR",
    help="Where the key database is copied with every change: another disk than both. [default: nowhere]",
)
@options.as_json
def command(
    *,
    folder: Path,
    origin: str | None,
    store: str,
    ledger: str,
    segments: str,
    ml_dsa: bool,
    root: Path | None,
    key_copy: Path | None,
    as_json: bool,
) -> None:
    """Make a workspace: an event store, a ledger that nobody rewrites unnoticed, and a place for releases.

    The lines printed are the ledger's public keys. Publish them: they are all that outsiders need to check
    receipts (docs/formats/workspace.md).
    """
    made = init_workspace(
        folder, origin, store, ledger, ml_dsa=ml_dsa, root=root, key_copy=key_copy, segments=segments
    )
    if as_json:
        say_json({"workspace": str(made.folder), "origin": made.origin, "log_keys": list(made.vkeys)})
        return
    say(f"workspace  {made.folder}")
    say(f"origin     {made.origin}")
    for vkey in made.vkeys:
        say(f"log key    {vkey}")
