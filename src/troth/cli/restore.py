"""``troth restore``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json
from troth.cli.progress import Progress
from troth.errors import UsageError
from troth.operations.workspace.backup.again import RestoredWorkspace, resume
from troth.operations.workspace.backup.plan import RestoreRequest
from troth.operations.workspace.backup.restore import restore
from troth.types.moment import format_moment


@make(
    "restore",
    examples=("troth restore --from shop-backup --to shop-again --keys shop/keys --root shop/vault/root",),
    codes={
        0: "it is restored; the report says whether it is closed",
        1: "a file of the backup is damaged: nothing was opened",
        2: "it cannot be run, or entries are lost: run it again when that is mended",
    },
)
@click.option("--from", "source", metavar="DIR|URL", help="The folder or object store of the backup.")
@click.option(
    "--to", required=True, type=options.FILE, metavar="DIR", help="A new or empty folder for the workspace."
)
@click.option(
    "--keys", type=options.FILE, metavar="DIR", help="A copy of the folder with the log's signing keys."
)
@click.option("--root", type=options.FILE, metavar="DIR", help="Where the files of the live root are now.")
@click.option("--second-root", type=options.FILE, metavar="DIR", help="Where those of the second keeper are.")
@click.option(
    "--key-copy",
    type=options.FILE,
    metavar="DIR",
    help="The folder of the key copies. [default: that of the settings]",
)
@click.option("--store", metavar="URL", help="An empty PostgreSQL database in the place of that of before.")
@click.option(
    "--checkpoint",
    "checkpoints",
    cls=Several,
    type=options.FILE,
    metavar="FILE…",
    help="Checkpoints of the log from elsewhere: how far it is known to have gone.",
)
@click.option(
    "--lost-entries-accepted", is_flag=True, help="Go on although entries are lost: under another name."
)
@click.option("--origin", metavar="NAME", help="The other name under which the log goes on.")
@click.option(
    "--ledger",
    metavar="DIR|URL",
    help="With --origin: where the files of the ledger go. [default: ledger in the workspace]",
)
@click.option(
    "--resume", "resumed", is_flag=True, help="Open a closed workspace again, for the reason given."
)
@click.option(
    "--why", default="", metavar="TEXT", help="With --resume: the reason, which the ledger keeps for good."
)
@options.as_json
def command(*, to: Path, resumed: bool, why: str, as_json: bool, source: str | None, **given: object) -> None:
    """Make a workspace of a backup. What was erased since stays erased, and is erased again before anything is served.

    Where it is not shown that nothing came after the backup, the workspace is closed: choices and holds may be missing.
    Ask people or other records, record what they say, then call it with --resume (docs/backup.md).
    """
    if resumed:
        _resume(to, why, as_json=as_json)
        return
    if source is None:
        raise UsageError("restore from where?", remedy="give --from DIR, or --resume")
    with Progress() as progress:
        done = restore(RestoreRequest(source, to, **given), progress)  # type: ignore[arg-type]
    if as_json:
        say_json(_json(done))
        return
    for line in _lines(done):
        say(line)


def _resume(folder: Path, why: str, *, as_json: bool) -> None:
    with Progress() as progress:
        entry = resume(folder, why, progress)
    if as_json:
        say_json({"entry": entry})
    else:
        say(f"open again; entry {entry:,} of the ledger says why")


def _lines(done: RestoredWorkspace) -> list[str]:
    lines = [
        f"restored  {done.folder}",
        f"from      {done.backup} of {format_moment(done.made)}, with {done.entries:,} entries",
        f"erased again: {plural(done.destroyed, 'key')} that the backup had; {plural(done.rows, 'row')} emptied",
        f"ledger    {done.origin}, told by entry {done.entry:,}",
    ]
    if not done.closed:
        return lines
    known = f"{done.lost:,} entries of the log are lost" if done.lost else "entries of the log may be lost"
    return [
        *lines,
        f"CLOSED: what came after the backup is not known; {known}",
        "Choices, withdrawals, deletions and holds of that time are missing. Use nothing before people or other records",
        "were asked, and what they say is recorded; then call troth restore --resume, which says why in the ledger.",
    ]


def _json(done: RestoredWorkspace) -> dict[str, object]:
    return {
        "workspace": str(done.folder),
        "origin": done.origin,
        "backup": done.backup,
        "made": format_moment(done.made),
        "entries": done.entries,
        "lost": done.lost,
        "destroyed": done.destroyed,
        "rows": done.rows,
        "entry": done.entry,
        "closed": done.closed,
    }
