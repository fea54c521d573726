"""``troth export``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from troth.cli import options as shared
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.read import lines, terms_given
from troth.cli.warnings_of import of_ledger
from troth.errors import UsageError
from troth.operations.workspace.releases.export_release import export_release
from troth.operations.workspace.releases.read_release import ReadRequest


@make(
    "export",
    examples=(
        'troth export --plain --to "Service providers" --purpose serve --workspace shop \\',
        "    shop/releases/november --out november.parquet",
    ),
    codes={1: "a file of the release is not the one that the manifest names, or a cell does not open"},
)
@click.argument("release", metavar="DIR|DIGEST")
@click.option(
    "--plain",
    is_flag=True,
    help="Say that what is written is readable by whoever has the file. Must be given.",
)
@click.option(
    "--to", "recipient", required=True, metavar="RECIPIENT", help="Who gets it, by the name in the terms."
)
@shared.purpose
@shared.workspace
@terms_given
@shared.option
@shared.out("The Parquet file to write.")
@shared.as_json
def command(
    *,
    release: str,
    plain: bool,
    recipient: str,
    purpose: str,
    workspace: Path,
    terms: str | None,
    options: Mapping[str, str],
    out: Path,
    as_json: bool,
) -> None:
    """Write what may still be used of a sealed release as plain Parquet, for a recipient whom the terms allow.

    Every record is decided again, for this purpose and now. The ledger records the export before anything is written.
    """
    if not plain:
        raise UsageError(
            "an export is plain", remedy="give --plain: what leaves can be neither withheld nor erased"
        )
    asked = ReadRequest(workspace, release, purpose, terms, options or None)
    with Progress() as progress:
        done = export_release(asked, recipient, out, progress)
    warn(of_ledger(done.ledger))
    if as_json:
        told = {
            "recipient": done.recipient,
            "clause": done.clause,
            "out": str(out),
            "ledger": done.ledger.size,
        }
        say_json({**done.report.form(), **told})
        return
    for line in lines(done.report, "exported"):
        say(line)
    say("")
    say(f"to      {done.recipient} ({done.clause})")
    say(f"file    {out}")
    say(f"ledger  {done.ledger.line}")
