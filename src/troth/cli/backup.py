"""``troth backup``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.operations.workspace.backup.backup import BackedUp, backup
from troth.types.moment import format_moment


@make(
    "backup",
    examples=("troth backup --workspace shop --to shop-backup",),
    codes={2: "it cannot be run; the backup of before is still whole"},
)
@options.workspace
@click.option("--to", required=True, metavar="DIR|URL", help="The folder or object store of the backup.")
@click.option("--check", is_flag=True, help="Read again what an earlier backup has copied, too.")
@options.as_json
def command(*, workspace: Path, to: str, check: bool, as_json: bool) -> None:
    """Copy everything of a workspace but its root and its signing keys, while others write.

    What is there already is not copied again. The backup of before stays whole until this one is (docs/backup.md).
    """
    with Progress() as progress:
        done = backup(workspace, to, check=check, progress=progress)
    if as_json:
        say_json(_json(done))
        return
    say(f"backup  {done.digest}")
    say(f"{plural(done.files, 'file')} with {plural(done.size, 'byte')}, {done.copied:,} of them new")
    say(
        f"with {done.entries:,} entries of the ledger; opens with version {done.root_version} of the root alone"
    )
    warn(f"not in the backup, keep a copy of it: {one}" for one in done.elsewhere)


def _json(done: BackedUp) -> dict[str, object]:
    return {
        "backup": done.digest,
        "at": format_moment(done.at),
        "entries": done.entries,
        "root_version": done.root_version,
        "files": done.files,
        "bytes": done.size,
        "copied": done.copied,
        "removed": done.removed,
        "elsewhere": list(done.elsewhere),
    }
