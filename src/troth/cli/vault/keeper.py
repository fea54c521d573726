"""``troth vault keeper``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.operations.workspace.roots.keeper import HandedOver, Keepers, hand_over, keepers_of
from troth.proof.payloads import RootDestroyed
from troth.receipt.quoting import plain


@make(
    "keeper",
    examples=(
        "troth vault keeper --workspace shop",
        "troth vault keeper --workspace shop --to keepers.toml",
    ),
    codes={2: "it cannot be run; a change that was begun is finished or undone by the next command"},
)
@options.workspace
@click.option(
    "--to",
    type=options.FILE,
    metavar="FILE",
    help="Give the root to the keepers in this file: the tables [root] and [second-root] of troth.toml, as they are to be.",
)
@options.as_json
def command(*, workspace: Path, to: Path | None, as_json: bool) -> None:
    """Say who keeps the root of the keys; with --to, give it to other keepers, add a second one, or take one away.

    The new keepers make a new root, the old one is destroyed, and the ledger says so (docs/root-keepers.md).
    """
    if to is None:
        found = keepers_of(workspace)
        if as_json:
            say_json(asdict(found))
        for line in () if as_json else _kept(found):
            say(line)
        return
    with Progress() as progress:
        done = hand_over(workspace, to, progress)
    warn(done.ledger.warnings)
    if as_json:
        say_json(_json(done))
        return
    for line in _handed_over(done):
        say(line)


def _kept(found: Keepers) -> Iterator[str]:
    yield f"root version {found.version:,}"
    for one in found.keepers:
        held = ", ".join(f"{version:,}" for version in one.versions)
        yield f"{plain(one.name)}  of the kind {one.kind}, holds version {held}"
        yield from textwrap.wrap(one.statement, 100, initial_indent="  ", subsequent_indent="  ")


def _handed_over(done: HandedOver) -> Iterator[str]:
    old, new = done.told.root
    kept = " and ".join(f"{plain(one.name)} ({one.kind})" for one in done.told.keepers)
    yield f"root version {new:,} is with {kept}"
    for told in done.told.evidence:
        yield f"root version {old:,} at {plain(told.keeper)}: {_when(told)}"
        yield from textwrap.wrap(plain(told.how), 100, initial_indent="  ", subsequent_indent="  ")
    yield f"ledger  entry {done.entry:,}"


def _when(told: RootDestroyed) -> str:
    if told.effective is not None:
        return f"destroyed at {told.effective}"
    return f"to be destroyed at {told.scheduled}" if told.scheduled is not None else "destroyed before"


def _json(done: HandedOver) -> dict[str, Any]:
    return {**msgspec.to_builtins(done.told), "entry": done.entry, "warnings": list(done.ledger.warnings)}
