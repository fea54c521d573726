"""``troth erase``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.staying import staying_json, staying_lines
from troth.cli.values import MOMENT
from troth.operations.workspace.erasure.erase import Erased, ErasureRequest, erase
from troth.types.moment import Moment, format_moment


@make(
    "erase",
    examples=(
        "troth erase --workspace shop --terms anthropic-consumer --conversation talk-1 \\",
        '    --why "the person asked for it"',
    ),
    codes={
        0: "what may go is gone; what stays is listed",
        2: "it cannot be run; what was destroyed stays destroyed",
    },
)
@options.workspace
@options.terms
@options.option
@click.option("--conversation", metavar="ID", help="Erase one conversation.")
@click.option("--account", metavar="ID", help="Erase what one account said.")
@click.option("--before", type=MOMENT, metavar="TIME", help="Erase what was said before a time.")
@click.option(
    "--why", required=True, metavar="TEXT", help="The reason, which the ledger and receipts keep for good."
)
@click.option("--dry-run", is_flag=True, help="Only list what would go and what would stay.")
@click.option(
    "--receipts",
    type=options.FILE,
    metavar="DIR",
    help="Write a receipt for each conversation that went into a folder.",
)
@options.as_json
def command(
    *,
    workspace: Path,
    terms: str,
    options: Mapping[str, str],
    conversation: str | None,
    account: str | None,
    before: Moment | None,
    why: str,
    dry_run: bool,
    receipts: Path | None,
    as_json: bool,
) -> None:
    """Erase, at once and for good: destroy the keys of conversations that no hold and no duty of the terms keeps.

    A conversation goes whole or stays. What stays is listed with the reason, the clause and the date (docs/erasure.md). Do
    not name a person in the reason: it stays.
    """
    request = ErasureRequest(workspace, terms, why, options, conversation, account, before, dry_run, receipts)
    with Progress() as progress:
        done = erase(request, progress)
    warn(done.warnings)
    if as_json:
        say_json(_json(done, dry_run=dry_run))
        return
    for line in _lines(done, dry_run=dry_run):
        say(line)


def _lines(done: Erased, *, dry_run: bool) -> Iterator[str]:
    verb = "would be erased" if dry_run else "erased"
    yield f"{plural(done.conversations, 'conversation')} with {plural(done.records, 'record')} {verb}"
    if done.account:
        yield f"what was recorded of the account {verb}"
    yield from staying_lines(done.stays, done.staying)
    for intent, end in done.entries:
        yield f"ledger  intended by entry {intent:,}, done by entry {end:,}"
    for path in done.receipts:
        yield f"receipt  {path}"


def _json(done: Erased, *, dry_run: bool) -> dict[str, Any]:
    return {
        "at": format_moment(done.at),
        "dry_run": dry_run,
        "conversations": done.conversations,
        "records": done.records,
        "account": done.account,
        "stays": done.stays,
        "staying": [staying_json(one) for one in done.staying],
        "entries": [{"intended": intent, "done": end} for intent, end in done.entries],
        "receipts": [str(path) for path in done.receipts],
        "warnings": done.warnings,
    }
