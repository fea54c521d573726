"""``troth records``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_records
from troth.errors import UsageError
from troth.operations.write_records import WrittenRecords, write_records


@make("records", examples=("troth records chats.jsonl --out records.parquet",))
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE…")
@options.mapping
@options.keep_going
@options.out("Where the records go: a .parquet file. It appears whole, or not at all.")
@options.as_json
def command(
    *,
    files: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Read logs once, and write their records as Parquet (docs/formats/records.md).

    Every other command reads the result faster than the logs. What a log is, is told by its content; what is
    skipped or damaged is named.
    """
    if out.suffix != ".parquet":
        raise UsageError(f"{out} is no .parquet file", remedy="name one that is")
    with Progress() as progress:
        written = write_records(files, mapping, keep_going, out, progress)
    warnings = list(of_records(written.repeated, written.report))
    warn(warnings)
    if as_json:
        say_json(_json(written, out, warnings))
    else:
        _say(written, out)


def _say(written: WrittenRecords, out: Path) -> None:
    for line in table([(file.records, file.format, file.path) for file in written.files]):
        say(line)
    say(f"{plural(written.records, 'record')} written to {out}")


def _json(written: WrittenRecords, out: Path, warnings: list[str]) -> dict[str, object]:
    report = written.report
    skipped = report.skipped if report else ()
    return {
        "records": written.records,
        "repeated": written.repeated,
        "damaged": report.damage_count if report else 0,
        "files": [asdict(file) for file in written.files],
        "skipped": [{"path": one.path, "why": one.why} for one in skipped],
        "warnings": warnings,
        "out": str(out),
    }
