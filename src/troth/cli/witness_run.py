"""``troth witness run``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say
from troth.operations.witness import Keys, run_witness


@make(
    "run",
    examples=("troth witness run w1", "troth witness run w1 --listen 127.0.0.1:7381"),
    codes={0: "told to end by SIGINT or SIGTERM"},
)
@click.argument("folder", type=options.FILE, metavar="DIR")
@click.option(
    "--listen",
    default="127.0.0.1:7380",
    show_default=True,
    metavar="HOST:PORT",
    help="Where to listen; port 0 takes a free one.",
)
def command(*, folder: Path, listen: str) -> None:
    """Run the witness in DIR: cosign what extends what it cosigned before, and refuse everything else.

    It speaks the C2SP tlog-witness protocol over plain HTTP. Outside of one machine, put it behind a proxy that adds
    TLS. One line for each request goes to stderr.
    """
    run_witness(folder, listen, started=_say, log=lambda line: click.echo(line, err=True))


def _say(url: str, keys: Keys) -> None:
    say(f"witness {keys.name} listens on {url}")
