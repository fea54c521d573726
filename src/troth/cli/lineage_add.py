"""``troth lineage add``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace.receipts.lineage import add_lineage


@make(
    "add",
    examples=(
        "troth lineage add --workspace shop --artefact model.safetensors --name assistant-1 \\",
        "    --from shop/releases/november",
    ),
)
@options.workspace
@click.option(
    "--artefact", required=True, metavar="FILE|DIGEST", help="What was made: a file, or its sha256: digest."
)
@click.option(
    "--made", default="weights", show_default=True, metavar="WORD",
    help="What it is: weights, adapter, embeddings, dataset, …",
)  # fmt: skip
@click.option("--name", required=True, metavar="TEXT", help="What people call it.")
@click.option(
    "--from", "sources", cls=Several, required=True, metavar="RELEASE|DIGEST…",
    help="What it was made from: releases, and artefacts that are recorded.",
)  # fmt: skip
@options.as_json
def command(
    *, workspace: Path, artefact: str, made: str, name: str, sources: tuple[str, ...], as_json: bool
) -> None:
    """Record that weights, or something else, were made from releases and from what was made before.

    Fine-tunes and distillations name the weights they came from; so everything that a conversation went into
    can be found, over any depth.
    """
    with Progress() as progress:
        recorded, ledger = add_lineage(workspace, artefact, made, name, sources, progress)
    warn(of_ledger(ledger))
    if as_json:
        say_json(asdict(recorded))
        return
    say(f"{recorded.made} {recorded.name!r}  {recorded.digest}")
    for parent in recorded.parents:
        say(f"  made from {parent}")
