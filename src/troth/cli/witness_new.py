"""``troth witness new``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.operations.witness import make_witness


@make("new", examples=("troth witness new w1 --name example.org/w1",))
@click.argument("folder", type=options.FILE, metavar="DIR")
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    help="Whose cosignatures they are: a name such as example.org/w1, without spaces and plus.",
)
@click.option(
    "--ml-dsa", is_flag=True, help="Make an ML-DSA-44 key, too, that a quantum computer cannot break."
)
@options.as_json
def command(*, folder: Path, name: str, ml_dsa: bool, as_json: bool) -> None:
    """Make a witness in the folder DIR: keys, an empty list of logs, and room for what it will remember.

    Hand the public keys to the operators of the logs that it shall cosign. Whoever can write the folder can make it
    cosign a fork; never restore it from a backup while it is in use.
    """
    made = make_witness(folder, name, ml_dsa=ml_dsa)
    if as_json:
        say_json({"folder": str(made.folder), "name": made.name, "vkeys": list(made.vkeys)})
        return
    say(f"witness     {made.name}  in {made.folder}  (keep it to yourself)")
    for vkey in made.vkeys:
        say(f"public key  {vkey}")
    say("next        troth witness trust DIR VKEY, then troth witness run DIR")
