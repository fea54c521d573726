"""``troth witness trust``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.operations.witness import trust_logs

_EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
"""The vkey of the example in C2SP signed-note."""


@make("trust", examples=(f"troth witness trust w1 {_EXAMPLE}",))
@click.argument("folder", type=options.FILE, metavar="DIR")
@click.argument("vkeys", nargs=-1, required=True, metavar="VKEY…")
@options.as_json
def command(*, folder: Path, vkeys: tuple[str, ...], as_json: bool) -> None:
    """Let the witness in DIR cosign for the logs with these public keys (their log.vkey, a line each).

    A witness that runs takes it up with its next request. To end it, take the line out of DIR/logs.
    """
    trusted = trust_logs(folder, vkeys)
    if as_json:
        say_json({"added": list(trusted.added), "logs": list(trusted.logs)})
        return
    for origin in trusted.added:
        say(f"added  {origin}")
    say(f"the witness cosigns for {plural(len(trusted.logs), 'log')}")
