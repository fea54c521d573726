"""A text, its folded copy in which things are looked for, the way back, and its zones."""

from __future__ import annotations

import functools
from bisect import bisect_right
from dataclasses import dataclass

from troth.detect.text.folding import Edits, fold
from troth.detect.text.zones import Zone, zones_of


@dataclass(frozen=True)
class View:
    """A text as the recognisers see it. Make one with `view_of`."""

    text: str
    """As it was given: any string, with lone surrogates and NUL too."""
    folded: str
    """What is searched. The same object as ``text`` where nothing had to change, which is nearly always."""
    edits: Edits | None = None
    """Where their lengths differ."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of ``text`` that a span of ``folded`` came from; what was removed at its edges is not in it.

        An empty span stays empty.
        """
        if self.edits is None:
            return start, end
        first = self.edits.span_of(start)[0] if start < len(self.folded) else len(self.text)
        return (first, first) if end <= start else (first, self.edits.span_of(end - 1)[1])

    @functools.cached_property
    def zones(self) -> tuple[Zone, ...]:
        """What kind of text stands where, in offsets of ``folded``; they touch and cover all of it."""
        return zones_of(self.folded)

    def zone_at(self, offset: int) -> str:
        """The kind of text at a place of ``folded``; at or after the end, that of its last character."""
        zones = self.zones
        number = bisect_right(zones, offset, key=lambda zone: zone.start) - 1
        return zones[max(number, 0)].kind if zones else "prose"


def view_of(text: str) -> View:
    """The view of a text. Nothing is copied and no zone is looked for until somebody asks."""
    return View(text, *fold(text))
