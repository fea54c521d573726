"""``troth demo``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import say
from troth.cli.progress import Progress
from troth.errors import UsageError
from troth.operations.demo.example import become_example, how_to_start, require_example
from troth.operations.demo.receipts import Held
from troth.operations.demo.run import Shown, run_demo
from troth.operations.demo.taken_back import Counted, TakenBack
from troth.verify.receipts.report import ReceiptReport


@make(
    "demo",
    examples=("troth demo", "troth demo --data ~/.claude/projects", "troth demo --no-serve"),
    codes={
        0: "done, and the release verified; the example was ended",
        1: "the release did not verify",
        2: "it cannot be run",
    },
)
@click.option(
    "--data", cls=Several, metavar="PATH…", help="Your own logs; without them conversations are invented."
)
@click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-runs"),
    show_default=True,
    metavar="DIR",
    help="Where each run makes a folder of its own.",
)
@click.option(
    "--serve/--no-serve",
    default=None,
    help="At the end, run the example product until Ctrl-C. Without either: where there is a terminal.",
)
def command(*, data: tuple[str, ...], runs: Path, serve: bool | None) -> None:
    """Run the main job on a made-up organisation, and show what happened.

    People, plans, choices and deletions come from a seed. So do times and accounts that logs do not tell, and the
    conversations themselves where no logs are given. A release is built under the terms anthropic-consumer and
    verified, every decision taken again. Then a receipt is written for a conversation that is in it, and for one
    that is not, and both are checked offline, with the ledger's public key alone. At last one person withdraws, and is
    then erased: what a reader of the release gets is counted before and after each.

    On a terminal the example product then starts: a chat page that asks its people. Its address is the last line.
    Without a terminal the last line says how to start it.
    """
    script = require_example() if serve else None
    with Progress() as progress:
        shown = run_demo(runs, data, progress)
    say(_told(shown))
    if shown.report.findings or any(report.exit_code for report in _checked(shown)):
        raise SystemExit(1)
    if serve is None:
        script = _wanted_here()
    if script is None:
        say(f"Try it     {how_to_start()}")
        return
    become_example(script)


def _wanted_here() -> Path | None:
    """The example, where somebody sits at a terminal who can see its address and end it, and where it can run."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        return require_example()
    except UsageError:
        return None  # nobody asked for it: the last line says how to start it, and what is missing


def _checked(shown: Shown) -> Iterator[ReceiptReport]:
    """What the check of every receipt found."""
    yield from (held.report for held in shown.receipts)
    if shown.taken_back is not None:
        yield shown.taken_back.withdrawal.report
        yield shown.taken_back.erasure.report


def _told(shown: Shown) -> str:
    folder = shown.folder
    again = (
        f"troth verify {folder / 'release'} --key {folder / 'demo.pub'} --terms anthropic-consumer "
        f"--history {folder / 'history.jsonl'} --records {folder / 'records.parquet'} "
        f"{folder / 'release.receipt'} --log-key {folder / 'log.vkey'} --ledger {folder / 'workspace' / 'ledger'}"
    )
    return "\n".join(
        (
            *shown.made_up,
            "",
            shown.built.text,
            "",
            f"Conversations: {shown.conversations:,} went in; {_released(shown):,} are in the release, whole or in part.",
            f"Verified, each decision taken again: {shown.report.verdict}",
            *(f"  {finding}" for finding in shown.report.findings[:10]),
            "",
            *(line for held in shown.receipts for line in _held(held)),
            *(_taken_back(shown.taken_back) if shown.taken_back is not None else ()),
            f"Report     {shown.built.page}",
            f"Verify it  {again}",
        )
    )


IN_SHORT = "IN SHORT"
"""The heading of the answers in a receipt."""


def _held(held: Held) -> Iterator[str]:
    """What a person who holds the receipt can know, with nothing but the file and the ledger's public key."""
    yield f"Receipt of a conversation that is {'' if held.included else 'NOT '}in the release: {held.file}"
    yield f"  checked offline: {held.report.verdict}"
    told = held.report.words
    if IN_SHORT in told:
        after = told[told.index(IN_SHORT) + 2 :]
        yield from (f"  {line}" for line in after[: after.index("")])
    yield ""


def _taken_back(told: TakenBack) -> Iterator[str]:
    """One person's withdrawal and erasure, counted by somebody who reads the release."""
    many = f"{told.conversations:,} conversation{'' if told.conversations == 1 else 's'}"
    yield f"{told.account} is in the release with {many}. Whoever reads it, by troth read, gets"
    yield f"  {'':<28}{'opened':>10}{'withheld':>10}{'gone':>10}"
    yield _row("before", told.before)
    yield _row(f"after {told.account} withdraws", told.withdrawn)
    yield _row("after the erasure", told.erased)
    if told.stays:
        yield f"  {told.stays:,} records stay: a hold or a duty of the terms keeps them."
    for what, proof in (("withdrawal", told.withdrawal), ("erasure", told.erasure)):
        yield f"  Receipt of the {what}: {proof.file}"
        yield f"    checked offline: {proof.report.verdict}"
    yield "  What lies outside of the vault stays until it is removed: here the logs, as records.parquet."
    yield ""


def _row(name: str, told: Counted) -> str:
    return f"  {name:<28}{told.opened:>10,}{told.withheld:>10,}{told.gone:>10,}"


def _released(shown: Shown) -> int:
    return shown.built.release.statistics.conversations
