"""``troth terms diff``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.cli.values import TERMS
from troth.operations.terms_diff import diff_terms
from troth.terms.diff import TermsDiff
from troth.terms.meaning import Shift
from troth.terms.plain import plain

SORTS = {
    "opens": "What is allowed that was not",
    "closes": "What is denied that was not",
    "reason": "What is denied as before, for another reason",
}


@make(
    "diff",
    examples=("troth terms diff anthropic-consumer@2025-05-01 anthropic-consumer@2025-08-28",),
)
@click.argument("old", type=TERMS, metavar="OLD")
@click.argument("new", type=TERMS, metavar="NEW")
@options.option
@options.as_json
def command(*, old: str, new: str, options: Mapping[str, str], as_json: bool) -> None:
    """Say how two versions differ: what changed in the text, and for which facts another answer follows.

    OLD and NEW are NAME@VERSION, a file, or a name or folder, whose newest version is meant. The versions are
    compared as they are written, whatever their dates.
    """
    found = diff_terms(old, new, options)
    if as_json:
        say_json(plain(found))
    else:
        for line in _lines(found):
            say(line)


def _lines(found: TermsDiff) -> Iterator[str]:
    yield f"{found.old} → {found.new}"
    if found.same:
        yield "no difference"
    yield from _section("Text", found.changes)
    for sort, title in SORTS.items():
        yield from _section(title, _of(sort, found.meaning.shifts))
    yield from _section("What is kept otherwise", found.meaning.keeping)
    if found.meaning.cut:
        yield ""
        yield "The comparison of meanings was given up before its end: there may be more."


def _of(sort: str, shifts: Iterable[Shift]) -> list[Shift]:
    return [shift for shift in shifts if shift.sort == sort]


def _section(title: str, lines: Iterable[object]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)
