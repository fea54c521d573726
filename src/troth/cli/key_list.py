"""``troth key list``."""

from __future__ import annotations

from pathlib import Path

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, table
from troth.types.moment import format_moment


@make("list", examples=("troth key list --workspace shop",))
@options.workspace
@options.as_json
def command(*, workspace: Path, as_json: bool) -> None:
    """List every key of the service: its number, role, scopes and name, and whether it is revoked.

    The keys themselves are not stored, and shown by nothing.
    """
    # Only here: the libraries of the service take a second to load, and are an extra.
    from troth.web.access.keys import list_keys  # noqa: PLC0415
    from troth.web.keeping import opened_tables  # noqa: PLC0415

    with opened_tables(workspace) as (tables, _):
        found = list_keys(tables)
    if as_json:
        say_json(
            [
                {
                    "id": one.id,
                    "role": one.role,
                    "organisation": one.organisation,
                    "scopes": list(one.scopes),
                    "name": one.name,
                    "made": format_moment(one.made),
                    "revoked": None if one.revoked is None else format_moment(one.revoked),
                }
                for one in found
            ]
        )
        return
    if not found:
        say("no keys: troth key new makes the first")
    rows = [
        (
            one.id,
            one.role,
            " ".join(one.scopes) or "everything",
            one.name,
            "revoked" if one.revoked else "living",
        )
        for one in found
    ]
    for line in table(rows, indent=""):
        say(line)
