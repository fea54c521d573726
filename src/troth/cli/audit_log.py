"""``troth audit-log``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.cli.progress import Progress
from troth.cli.steps import step_lines
from troth.operations.audit_log import AuditRequest, audit_log
from troth.verify.ledger.report import LedgerReport
from troth.verify.report import file_name


@make(
    "audit-log",
    examples=(
        "troth audit-log shop-ledger --log-key shop-log.vkey",
        "troth audit-log shop-ledger --policy shop.policy --older shop-older.checkpoint",
    ),
    codes={
        0: "nothing was found, and a key that you gave is the log's",
        1: "at least one finding",
        2: "it cannot be run, or the log's key is not established: none was given",
    },
)
@click.argument("ledger", type=click.Path(), metavar="DIR|URL")
@click.option(
    "--log-key",
    type=click.Path(),
    metavar="VKEY|FILE",
    help="The log's public key that you trust: a vkey, or a file with one on each line.",
)
@click.option(
    "--policy",
    type=options.FILE,
    metavar="FILE",
    help="Logs, witnesses and a quorum that you trust (C2SP tlog-policy).",
)
@click.option(
    "--older",
    cls=Several,
    type=options.FILE,
    metavar="FILE…",
    help="Checkpoints of this log that you kept from earlier.",
)
@options.as_json
def command(
    *, ledger: str, log_key: str | None, policy: Path | None, older: tuple[Path, ...], as_json: bool
) -> int:
    """Audit a ledger as a stranger: every file, entry, hash and checkpoint (docs/check-us-yourself.md).

    DIR is a folder with `checkpoint` and `tile`; URL an http(s) address, or one that fsspec knows, such as
    s3://bucket/ledger. What could not be looked at is said, and so is what no audit shows.
    """
    asked = AuditRequest(ledger, log_key, policy, older)
    with Progress() as progress:
        report = audit_log(asked, time.time_ns() // 1000, progress)
    if as_json:
        say_json({**asdict(report), "verdict": report.verdict, "exit_code": report.exit_code})
    else:
        for line in _lines(report):
            say(line)
    return report.exit_code


def _lines(report: LedgerReport) -> Iterator[str]:
    yield f"ledger   {report.ledger}"
    yield f"log      {file_name(report.origin) or 'none'}"
    yield f"entries  {report.size:,}"
    yield f"root     {report.root or 'none'}"
    yield f"log key  {', '.join(report.log_keys) or 'not established'}"
    yield ""
    for step in report.steps:
        yield from step_lines(step)
    yield ""
    yield "Not shown, however it ends"
    yield from (f"  {one}" for one in report.not_shown)
    yield ""
    yield report.verdict
