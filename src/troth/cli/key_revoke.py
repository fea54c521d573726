"""``troth key revoke``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.operations.workspace.opened import now


@make("revoke", examples=("troth key revoke --workspace shop a2b3c4d5e6",))
@click.argument("number", metavar="NUMBER")
@options.workspace
@options.as_json
def command(*, number: str, workspace: Path, as_json: bool) -> None:
    """Revoke a key, by its NUMBER. Within a second it opens nothing, and neither do tokens that it vouches for.

    To revoke it again changes nothing.
    """
    # Only here: the libraries of the service take a second to load, and are an extra.
    from troth.web.access.keys import revoke_key  # noqa: PLC0415
    from troth.web.keeping import opened_tables  # noqa: PLC0415

    with opened_tables(workspace) as (tables, _):
        revoke_key(tables, number, now())
    if as_json:
        say_json({"revoked": number})
        return
    say(f"revoked  {number}")
