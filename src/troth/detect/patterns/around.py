"""What stands around a place: words before it, and whether the text there is prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.detect.text.view import View

_LIKE_CODE = re.compile(r"[{}\[\]<>=;|\\`$_#*/\"]|\n[ \t]|\(\)")
_NEAR = 160
_IN_LINE = 64
_WORD = re.compile(r"[a-z]+(?:3(?![a-z\d]))?")
_RELEASED = frozenset(
    """
    pip pip3 npm yarn apt brew cargo upgrade upgrades upgraded upgrading update updated updates updating
    downgrade downgrades downgraded downgrading bump bumped pin pinned install installs installed yanked
    release releases released version versions package packages library libraries plugin driver chrome
    browser firmware build tag tags tagged newer
    """.split()  # noqa: SIM905 — a table
)
_COMPARED = re.compile(r"[<>=~^]=|@\Z")


def words(*alternatives: str) -> re.Pattern[str]:
    """An expression for any of some words or phrases, each an expression itself, in any case."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])", re.IGNORECASE)


def said_before(said: re.Pattern[str], text: str, place: int, reach: int = 40) -> bool:
    """Whether a word stands in the characters before a place."""
    return said.search(text, max(0, place - reach), place) is not None


def said_after(said: re.Pattern[str], text: str, place: int, reach: int = 24) -> bool:
    """Whether a word stands in the characters after a place."""
    return said.search(text, place, place + reach) is not None


def in_prose(view: View, place: int) -> bool:
    """Whether a place is in what people write to one another: no code, no comment of it, no data, no path.

    Zones are dear. Where nothing nearby looks like code, nobody needs to ask for them.
    """
    near = _LIKE_CODE.search(view.folded, max(0, place - _NEAR), place + _NEAR)
    return near is None or view.zone_at(place) == "prose"


def in_line(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a place in its line, at most 64 characters of each."""
    before = text[max(0, start - _IN_LINE) : start].rpartition("\n")[2]
    return before, text[end : end + _IN_LINE].partition("\n")[0]


def words_in(before: str, after: str) -> set[str]:
    """The words of a line before and after a place, in small letters."""
    return {*_WORD.findall(before.lower()), *_WORD.findall(after.lower())}


def of_a_release(before: str, after: str) -> bool:
    """Whether a line speaks of versions of programs before or after a place: what stands there may be one."""
    return not _RELEASED.isdisjoint(words_in(before, after)) or _COMPARED.search(before) is not None
