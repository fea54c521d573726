"""``troth verify``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.values import TERMS
from troth.cli.warnings_of import damaged
from troth.operations.verify import VerifyRequest, verify_release
from troth.verify.report import Report, Step


@make(
    "verify",
    examples=(
        "troth verify release --key signer.pub",
        "troth verify release --key signer.pub --terms anthropic-consumer \\",
        "    --history history.jsonl --records chats.jsonl",
    ),
    codes={
        0: "nothing was found, and the trusted key signed the release",
        1: "at least one finding",
        2: "it cannot be run, or the signer is not established: no trusted key was given",
    },
)
@click.argument("release", type=options.FILE, metavar="DIR")
@click.option("--key", type=options.FILE, metavar="FILE", help="The public key that you trust: a NAME.pub.")
@click.option("--terms", type=TERMS, metavar="NAME|FILE|DIR", help="The terms to hold the release against.")
@options.option
@click.option(
    "--history",
    cls=Several,
    type=click.Path(),
    metavar="FILE…",
    help="Events, to decide again from; with --terms and --records.",
)
@click.option(
    "--records",
    cls=Several,
    type=click.Path(),
    metavar="FILE…",
    help="Logs, to decide again on; with --terms and --history.",
)
@options.mapping
@options.keep_going
@options.as_json
def command(
    *,
    release: Path,
    key: Path | None,
    terms: str | None,
    options: Mapping[str, str],
    history: tuple[str, ...],
    records: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    as_json: bool,
) -> int:
    """Verify that a release is what it says it is (docs/verify.md).

    Signature, files, shards, counts and terms; and, with terms, history and records, every decision again,
    record by record. What could not be looked at is said, and so is what no verification shows.
    """
    asked = VerifyRequest(release, key, terms, options, history, records, mapping, keep_going)
    with Progress() as progress:
        report, logs = verify_release(asked, progress)
    if logs is not None:
        warn(damaged(logs.report))
    if as_json:
        say_json({**asdict(report), "verdict": report.verdict, "exit_code": report.exit_code})
    else:
        for line in _lines(report):
            say(line)
    return report.exit_code


def _lines(report: Report) -> Iterator[str]:
    yield f"release   {report.release}"
    yield f"manifest  {report.manifest or 'none'}"
    yield f"signer    {report.signer or 'not established'}"
    yield ""
    for step in report.steps:
        yield from _step(step)
    yield ""
    yield "Not shown, however it ends"
    yield from (f"  {one}" for one in report.not_shown)
    yield ""
    yield report.verdict


def _step(step: Step) -> Iterator[str]:
    yield f"{step.number}. {step.outcome}: {step.title}"
    yield from (f"     checked: {one}" for one in step.checked)
    yield from (f"     not checked: {one}" for one in step.not_checked)
    yield from (f"     finding: {one}" for one in step.findings)
