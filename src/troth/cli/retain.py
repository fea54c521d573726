"""``troth retain``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table
from troth.cli.progress import Progress
from troth.cli.staying import staying_json, staying_lines
from troth.operations.workspace.erasure.retain import Retained, RetainRequest, retain
from troth.receipt.quoting import plain
from troth.types.moment import Moment, format_moment


@make(
    "retain",
    examples=("troth retain --workspace shop --terms anthropic-consumer --at 2026-11-01",),
    codes={2: "it cannot be run; what was destroyed stays destroyed"},
)
@options.workspace
@options.terms
@options.option
@options.at
@click.option("--apply", is_flag=True, help="Destroy what is due. Without it, it is only listed.")
@options.as_json
def command(
    *, workspace: Path, terms: str, options: Mapping[str, str], at: Moment, apply: bool, as_json: bool
) -> None:
    """Hold the vault against the terms: list what must be gone by a time; with --apply, destroy it for good.

    A report says by which clause and of whom; what is past its date and stays is listed with the reason (docs/erasure.md).
    """
    with Progress() as progress:
        done = retain(RetainRequest(workspace, terms, at, options, apply), progress)
    if as_json:
        say_json(_json(done, applied=apply))
        return
    for line in _lines(done, applied=apply):
        say(line)


def _lines(done: Retained, *, applied: bool) -> Iterator[str]:
    verb = "destroyed" if applied else "to be destroyed"
    parts = f" and parts of {plural(done.parts, 'conversation')}" if done.parts else ""
    what = f"{plural(done.conversations, 'conversation')}{parts} with {plural(done.records, 'record')}"
    yield f"due by {format_moment(done.at)}: {what} {verb}"
    rows = [
        (one.records, plain(one.account or "nobody known"), one.rule, one.clause or "no clause is told")
        for one in done.due
    ]
    yield from table(rows)
    yield from staying_lines(done.stays, done.overdue)
    if done.holds:
        yield f"holds that stand: {', '.join(map(plain, done.holds))}"
    for intent, end in done.entries:
        yield f"ledger  intended by entry {intent:,}, done by entry {end:,}"


def _json(done: Retained, *, applied: bool) -> dict[str, Any]:
    return {
        "at": format_moment(done.at),
        "applied": applied,
        "conversations": done.conversations,
        "parts": done.parts,
        "records": done.records,
        "due": [asdict(one) for one in done.due],
        "overdue": [staying_json(one) for one in done.overdue],
        "stays": done.stays,
        "holds": list(done.holds),
        "entries": [{"intended": intent, "done": end} for intent, end in done.entries],
    }
