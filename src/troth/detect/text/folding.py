"""Folds a text, so that a form is found however it is written, and remembers where each character came from."""

from __future__ import annotations

import functools
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from troth.detect.text.alike import ANYTHING, LIGATURES, MARK, ONE_TO_ONE, TO_CHANGE, TO_SHORTEN, latin

_MOST_MARKS = 8
"""Marks on one letter that are looked at. More is no spelling, and ordering many takes quadratic time."""


_LONGEST_RUN = 64
"""Characters of a run that are looked at."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Where a folded text is shorter or longer than its original: places in order, none overlapping."""

    starts: tuple[int, ...]
    """Where each begins in the folded text."""
    lengths: tuple[int, ...]
    """How long each is there; 0 where characters were removed."""
    origins: tuple[int, ...]
    """Where each begins in the original."""
    ends: tuple[int, ...]
    """The first character of the original after each."""

    def span_of(self, place: int) -> tuple[int, int]:
        """The characters of the original that a character of the folded text came from."""
        number = bisect_right(self.starts, place) - 1
        if number < 0:
            return place, place + 1
        behind = place - self.starts[number] - self.lengths[number]
        if behind < 0:
            return self.origins[number], self.ends[number]
        return self.ends[number] + behind, self.ends[number] + behind + 1


def fold(text: str) -> tuple[str, Edits | None]:
    """The folded text, and its edits if its length changed. An ASCII text, and most others, come back as they are.

    Digits, widths and spaces of other scripts become ASCII ones; what nobody sees is removed; accents are
    composed with their letter, or dropped where they cannot be; letters that look Latin in a Latin word become so.
    Folding twice changes nothing more.
    """
    if text.isascii() or not ANYTHING.search(text):
        return text, None
    folded = text.translate(ONE_TO_ONE) if TO_CHANGE.search(text) else text
    folded, edits = _shorten(folded)
    return latin(folded), edits


def _shorten(text: str) -> tuple[str, Edits | None]:
    pieces: list[str] = []
    rows: list[tuple[int, int, int, int]] = []
    length = done = 0
    for match in TO_SHORTEN.finditer(text):
        start, end = match.span()
        start, instead = _instead(text, done, start, end)
        if instead == text[start:end]:
            continue
        pieces += (text[done:start], instead)
        length += start - done
        rows.append((length, len(instead), start, end))
        length += len(instead)
        done = end
    if not rows:
        return text, None
    pieces.append(text[done:])
    return "".join(pieces), Edits(*zip(*rows, strict=True))


def _instead(text: str, done: int, start: int, end: int) -> tuple[int, str]:
    """What stands instead of a run, and where that begins: at the letter that carries the marks, if there are any."""
    base = text[start - 1] if start > done else ""
    run = text[start : min(end, start + _LONGEST_RUN)]
    carried, read = _read(base, run)
    if (
        not carried and end - start > _LONGEST_RUN
    ):  # too long for a spelling: its marks are dropped with the rest
        read = ""
    return start - carried, read


@functools.lru_cache(maxsize=1024)
def _read(base: str, run: str) -> tuple[int, str]:
    """How a run after a letter is read, and how many letters before it are read with it: 0 or 1."""
    ligatures = "".join(LIGATURES.get(character, "") for character in run)
    if ligatures:
        return 0, ligatures
    marks = "".join(MARK.findall(run))
    if marks and base.isalnum():
        return 1, unicodedata.normalize("NFC", base + marks[:_MOST_MARKS])[0]
    return 0, marks
