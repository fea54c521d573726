"""``troth record``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace.record import record


@make(
    "record",
    examples=("troth record --workspace shop history.jsonl",),
    codes={0: "every event is durable", 2: "it cannot be run; what was recorded before stays, once"},
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE…")
@options.workspace
@options.as_json
def command(*, files: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Record events in a workspace: what people chose and did, in the public format (docs/formats/history.md).

    Answers only when every event is durable. An event that is recorded again counts once; the same id with
    other content is an error. What is new is then committed to the ledger.
    """
    with Progress() as progress:
        recorded = record(workspace, files, progress)
    warn(of_ledger(recorded.ledger))
    if as_json:
        say_json(asdict(recorded))
        return
    say(f"{plural(recorded.new, 'event')} recorded, {recorded.repeated:,} known before")
    if recorded.gone:
        say(f"{plural(recorded.gone, 'event')} about what was erased left out: they do not come back")
    say(f"ledger  {recorded.ledger.line}")
