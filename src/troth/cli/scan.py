"""``troth scan``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.values import TERMS
from troth.cli.warnings_of import of_texts
from troth.errors import UsageError
from troth.operations.scan import Scanned, ScanRequest, scan
from troth.operations.scan_report import HINT, SPECIAL, ordered, page, plain, summary
from troth.operations.whole_file import whole_file


@make(
    "scan",
    examples=(
        "troth scan texts.jsonl --out spans.jsonl",
        "troth scan chats.jsonl --report report.html --json",
        "troth scan texts.jsonl --second-look 100 --seed 7",
    ),
    codes={1: "with --fail-if-found: sensitive data was found"},
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE…")
@click.option(
    "--out", type=options.FILE, metavar="FILE",
    help="Where the spans go: JSON Lines; .gz compresses. It appears whole, or not at all.",
)  # fmt: skip
@click.option("--coarse", is_flag=True, help="Name only the types of the labelled corpora.")
@click.option(
    "--report", type=options.FILE, metavar="FILE",
    help="Write what is in the data, examples masked: .html with a picture, or .txt.",
)  # fmt: skip
@click.option(
    "--second-look", type=click.IntRange(min=1), metavar="N",
    help="Look at N texts again with stricter settings, and say what share may hold something.",
)  # fmt: skip
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Draws the texts of --second-look."
)
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N",
    help="Processes. [default: one for each core, or one if there is little to do]",
)  # fmt: skip
@click.option(
    "--terms", type=TERMS, metavar="NAME|FILE|DIR", help="Terms whose recognisers and allowed values count."
)
@options.option
@click.option("--fail-if-found", is_flag=True, help="End with 1 if sensitive data was found.")
@options.mapping
@options.keep_going
@options.as_json
def command(
    *,
    files: tuple[str, ...],
    out: Path | None,
    coarse: bool,
    report: Path | None,
    second_look: int | None,
    seed: int,
    jobs: int | None,
    terms: str | None,
    options: Mapping[str, str],
    fail_if_found: bool,
    mapping: Path | None,
    keep_going: bool,
    as_json: bool,
) -> int:
    """Find sensitive data in texts and logs (docs/detection.md).

    Files are JSON Lines of {"id", "text"}, plain or .gz, or any log that Troth reads. A line of the output is
    {"id", "spans": [[start, end, KIND, confidence], …]}; offsets count characters. Nothing is replaced.
    """
    if report is not None and report.suffix not in (".html", ".txt"):
        raise UsageError(f"{report} is neither .html nor .txt", remedy="name one that is")
    asked = ScanRequest(files, mapping, keep_going, out, coarse, jobs, second_look or 0, seed, terms, options)
    with Progress() as progress:
        scanned = scan(asked, progress)
    warn(of_texts(scanned.reading))
    if report is not None:
        told = page(scanned) if report.suffix == ".html" else plain(scanned)
        with whole_file(report) as partial:
            partial.write_text(told, encoding="utf-8")
    if as_json:
        say_json(_json(scanned, out, report))
    else:
        _say(scanned, out, report)
    return 1 if fail_if_found and scanned.findings else 0


def _say(scanned: Scanned, out: Path | None, report: Path | None) -> None:
    for line in table([(kind.findings, name, ", ".join(kind.examples)) for name, kind in ordered(scanned)]):
        say(line)
    for line in summary(scanned):
        say(line)
    if scanned.special:
        told = ", ".join(f"{SPECIAL[name]} {count:,}" for name, count in sorted(scanned.special.items()))
        say(f"Conversations that may tell of Art. 9 GDPR: {told}. {HINT}")
    for what, path in (("spans", out), ("report", report)):
        if path is not None:
            say(f"{what} written to {path}")


def _json(scanned: Scanned, out: Path | None, report: Path | None) -> dict[str, object]:
    return {
        "texts": scanned.texts,
        "characters": scanned.characters,
        "holding": scanned.holding,
        "findings": scanned.findings,
        "kinds": {name: {"findings": kind.findings, "texts": kind.texts} for name, kind in ordered(scanned)},
        "special": dict(sorted(scanned.special.items())),
        "damaged": scanned.reading.damage_count,
        "skipped": len(scanned.reading.skipped),
        "second_look": asdict(scanned.risk) if scanned.risk else None,
        "detector": scanned.detector,
        "out": str(out) if out else None,
        "report": str(report) if report else None,
    }
