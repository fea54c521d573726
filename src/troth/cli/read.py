"""``troth read``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from troth.cli import options as shared
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table
from troth.cli.progress import Progress
from troth.cli.values import MOMENT, TERMS
from troth.operations.workspace.releases.read_release import ReadReport, ReadRequest, read_release
from troth.types.moment import Moment, format_moment
from troth.types.reasons import REASONS

terms_given = click.option(
    "--terms",
    type=TERMS,
    metavar="NAME|FILE|DIR",
    help="The terms of the release, perhaps with later versions. Default: those that come under their name.",
)
OTHERS_UNKNOWN = "Only a part of the conversation is in the vault: who else is in it is not known."


@make(
    "read",
    examples=(
        "troth read shop/releases/november --workspace shop --purpose train.general",
        "troth read shop/releases/november --workspace shop --purpose train.general --out passed-over.jsonl",
        "troth read shop/releases/november --workspace shop --purpose train.general --at 2027-01-01",
    ),
    codes={
        1: "a file of the release is not the one that the manifest or the ledger names, or a cell does not open"
    },
)
@click.argument("release", metavar="DIR|DIGEST")
@shared.workspace
@shared.purpose
@click.option(
    "--at",
    type=MOMENT,
    metavar="TIME",
    help="Another time than now: nothing is opened, and what would be is counted.",
)
@terms_given
@shared.option
@click.option("--out", type=shared.FILE, metavar="FILE", help="List every record passed over, as JSON Lines.")
@shared.as_json
def command(
    *,
    release: str,
    workspace: Path,
    purpose: str,
    at: Moment | None,
    terms: str | None,
    options: Mapping[str, str],
    out: Path | None,
    as_json: bool,
) -> None:
    """Decide every record of a sealed release again, now, and open those that are still allowed.

    Records whose use is not allowed any more are withheld, erased ones are gone: both are passed over and counted.
    What is opened is checked and kept nowhere; `troth export` writes it down.
    """
    asked = ReadRequest(workspace, release, purpose, terms, options or None)
    with Progress() as progress:
        report = read_release(asked, at, out, progress)
    if as_json:
        say_json(report.form())
        return
    for line in lines(report, "opened" if at is None else "would be opened"):
        say(line)
    if out is not None:
        say(f"passed over  {out}")


def lines(report: ReadReport, opened: str) -> Iterator[str]:
    """The report for people."""
    yield f"Release {report.release}"
    yield f"for {report.purpose}, decided again at {format_moment(report.at)}"
    yield ""
    rows: list[tuple[int, str, str]] = [(report.rows, "records", "")]
    rows.append((report.opened, opened, ""))
    for reason, count in sorted(report.withheld.items(), key=lambda pair: (-pair[1], pair[0])):
        text = REASONS[reason].text if reason in REASONS else OTHERS_UNKNOWN
        rows.append((count, f"withheld: {reason}", text))
    if report.gone > report.removed:
        rows.append((report.gone - report.removed, "gone: erased", "Their key is destroyed."))
    if report.removed:
        rows.append(
            (
                report.removed,
                "gone: removed",
                "Erased, and only a digest of each is left: they have no names.",
            )
        )
    yield from table(rows)
    if report.named:
        yield ""
    for one in report.named:
        yield f"  passed over: {one.record!r}: {one.reason}"
    more = report.rows - report.opened - report.removed - len(report.named)
    if more > 0:
        yield f"  and {plural(more, 'record')} more"
