"""``troth receipt``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.errors import UsageError
from troth.operations.whole_file import whole_file
from troth.operations.workspace.receipts.receipts import (
    Receipted,
    receipt_again,
    receipt_of_account,
    receipt_of_conversation,
    receipt_of_release,
)


@make(
    "receipt",
    examples=(
        "troth receipt --workspace shop --account ada --out ada.receipt",
        "troth receipt --workspace shop --conversation talk-4 --release shop/releases/november --out talk-4.receipt",
        "troth receipt --workspace shop --from-receipt talk-4.receipt --release shop/releases/november --out again.receipt",
    ),
)
@options.workspace
@click.option("--account", metavar="ID", help="What this account chose, deleted and was.")
@click.option("--conversation", metavar="ID", help="That this conversation was taken in.")
@click.option(
    "--from-receipt", "held", type=options.FILE, metavar="FILE",
    help="The conversation of a receipt that the person holds; the store is not asked for it.",
)  # fmt: skip
@click.option(
    "--release", "releases", cls=Several, metavar="DIR|DIGEST…",
    help="Whether the conversation is in these releases. Alone: the receipt of the release itself.",
)  # fmt: skip
@options.out("Where the receipt goes. It appears whole, or not at all.")
@options.as_json
def command(
    *,
    workspace: Path,
    account: str | None,
    conversation: str | None,
    held: Path | None,
    releases: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Write a receipt: one text file with which anyone checks, offline and alone, what the ledger holds.

    It says in plain words what it proves, and what it does not. Check it with troth verify.
    """
    with Progress() as progress:
        made = _made(workspace, account, conversation, held, releases, progress)
    with whole_file(out) as partial:
        partial.write_bytes(made.data)
    warn(of_ledger(made.ledger))
    if as_json:
        say_json({"receipt": str(out), "bytes": len(made.data), "ledger_size": made.ledger.size})
    else:
        say(f"{plural(len(made.data), 'byte')} written to {out}")


def _made(
    workspace: Path,
    account: str | None,
    conversation: str | None,
    held: Path | None,
    releases: tuple[str, ...],
    progress: Progress,
) -> Receipted:
    if sum(one is not None for one in (account, conversation, held)) > 1:
        raise UsageError(
            "a receipt is about one thing", remedy="give one of --account, --conversation, --from-receipt"
        )
    if account is not None:
        if releases:
            raise UsageError("releases hold conversations", remedy="give --conversation with --release")
        return receipt_of_account(workspace, account, progress)
    if conversation is not None:
        return receipt_of_conversation(workspace, conversation, releases, progress)
    if held is not None:
        return receipt_again(workspace, held, releases, progress)
    if len(releases) == 1:
        return receipt_of_release(workspace, releases[0], progress)
    raise UsageError(
        "a receipt of what?", remedy="give --account, --conversation, --from-receipt or one --release"
    )
