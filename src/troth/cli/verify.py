"""``troth verify``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.receipt_report import receipt_lines
from troth.cli.steps import step_lines
from troth.cli.values import TERMS
from troth.cli.warnings_of import damaged
from troth.errors import UsageError
from troth.operations.verify import Verified, VerifyRequest, verify_all
from troth.verify.report import Report


@make(
    "verify",
    examples=(
        "troth verify release --key signer.pub",
        "troth verify release --key signer.pub --terms anthropic-consumer \\",
        "    --history history.jsonl --records chats.jsonl",
        "troth verify ada.receipt --log-key shop/ledger/log.vkey",
        "troth verify shop/releases/november shop/releases/november.receipt --key signer.pub \\",
        "    --log-key shop/ledger/log.vkey --ledger shop/ledger",
    ),
    codes={
        0: "nothing was found, and the trusted key signed",
        1: "at least one finding",
        2: "it cannot be run, or the signer, or that rows were removed, is not established: no trusted key was given",
    },
)
@click.argument("paths", nargs=-1, required=True, type=options.FILE, metavar="DIR|RECEIPT…")
@click.option(
    "--key", type=options.FILE, metavar="FILE", help="The release's public key that you trust: a NAME.pub."
)
@click.option(
    "--log-key",
    metavar="VKEY|FILE",
    help="The ledger's public key that you trust: a vkey, or a file of them.",
)
@click.option(
    "--policy", type=options.FILE, metavar="FILE",
    help="The log and the witnesses that you trust, and their quorum: a C2SP tlog-policy file.",
)  # fmt: skip
@click.option("--ledger", metavar="DIR|URL", help="The ledger that the release names, to hold it against.")
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
    "--workspace", type=options.FILE, metavar="DIR",
    help="The workspace of the release, for its operator: its history, ledger, log key and commitments.",
)  # fmt: skip
@click.option(
    "--records",
    cls=Several,
    type=click.Path(),
    metavar="FILE…",
    help="Logs, to decide again on; with --terms and a history.",
)
@click.option(
    "--findings",
    type=options.FILE,
    metavar="FILE",
    help="What the filter found, to hold texts against, with --records. [default: DIR.findings, if it is there]",
)
@options.mapping
@options.keep_going
@options.as_json
def command(
    *,
    paths: tuple[Path, ...],
    key: Path | None,
    log_key: str | None,
    policy: Path | None,
    ledger: str | None,
    terms: str | None,
    options: Mapping[str, str],
    history: tuple[str, ...],
    workspace: Path | None,
    records: tuple[str, ...],
    findings: Path | None,
    mapping: Path | None,
    keep_going: bool,
    as_json: bool,
) -> int:
    """Verify that a release is what it says it is (docs/verify.md), or receipts (docs/formats/receipts.md).

    Signature, files, shards, counts and terms; and, with terms, history and records, every decision again,
    record by record. Receipts are checked offline, with the ledger's public key alone. What could not be looked
    at is said, and so is what no verification shows.
    """
    folders = [path for path in paths if path.is_dir() or not path.exists()]
    if len(folders) > 1:
        raise UsageError(
            "one release at a time", remedy=f"verify {folders[0]} first; files are taken as receipts"
        )
    asked = VerifyRequest(
        release=folders[0] if folders else None, key=key, terms=terms, options=options, history=history,
        records=records, mapping=mapping, keep_going=keep_going,
        receipts=tuple(path for path in paths if path not in folders), log_key=log_key, policy=policy,
        ledger=ledger, workspace=workspace, findings=findings,
    )  # fmt: skip
    with Progress() as progress:
        found = verify_all(asked, progress)
    if found.logs is not None:
        warn(damaged(found.logs.report))
    if as_json:
        say_json(_json(found))
    else:
        for line in _said(found):
            say(line)
    return found.exit_code


def _json(found: Verified) -> dict[str, object]:
    reports = [
        {**asdict(report), "verdict": report.verdict, "exit_code": report.exit_code}
        for report in (found.release, *found.receipts)
        if report is not None
    ]
    if not found.receipts:
        return reports[0]
    receipts = reports if found.release is None else reports[1:]
    release = None if found.release is None else reports[0]
    return {"release": release, "receipts": receipts, "exit_code": found.exit_code}


def _said(found: Verified) -> Iterator[str]:
    if found.release is not None:
        yield from _lines(found.release)
    for number, receipt in enumerate(found.receipts):
        if number or found.release is not None:
            yield ""
        yield from receipt_lines(receipt)


def _lines(report: Report) -> Iterator[str]:
    yield f"release   {report.release}"
    yield f"manifest  {report.manifest or 'none'}"
    yield f"signer    {report.signer or 'not established'}"
    if report.removed is not None:
        vouched = "the ledger says so" if report.removed.vouched else "not established"
        rows, shards = plural(report.removed.rows, "row"), plural(report.removed.shards, "shard")
        yield f"removed   {rows} in {shards}: {vouched}"
    yield ""
    for step in report.steps:
        yield from step_lines(step)
    yield ""
    yield "Not shown, however it ends"
    yield from (f"  {one}" for one in report.not_shown)
    yield ""
    yield report.verdict
