"""``troth key new``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.errors import Place, UsageError
from troth.operations.workspace.opened import now

ROLES = ("product", "admin", "owner", "privacy", "engineer", "auditor")


@make(
    "new",
    examples=(
        "troth key new --workspace shop --role product --tokens website",
        "troth key new --workspace shop --role auditor --scope holds --scope acts yearly-audit",
    ),
)
@click.argument("name", metavar="NAME")
@options.workspace
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What it may, of what its role may. May be given several times. [default: all of it]",
)
@click.option("--organisation", metavar="ID", help="Of --role admin: the organisation that it chooses for.")
@click.option("--tokens", is_flag=True, help="It may vouch for persons, with a secret that is shown with it.")
@click.option(
    "--public-key",
    type=options.FILE,
    metavar="FILE",
    help="It may vouch for persons, with the Ed25519 key of which this is the public half (PEM).",
)
@options.as_json
def command(
    *,
    name: str,
    workspace: Path,
    role: str,
    scopes: tuple[str, ...],
    organisation: str | None,
    tokens: bool,
    public_key: Path | None,
    as_json: bool,
) -> None:
    """Make a key with which a product, an administrator or an operator calls the service. It is shown once.

    NAME is for your own list. Only a keyed hash is stored: a key that is lost is revoked, and another one made.
    """
    # Only here: the libraries of the service take a second to load, and are an extra.
    from troth.web.access.keys import new_key  # noqa: PLC0415
    from troth.web.keeping import opened_tables  # noqa: PLC0415

    if tokens and public_key is not None:
        raise UsageError("two ways to vouch for persons", remedy="give --tokens or --public-key")
    pem = None if public_key is None else _read(public_key)
    with opened_tables(workspace) as (tables, secret):
        made = new_key(
            tables, secret, role, name, now(),
            scopes=scopes, organisation=organisation, tokens=tokens, public_key=pem,
        )  # fmt: skip
    if as_json:
        say_json({"id": made.key.id, "role": role, "key": made.text, "token_secret": made.token_secret})
        return
    say(f"number        {made.key.id}")
    say(f"key           {made.text}  (shown once: keep it secret)")
    if made.token_secret is not None:
        say(f"token secret  {made.token_secret}  (shown once: signs the tokens of persons)")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(
            f"cannot be read: {problem}", place=Place(str(path)), remedy="check the path"
        ) from None
