"""``troth keys new``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.operations.keys_new import make_key


@make("new", examples=("troth keys new signer",))
@click.argument("name")
@click.option(
    "--dir",
    "folder",
    type=options.FILE,
    default=".",
    metavar="DIR",
    help="Where the files go. [default: here]",
)
@options.as_json
def command(*, name: str, folder: Path, as_json: bool) -> None:
    """Make a key to sign releases with: NAME.key, which only its owner may read, and NAME.pub.

    Whoever has NAME.key can sign in your name: keep it out of backups that others read. Hand NAME.pub to
    verifiers by another way than the releases. A key is never overwritten.
    """
    made = make_key(name, folder)
    if as_json:
        say_json({"private": str(made.private), "public": str(made.public), "id": made.id})
        return
    say(f"private key  {made.private}  (keep it secret)")
    say(f"public key   {made.public}  (hand it to verifiers)")
    say(f"key id       {made.id}")
