"""``troth decide``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_history, of_purpose, of_records
from troth.errors import UsageError
from troth.operations.decide import Decided, DecideInputs, decide_to_file
from troth.types.moment import Moment
from troth.types.reasons import REASONS

SUFFIXES = (".parquet", ".jsonl")


@make(
    "decide",
    examples=(
        "troth decide --terms anthropic-consumer --history history.jsonl --records chats.jsonl \\",
        "    --purpose train.general --at 2025-11-01 --out decisions.parquet",
    ),
)
@options.terms
@options.option
@options.history
@options.records
@options.mapping
@options.keep_going
@options.purpose
@options.at
@options.out("Where the decisions go: a .parquet or .jsonl file. It appears whole, or not at all.")
@options.as_json
def command(
    *,
    terms: str,
    options: Mapping[str, str],
    history: tuple[str, ...],
    records: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    purpose: str,
    at: Moment,
    out: Path,
    as_json: bool,
) -> None:
    """Decide every record: may it be used, why, and how long may it be kept.

    One row for each record, allowed or denied, with the reason, the rule and clause that decided, and the
    moment from which the record must be gone (docs/commands/decide.md).
    """
    if out.suffix not in SUFFIXES:
        raise UsageError(f"{out} is neither a .parquet nor a .jsonl file", remedy="name one that is")
    inputs = DecideInputs(terms, options, history, records, purpose, at, mapping, keep_going)
    with Progress() as progress:
        decided = decide_to_file(inputs, out, progress)
    warnings = [
        *of_purpose(purpose),
        *of_history(decided.notices, decided.repeated_events),
        *of_records(decided.repeated_records, decided.report),
    ]
    warn(warnings)
    if as_json:
        say_json(_json(decided, out, warnings))
    else:
        _say(decided, out)


def _say(decided: Decided, out: Path) -> None:
    denied = decided.records - decided.allowed
    say(f"{plural(decided.records, 'record')}: {decided.allowed:,} allowed, {denied:,} denied")
    rows = [(count, _answer(code), code, REASONS[code].text) for code, count in _ranked(decided)]
    for line in table(rows):
        say(line)
    say(f"written to {out}")


def _json(decided: Decided, out: Path, warnings: list[str]) -> dict[str, object]:
    return {
        "records": decided.records,
        "allowed": decided.allowed,
        "denied": decided.records - decided.allowed,
        "reasons": [
            {"reason": code, "records": count, "allows": REASONS[code].allows, "text": REASONS[code].text}
            for code, count in _ranked(decided)
        ],
        "warnings": warnings,
        "out": str(out),
    }


def _ranked(decided: Decided) -> list[tuple[str, int]]:
    return sorted(decided.reasons.items(), key=lambda pair: (-pair[1], pair[0]))


def _answer(code: str) -> str:
    return "allowed" if REASONS[code].allows else "denied"
