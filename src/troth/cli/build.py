"""``troth build``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.options import chosen_workspace
from troth.cli.output import say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_purpose, of_reading, of_vault
from troth.operations.build import BuildRequest, Built, build_release
from troth.types.moment import Moment

MOST_JOBS = 8


@make(
    "build",
    examples=(
        "troth build --terms anthropic-consumer --history history.jsonl --records chats.jsonl \\",
        "    --purpose train.general --at 2025-11-01 --seed 7 --out release",
        "troth build --workspace shop --terms anthropic-consumer --records chats.jsonl \\",
        "    --purpose train.general --at 2025-11-01 --seed 7 --out shop/releases/november",
    ),
)
@options.terms
@options.option
@options.history_given
@options.workspace_given
@click.option(
    "--checkpoint",
    type=int,
    metavar="N",
    help="In a workspace: the size of the checkpoint that names the history. [default: the newest]",
)
@options.records
@options.mapping
@options.keep_going
@options.purpose
@options.at
@click.option(
    "--seed",
    required=True,
    type=int,
    metavar="N",
    help="What the sample and the salts of an unsigned release follow from.",
)
@click.option(
    "--sample",
    type=float,
    default=1.0,
    show_default=True,
    metavar="R",
    help="The share of the conversations to keep, from 0 to 1.",
)
@click.option(
    "--jobs",
    type=int,
    metavar="N",
    help="Processes that work at once; the release does not depend on it. [default: one a core, at most 8]",
)
@click.option("--sign-key", type=options.FILE, metavar="FILE", help="Sign it with this NAME.key.")
@click.option(
    "--findings",
    type=options.FILE,
    metavar="FILE",
    help="The findings that an earlier build from the same inputs kept, to use in the place of looking again.",
)
@click.option(
    "--out",
    required=True,
    type=options.FILE,
    metavar="DIR",
    help="The folder that appears, whole or not at all. Beside it: DIR.report.html and what a filter found, DIR.findings.",
)
@options.as_json
def command(
    *,
    terms: str,
    options: Mapping[str, str],
    history: tuple[str, ...],
    workspace: Path | None,
    checkpoint: int | None,
    records: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    purpose: str,
    at: Moment,
    seed: int,
    sample: float,
    jobs: int | None,
    sign_key: Path | None,
    findings: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Build a release: an immutable training set of what may be used, with receipts.

    Records are decided in columns, filtered where the terms ask for it, freed from duplicates, sampled,
    written in shards and signed. What went in and did not come out is listed with stage and reason
    (docs/formats/manifest.md). The same inputs give the same bytes. With --workspace its events are the
    history, conversations and the release are recorded in its ledger, and a receipt lies beside the release.
    """
    asked = BuildRequest(
        terms, options, history, records, purpose, at, seed, out, sample, jobs or _cores(), sign_key, mapping,
        keep_going, chosen_workspace(history, workspace), checkpoint, findings,
    )  # fmt: skip
    with Progress() as progress:
        built = build_release(asked, progress)
    warnings = [*of_purpose(purpose), *of_reading(built.noticed), *of_vault(built.gone), *built.warnings]
    warn(warnings)
    if as_json:
        say_json(_json(built, out, warnings))
    else:
        say(built.text.rstrip("\n"))
        say(f"  report    {built.page}")
        if built.findings is not None:
            say(f"  findings  {built.findings}")
        if built.receipt is not None:
            say(f"  receipt   {built.receipt}")


def _cores() -> int:
    return min(os.cpu_count() or 1, MOST_JOBS)


def _json(built: Built, out: Path, warnings: list[str]) -> dict[str, object]:
    counts = built.release.counts
    return {
        "release": str(out),
        "manifest": built.manifest,
        "signed": built.release.signed,
        "key_id": built.release.keyid,
        "input": counts.input,
        "released": counts.released,
        "excluded": [asdict(row) for row in built.rows],
        "filter": msgspec.to_builtins(built.release.filter) if built.release.filter.required else None,
        "report": str(built.page),
        "receipt": None if built.receipt is None else str(built.receipt),
        "warnings": warnings,
    }
