"""Tells prose from code, comments, strings, paths and data.

Lines are told apart by their characters and neighbours (`troth.detect.text.lines`); in those that are code, comments
and strings are found as most languages write them (`troth.detect.text.tokens`). It is a judgement on form, not a
parser: nothing but the choice of recognisers rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from troth.detect.text.lines import code_lines
from troth.detect.text.runs import join_lines
from troth.detect.text.symbols import TRUTHS, symbols_of
from troth.detect.text.tokens import KINDS, NO_COMMENT, PROSE, Bytes, Ints, ZoneKind, cut_zones


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of a folded text that is of one kind."""

    start: int
    end: int
    kind: ZoneKind


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """The zones of a text that has some; they touch, and the last ends where the text does."""

    starts: Ints
    """Where each begins."""
    kinds: Bytes
    """Its number in `troth.detect.text.tokens.KINDS`."""

    def zones(self, size: int) -> tuple[Zone, ...]:
        """The zones of a text of some length, one by one."""
        starts = self.starts.tolist()
        kinds = [KINDS[kind] for kind in self.kinds.tolist()]
        return tuple(map(Zone, starts, [*starts[1:], size], kinds))

    def kind_at(self, offset: int) -> ZoneKind:
        """The kind of text at a place; at or after the end, that of its last character."""
        if self is PROSE_ONLY:
            return "prose"
        number = int(self.starts.searchsorted(offset, "right")) - 1
        return KINDS[int(self.kinds[max(number, 0)])]

    def without(self, silent: Collection[str], size: int) -> Iterator[tuple[int, int]]:
        """The stretches, as long as they can be, in which no zone is of some kinds."""
        begin = -1
        for start, kind in zip(self.starts.tolist(), self.kinds.tolist(), strict=True):
            if KINDS[kind] in silent:
                if begin >= 0:
                    yield begin, start
                begin = -1
            elif begin < 0:
                begin = start
        if begin >= 0:
            yield begin, size


PROSE_ONLY: Final = Cuts(np.zeros(1, np.int64), np.zeros(1, np.uint8))
"""Of a text that is nothing but prose, as most are."""

_SIGNS: Final = re.compile(r"[{}<>=;\\_`\t\[|~^/]|  ")
"""Without any of these a text is nothing but prose."""
_FEW: Final = 2_000
"""Characters up to which that is asked first: for a few short texts, nothing compiled is loaded."""


def cuts_of(texts: Sequence[str]) -> list[Cuts]:
    """The zones of each text. Many together cost less; the answer for one does not depend on the others.

    Time is linear in their length.
    """
    answer = [PROSE_ONLY] * len(texts)
    begins = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=begins[1:])
    if begins[-1] <= _FEW and not any(map(_SIGNS.search, texts)):
        return answer
    symbols = symbols_of(texts)
    lines = code_lines(texts, symbols, begins)
    slashed = np.fromiter(("/" in text or "\\" in text for text in texts), bool, len(texts))
    cut = np.flatnonzero(slashed | (lines.any_code != 0))
    if not len(cut):
        return answer
    most = len(lines.starts) + 2 * len(cut)
    runs, kinds, firsts = np.empty(most, np.int64), np.empty(most, np.uint8), np.empty(len(cut) + 1, np.int64)
    join_lines(
        symbols,
        TRUTHS,
        begins,
        lines.of_text,
        lines.starts,
        lines.is_code,
        lines.any_code,
        cut,
        runs,
        kinds,
        firsts,
    )
    starts, found, ends = (
        np.empty(len(symbols) + 1, np.int64),
        np.empty(len(symbols), np.uint8),
        np.empty_like(firsts),
    )
    count = cut_zones(symbols, TRUTHS, NO_COMMENT, runs, kinds, firsts, starts, found, ends)
    starts, found = starts[:count].copy(), found[:count].copy()
    bounds = ends.tolist()
    for number, low, high in zip(cut.tolist(), bounds, bounds[1:], strict=False):
        if high - low > 1 or found[low] != PROSE:
            answer[number] = Cuts(starts[low:high], found[low:high])
    return answer
