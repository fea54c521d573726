"""``troth terms impact``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.values import PURPOSE, TERMS
from troth.cli.warnings_of import of_purpose, of_reading
from troth.operations.impact import Count, Flow, Impact, PurposeImpact
from troth.operations.terms_impact import ImpactInputs, terms_impact
from troth.types.moment import Moment, format_moment
from troth.types.vocabulary import PURPOSES


@make(
    "impact",
    examples=(
        "troth terms impact anthropic-consumer@2025-05-01 anthropic-consumer@2025-09-27 \\",
        "    --history history.jsonl --records chats.jsonl --at 2025-11-01 --out impact.html",
    ),
)
@click.argument("old", type=TERMS, metavar="OLD")
@click.argument("new", type=TERMS, metavar="NEW")
@options.option
@options.history
@options.records
@options.mapping
@options.keep_going
@click.option(
    "--purpose", "purposes", multiple=True, type=PURPOSE, metavar="PURPOSE",
    help="Compare for this purpose only. May be given several times; without it, for every purpose.",
)  # fmt: skip
@options.at
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="Draw it, too: an .html file that loads nothing."
)
@options.as_json
def command(
    *,
    old: str,
    new: str,
    options: Mapping[str, str],
    history: tuple[str, ...],
    records: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    purposes: tuple[str, ...],
    at: Moment,
    out: Path | None,
    as_json: bool,
) -> None:
    """Count whose records other terms would decide otherwise: records, conversations and people.

    OLD and NEW are names, NAME@VERSION, files or folders. Terms of several versions decide as they are, by
    what is in force for each person at the time asked. A version that is given alone is taken as in force,
    and as published, since ever.
    """
    inputs = ImpactInputs(old, new, options, history, records, purposes or PURPOSES, at, mapping, keep_going)
    with Progress() as progress:
        impact = terms_impact(inputs, out, progress)
    unknown = [line for purpose in purposes for line in of_purpose(purpose)]
    warn([*unknown, *of_reading(impact.noticed)])
    if as_json:
        say_json(_json(impact, out))
    else:
        for line in _lines(impact):
            say(line)
        if out is not None:
            say(f"drawn in {out}")


def _lines(impact: Impact) -> Iterator[str]:
    yield f"{impact.old} → {impact.new} at {format_moment(impact.at)}: {plural(impact.records, 'record')}"
    kept = impact.kept
    yield f"gone earlier: {plural(kept.shorter, 'record')}; kept longer: {plural(kept.longer, 'record')}"
    for one in impact.purposes:
        yield ""
        yield one.purpose
        yield from _purpose(one)


def _purpose(one: PurposeImpact) -> Iterator[str]:
    changed = [flow for flow in one.flows if flow.sort != "same"]
    same = sum(flow.count.records for flow in one.flows if flow.sort == "same")
    if changed:
        heads = ("before", "now", "records", "conversations", "people")
        yield from table([heads, *(_row(flow) for flow in changed)])
        yield f"  opens: {_counted(one.opens)}"
        yield f"  closes: {_counted(one.closes)}"
    yield f"  {plural(same, 'record')} decided as before"


def _row(flow: Flow) -> tuple[str | int, ...]:
    count = flow.count
    return (
        _answer(flow.old_allow, flow.old_reason),
        _answer(flow.new_allow, flow.new_reason),
        count.records,
        count.conversations,
        count.people,
    )


def _answer(allow: bool, reason: str) -> str:
    return f"{'allowed' if allow else 'denied'}: {reason}"


def _counted(count: Count) -> str:
    people = "1 person" if count.people == 1 else f"{count.people:,} people"
    return f"{plural(count.records, 'record')} of {plural(count.conversations, 'conversation')} and {people}"


def _json(impact: Impact, out: Path | None) -> dict[str, Any]:
    return {
        "old": impact.old,
        "new": impact.new,
        "at": format_moment(impact.at),
        "records": impact.records,
        "purposes": [
            {**asdict(one), "flows": [{**asdict(flow), "sort": flow.sort} for flow in one.flows]}
            for one in impact.purposes
        ],
        "kept": asdict(impact.kept),
        "out": None if out is None else str(out),
    }
