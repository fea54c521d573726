"""``troth history export``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.cli.values import MOMENT
from troth.operations.workspace.export import export_history, exported
from troth.types.moment import Moment


@make("export", examples=("troth history export --workspace shop --as-of 2025-11-01 --out events.jsonl",))
@options.workspace
@click.option(
    "--as-of",
    required=True,
    type=MOMENT,
    metavar="TIME",
    help="What had happened and was known at this time: RFC 3339 in UTC, or a day.",
)
@click.option("--out", type=options.FILE, metavar="FILE", help="Where to write. [default: standard output]")
@options.as_json
def command(*, workspace: Path, as_of: Moment, out: Path | None, as_json: bool) -> None:
    """Write the events of a workspace in the public format, one JSON object a line, as the ledger has them."""
    if out is None:
        for line in exported(workspace, as_of):
            sys.stdout.buffer.write(line)
        return
    count = export_history(workspace, as_of, out)
    if as_json:
        say_json({"events": count, "out": str(out)})
    else:
        say(f"{plural(count, 'event')} written to {out}")
