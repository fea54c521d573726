"""``troth show``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace.show import Shown, show
from troth.receipt.quoting import plain
from troth.types.moment import format_moment


@make(
    "show",
    examples=('troth show --workspace shop --conversation talk-1 --why "question of the customer"',),
    codes={1: "some of it is damaged: what can be opened is shown"},
)
@options.workspace
@click.option("--conversation", required=True, metavar="ID", help="The id of the conversation.")
@click.option("--why", required=True, metavar="TEXT", help="The reason, which the ledger records for good.")
@options.as_json
def command(*, workspace: Path, conversation: str, why: str, as_json: bool) -> None:
    """Open one conversation of the vault, and print it. The ledger records that first, and why.

    Do not name a person in the reason: an entry of the ledger commits to it, and the store keeps it.
    """
    with Progress() as progress:
        shown = show(workspace, conversation, why, progress)
    warn(of_ledger(shown.ledger))
    if as_json:
        say_json({"conversation": conversation, "records": [_json(row) for row in shown.records]})
    else:
        for line in _lines(conversation, shown):
            say(line)
    if shown.damage is not None:
        raise shown.damage


def _lines(conversation: str, shown: Shown) -> Iterator[str]:
    yield f"conversation {plain(conversation)}"
    for row in shown.records:
        at = format_moment(row["at"]) if "at" in row else "at no known time"
        yield ""
        yield f"{at}  {plain(row['role'])}, {plain(row['kind'])}  {plain(row['record'])}"
        for line in row.get("text", "").splitlines():
            yield f"  {plain(line)}"
        if "digest" in row:
            yield f"  [{plain(row.get('media_type', 'a file'))}, {plain(row['digest'])}]"
    yield ""
    yield f"ledger  {shown.ledger.line}"


def _json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record without the bytes of media, which its digest stands for."""
    told = {name: value for name, value in row.items() if name != "bytes"}
    return told | ({"at": format_moment(row["at"])} if "at" in row else {})
