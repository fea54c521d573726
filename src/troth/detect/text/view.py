"""A text, its folded copy in which things are looked for, the way back, and its zones."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from troth.detect.text.folding import Edits, fold
from troth.detect.text.program import Program
from troth.detect.text.zones import PROSE_ONLY, Cuts, Zone, cuts_of


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
    def cuts(self) -> Cuts:
        """What `zones` are made from. `cut` fills it in for many texts at once."""
        return cuts_of([self.folded])[0]

    @functools.cached_property
    def zones(self) -> tuple[Zone, ...]:
        """What kind of text stands where, in offsets of ``folded``; they touch and cover all of it."""
        return self.cuts.zones(len(self.folded)) if self.folded else ()

    @functools.cached_property
    def program(self) -> Program:
        """Where in ``folded`` a program stands, and where records."""
        return Program.of(self)

    def zone_at(self, offset: int) -> str:
        """The kind of text at a place of ``folded``; at or after the end, that of its last character."""
        return self.cuts.kind_at(offset)


@dataclass(frozen=True)
class AllProse(View):
    """A view in which everything is prose."""

    @functools.cached_property
    def cuts(self) -> Cuts:
        """One zone."""
        return PROSE_ONLY

    @functools.cached_property
    def program(self) -> Program:
        """Nowhere."""
        return Program.none(self.folded)


def view_of(text: str) -> View:
    """The view of a text. Nothing is copied and no zone is looked for until somebody asks."""
    return View(text, text) if text.isascii() else View(text, *fold(text))


def cut(views: Iterable[View]) -> None:
    """Cut texts into zones at once, which costs less than one by one, each when it is first asked for."""
    some = [view for view in views if "cuts" not in view.__dict__ and type(view) is View]
    for view, cuts in zip(some, cuts_of([view.folded for view in some]), strict=True):
        view.__dict__["cuts"] = cuts
