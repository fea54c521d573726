"""``troth ingest``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_ledger, of_records
from troth.operations.workspace.ingest import Ingested, ingest


@make(
    "ingest",
    examples=("troth ingest --workspace shop chats.jsonl",),
    codes={0: "every record is durable, sealed", 2: "it cannot be run; what was stored before stays, once"},
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE…")
@options.workspace
@options.mapping
@options.keep_going
@options.as_json
def command(
    *, files: tuple[str, ...], workspace: Path, mapping: Path | None, keep_going: bool, as_json: bool
) -> None:
    """Take logs into the vault of a workspace: each record sealed under the key of its conversation.

    Answers only when every record is durable. A record that comes again counts once; the same id with other content
    is an error. Conversations that are new get their commitment in the ledger (docs/formats/segments.md).
    """
    with Progress() as progress:
        done = ingest(workspace, files, mapping, keep_going, progress)
    warnings = [*of_records(0, done.report), *of_ledger(done.ledger)]
    warn(warnings)
    if as_json:
        say_json(_json(done, warnings))
    else:
        _say(done)


def _say(done: Ingested) -> None:
    added = done.added
    say(f"{plural(added.new, 'record')} stored, {added.repeated:,} known before")
    if added.gone:
        say(f"{plural(added.gone, 'record')} of erased conversations left out: they do not come back")
    if done.never_written:
        say(f"{plural(done.never_written, 'record')} never written: zero data retention")
    say(f"{plural(done.conversations, 'conversation')} taken in")
    say(f"ledger  {done.ledger.line}")


def _json(done: Ingested, warnings: list[str]) -> dict[str, object]:
    return {
        "stored": done.added.new,
        "repeated": done.added.repeated,
        "erased": done.added.gone,
        "never_written": done.never_written,
        "segments": done.added.segments,
        "bytes": done.added.size,
        "conversations": done.conversations,
        "damaged": done.report.damage_count,
        "ledger": asdict(done.ledger),
        "warnings": warnings,
    }
