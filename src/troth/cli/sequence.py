"""``troth sequence``."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger
from troth.operations.workspace import sequencing
from troth.operations.workspace.sequencing import Sequenced


@make(
    "sequence",
    examples=("troth sequence --workspace shop",),
    codes={0: "nothing is pending, or another process is at it"},
)
@options.workspace
@click.option("--follow", is_flag=True, help="Go on until stopped, at most one second behind the store.")
@options.as_json
def command(*, workspace: Path, follow: bool, as_json: bool) -> None:
    """Commit what the store has accepted to the ledger, mend what a crash left, and ask the witnesses.

    Every command that writes to a workspace does this before it ends; call it after a crash, or let it
    --follow a store into which others write.
    """
    if follow:
        _follow(workspace, as_json=as_json)
        return
    with Progress() as progress:
        done = sequencing.sequence(workspace, progress)
    _tell(done, as_json=as_json)


def _follow(workspace: Path, *, as_json: bool) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for done in sequencing.follow(workspace, stop):
        _tell(done, as_json=as_json)


def _tell(done: Sequenced, *, as_json: bool) -> None:
    warn(of_ledger(done))
    if as_json:
        say_json(asdict(done))
    else:
        say(done.line)
