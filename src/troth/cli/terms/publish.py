"""``troth terms publish``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.terms.check import summary
from troth.cli.warnings_of import of_ledger
from troth.operations.terms_publish import Published, publish_terms
from troth.terms.plain import plain


@make(
    "publish",
    examples=("troth terms publish shop-terms",),
    codes={0: "the digests are recorded", 1: "an error in the terms; nothing is written"},
)
@click.argument("folder", type=options.FILE, metavar="DIR")
@click.option(
    "--workspace",
    type=options.FILE,
    envvar=options.WORKSPACE,
    metavar="DIR",
    help=f"Record the digests in the ledger of this workspace too. Also from {options.WORKSPACE}.",
)
@options.as_json
def command(*, folder: Path, workspace: Path | None, as_json: bool) -> int:
    """Record the digests of a folder's versions in terms.lock, so that a published text stays what it was.

    The folder is checked first, as by troth terms check. A version that was published before may not change.
    """
    published = publish_terms(folder, workspace)
    if published.ledger is not None:
        warn(of_ledger(published.ledger))
    if as_json:
        say_json(_json(published))
    else:
        _say(published)
    return 1 if published.checked.errors else 0


def _say(published: Published) -> None:
    for problem in published.checked.problems:
        say(str(problem))
    say(summary(published.checked))
    if published.lock is None:
        say("not published")
        return
    for version, digest in sorted(published.digests.items()):
        say(f"  {version}  {digest}{'  (new)' if version in published.added else ''}")
    say(f"written to {published.lock}")
    if published.ledger is not None:
        say(f"ledger  {published.ledger.line}")


def _json(published: Published) -> dict[str, object]:
    return {
        "errors": published.checked.errors,
        "problems": plain(published.checked.problems),
        "lock": None if published.lock is None else str(published.lock),
        "digests": published.digests,
        "added": list(published.added),
    }
