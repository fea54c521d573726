"""``troth lineage of``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.cli.progress import Progress
from troth.errors import UsageError
from troth.operations.whole_file import whole_file
from troth.operations.workspace.receipts.lineage import Touched, lineage_of
from troth.operations.workspace.receipts.receipts import receipt_of_lineage


@make(
    "of",
    examples=(
        "troth lineage of --workspace shop --conversation talk-4 --out talk-4.lineage.receipt",
        "troth lineage of --workspace shop --account ada",
    ),
)
@options.workspace
@click.option("--conversation", metavar="ID", help="What this conversation went into.")
@click.option("--account", metavar="ID", help="What the conversations of this account went into.")
@click.option("--release", metavar="DIR|DIGEST", help="What was made from this release.")
@click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="With --conversation: prove it, in a receipt written here.",
)
@options.as_json
def command(
    *,
    workspace: Path,
    conversation: str | None,
    account: str | None,
    release: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find everything that a conversation, an account or a release went into: releases, weights, and what came of them.

    This is what an order to delete models asks for. It rests on what was recorded with troth lineage add.
    """
    if sum(one is not None for one in (conversation, account, release)) != 1:
        raise UsageError("lineage of what?", remedy="give one of --conversation, --account and --release")
    if out is not None and conversation is None:
        raise UsageError("a receipt is about one conversation", remedy="give --conversation with --out")
    found = lineage_of(workspace, conversation=conversation, account=account, release=release)
    if out is not None and conversation is not None:
        with Progress() as progress:
            proved = receipt_of_lineage(workspace, conversation, progress)
        with whole_file(out) as partial:
            partial.write_bytes(proved.data)
    if as_json:
        say_json(asdict(found))
    else:
        _say(found, out)


def _say(found: Touched, out: Path | None) -> None:
    say(f"in {plural(len(found.releases), 'release')}")
    for manifest in found.releases:
        say(f"  {manifest}")
    say(f"{plural(len(found.artefacts), 'artefact')} made from them, over any depth")
    for one in found.artefacts:
        say(f"  {one.made} {one.name!r}  {one.digest}")
    if out is not None:
        say(f"proved in {out}")
