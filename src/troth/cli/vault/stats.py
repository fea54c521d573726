"""``troth vault stats``."""

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
from troth.cli.values import MOMENT, TERMS
from troth.operations.workspace.stats.ahead import Ahead
from troth.operations.workspace.stats.axes import bytes_text
from troth.operations.workspace.stats.stats import StatsRequest, VaultStats, vault_stats
from troth.operations.workspace.stats.tally import NONE, Tally
from troth.types.moment import Moment, as_datetime, format_moment

MONTHS = 12
"""Months that are listed one by one; the rest in one line."""
_STANDINGS = ("due", "overdue", "held", "kept", "without end", "unknown")
_WORDS = {
    "due": "due now",
    "overdue": "past its date, and held",
    "held": "held",
    "kept": "kept until its time",
    "without end": "kept without end",
    "unknown": "said later than now",
}


@make(
    "stats",
    examples=(
        "troth vault stats --workspace shop",
        "troth vault stats --workspace shop --terms anthropic-consumer --picture vault.svg",
    ),
)
@options.workspace
@click.option(
    "--terms", type=TERMS, metavar="NAME|FILE|DIR", help="Hold what is stored against these terms, too."
)
@options.option
@click.option(
    "--at",
    type=MOMENT,
    metavar="TIME",
    help="For which time the terms are asked: RFC 3339 in UTC, or a day. [default: now]",
)
@click.option(
    "--picture", type=options.FILE, metavar="FILE", help="Draw it over time: an .svg file that loads nothing."
)
@options.as_json
def command(
    *,
    workspace: Path,
    terms: str | None,
    options: Mapping[str, str],
    at: Moment | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Say what the vault holds: live, dead, and, where terms are given, due and held, by clause and over time.

    Nothing that is sealed is opened, and nothing is changed.
    """
    with Progress() as progress:
        done = vault_stats(StatsRequest(workspace, terms, options, at, picture), progress)
    if as_json:
        say_json(_json(done))
        return
    for line in _lines(done):
        say(line)
    if picture is not None:
        say(f"drawn in {picture}")


def _lines(done: VaultStats) -> Iterator[str]:
    yield f"{done.origin} at {format_moment(done.at)}"
    yield f"segments  {done.segments:,} with {bytes_text(done.size)}"
    keys, since = done.keys, done.past.root_since
    told = "" if since is None else f" since {format_moment(since)}"
    yield (
        f"keys      {plural(keys.slots, 'slot')}, {keys.destroyed:,} destroyed, {plural(keys.pages, 'page')} in "
        f"{bytes_text(keys.bytes)}; root version {keys.root_version:,}{told}"
    )
    rows = [_row(done.live, "live"), _row(done.dead, "dead: the key is destroyed, until compaction")]
    yield from _headed(rows, "")
    if done.ahead is not None:
        yield from _ahead(done.ahead)


def _row(tally: Tally, *words: str) -> tuple[object, ...]:
    return tally.conversations, tally.records, bytes_text(tally.size), *words


def _headed(rows: list[tuple[object, ...]], *heads: str) -> list[str]:
    """A table with its heads. Numbers stand to the right, so that the heads are padded to them."""
    named = ("conversations", "records", "bytes", *heads)
    shown = [tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) for row in rows]
    wide = [max(len(row[place]) for row in [named, *shown]) for place in range(3)]
    padded = [
        (*(cell.rjust(width) for cell, width in zip(row[:3], wide, strict=True)), *row[3:])
        for row in [named, *shown]
    ]
    return table(padded)


def _ahead(ahead: Ahead) -> Iterator[str]:
    yield f"held against {ahead.terms}"
    rows = [_row(one.tally, _WORDS[one.standing], one.rule, one.clause) for one in ahead.standings]
    yield from _headed(rows, "", "row", "clause") if rows else ["  nothing is stored"]
    if ahead.coming:
        yield "becomes due, whole conversations, if nothing else happens"
        listed = [_row(one.tally, f"in {as_datetime(one.month):%B %Y}") for one in ahead.coming[:MONTHS]]
        rest = ahead.coming[MONTHS:]
        if rest:
            last = as_datetime(rest[-1].month)
            listed.append(_row(sum((one.tally for one in rest), NONE), f"later, up to {last:%B %Y}"))
        yield from _headed(listed, "")


def _json(done: VaultStats) -> dict[str, Any]:
    return {
        "origin": done.origin,
        "at": format_moment(done.at),
        "segments": {"count": done.segments, "bytes": done.size},
        "live": _tally(done.live),
        "dead": _tally(done.dead),
        "keys": {**asdict(done.keys), "root_since": _text(done.past.root_since)},
        "past": [
            {"at": format_moment(one.at), "taken_in": one.taken_in, "erased": one.erased}
            for one in done.past.steps
        ],
        "terms": None if done.ahead is None else _terms(done.ahead),
    }


def _terms(ahead: Ahead) -> dict[str, Any]:
    return {
        "name": ahead.terms,
        "in_all": {standing: _tally(ahead.in_all.get(standing, NONE)) for standing in _STANDINGS},
        "by_clause": [
            {"standing": one.standing, "rule": one.rule, "clause": one.clause, **_tally(one.tally)}
            for one in ahead.standings
        ],
        "coming": [{"month": f"{as_datetime(one.month):%Y-%m}", **_tally(one.tally)} for one in ahead.coming],
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"conversations": tally.conversations, "records": tally.records, "bytes": tally.size}


def _text(moment: Moment | None) -> str | None:
    return None if moment is None else format_moment(moment)
