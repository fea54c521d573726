"""``troth redact``."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import Several
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.values import PURPOSE, TERMS
from troth.cli.warnings_of import of_texts
from troth.operations.redact import RedactedFiles, RedactRequest, redact_files
from troth.operations.scan_input import Reading
from troth.release.salts import secret_of_seed
from troth.types.manner import MANNERS


@make("redact", examples=("troth redact chats.jsonl --out redacted.jsonl",))
@click.argument("files", nargs=-1, required=True, type=options.FILE, metavar="FILE…")
@click.option(
    "--as",
    "manner",
    type=click.Choice(list(MANNERS)),
    help="What is put in place. [default: what the terms say, or else tag]",
)
@click.option(
    "--kinds",
    cls=Several,
    type=str,
    metavar="KIND…",
    help="The kinds to replace, such as PERSON EMAIL SECRET. [default: all]",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="What surrogates and pseudonyms follow from. [default: drawn anew, and kept nowhere]",
)
@click.option(
    "--terms",
    type=TERMS,
    metavar="NAME|FILE|DIR",
    help="Terms whose recognisers, allowed values and manners count.",
)
@options.option
@click.option(
    "--purpose", type=PURPOSE, metavar="PURPOSE", help="With --terms: whose manners of replacing are taken."
)
@options.mapping
@options.keep_going
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, metavar="N",
              help="Processes that work at once; the result does not depend on it.")  # fmt: skip
@click.option(
    "--out",
    required=True,
    type=options.FILE,
    metavar="FILE|DIR",
    help="Where the redacted lines go: a file, .gz too, or a folder for several. Each appears whole, or not at all.",
)
@options.as_json
def command(
    *,
    files: tuple[Path, ...],
    manner: str | None,
    kinds: tuple[str, ...],
    seed: int | None,
    terms: str | None,
    options: Mapping[str, str],
    purpose: str | None,
    mapping: Path | None,
    keep_going: bool,
    jobs: int,
    out: Path,
    as_json: bool,
) -> None:
    """Replace sensitive data in texts: lines of {"id", "text"}, or logs (docs/detection.md).

    One line comes out for each text, with its id, its conversation and the redacted text, and nothing else of it. The same
    person has the same tag, or the same surrogate, throughout a conversation.
    """
    key = secrets.token_bytes(32) if seed is None else secret_of_seed(seed)
    asked = RedactRequest(
        files, out, key, manner, kinds, terms, options, purpose or "", mapping, keep_going, jobs
    )
    with Progress() as progress:
        done = redact_files(asked, progress)
    warn(of_texts(done.reading))
    if as_json:
        say_json(_json(done))
    else:
        _say(done)


def _json(done: RedactedFiles) -> dict[str, object]:
    told = asdict(replace(done, reading=Reading()))
    del told["reading"]
    return told | {"damaged": done.reading.damage_count}


def _say(done: RedactedFiles) -> None:
    for line in table([(file.changed, "of", plural(file.texts, "text"), file.out) for file in done.files]):
        say(line)
    for line in table([(count, kind) for kind, count in done.replaced.items()]):
        say(line)
    dropped = sum(file.dropped for file in done.files)
    if dropped:
        say(f"{plural(dropped, 'text')} left out")
    say(f"{done.words_replaced:,} of {plural(done.words, 'word')} replaced")
