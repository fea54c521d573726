"""``troth demo``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import say
from troth.cli.progress import Progress
from troth.operations.demo.run import Shown, run_demo


@make(
    "demo",
    examples=("troth demo", "troth demo --data ~/.claude/projects"),
    codes={0: "done, and the release verified", 1: "the release did not verify", 2: "it cannot be run"},
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
def command(*, data: tuple[str, ...], runs: Path) -> None:
    """Run the main job on a made-up organisation, and show what happened.

    People, plans, choices and deletions come from a seed. So do times and accounts that logs do not tell, and the
    conversations themselves where no logs are given. A release is built under the terms anthropic-consumer and
    verified, every decision taken again.
    """
    with Progress() as progress:
        shown = run_demo(runs, data, progress)
    say(_told(shown))
    if shown.report.findings:
        raise SystemExit(1)


def _told(shown: Shown) -> str:
    folder = shown.folder
    again = (
        f"troth verify {folder / 'release'} --key {folder / 'demo.pub'} --terms anthropic-consumer "
        f"--history {folder / 'history.jsonl'} --records {folder / 'records.parquet'}"
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
            f"Report     {shown.built.page}",
            f"Verify it  {again}",
        )
    )


def _released(shown: Shown) -> int:
    return shown.built.release.statistics.conversations
