"""Finds the names of people, places and organisations, and addresses, in many texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from troth.detect.finding import Finding
from troth.detect.names.in_code import Name, believed
from troth.detect.names.letters import EDGE, Codes, codes_of
from troth.detect.names.links import in_links
from troth.detect.names.looked_at import looked_at
from troth.detect.names.network import REACH, Met, Network
from troth.detect.names.spans import KINDS, spans_of
from troth.detect.names.weights import FILE, Weights, load
from troth.detect.names.words import Longs, words_of

if TYPE_CHECKING:
    from troth.detect.text.view import View

BLOCK = 1 << 18
"""Characters that are worked on at once."""
PIECE = 1 << 16
"""Characters. A longer stretch of text is cut, at a space if there is one in its last `_SLACK`."""
_SLACK = 1 << 10
_KEPT = 1 << 16
"""Words met before that are kept from one block to the next, and characters in them."""
_SILENT = frozenset({"code"})
"""Zones in which no names are looked for."""
_EDGES = REACH + 1
"""`EDGE`s between two pieces: what the first is like depends on the piece before it, and is no business of the next."""


@dataclass(frozen=True, slots=True)
class Block:
    """Stretches of the folded texts of some views."""

    texts: list[str]
    views: list[int]
    starts: list[int]
    """Where each begins in its view."""

    def laid_out(self) -> tuple[Codes, Longs]:
        """The stretches in a row with `EDGE`s about each, and where they begin."""
        between = "\0" * _EDGES
        codes = codes_of(between + between.join(self.texts) + between).copy()
        sizes = np.fromiter(map(len, self.texts), np.int64, len(self.texts))
        begins = np.cumsum(sizes + _EDGES) - sizes
        for shift in range(1, _EDGES + 1):
            codes[begins - shift] = EDGE
            codes[-shift] = EDGE
        return codes, begins


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The tagger. It can be sent to another process."""

    weights: Weights
    digest: str
    """``sha256:`` digest of the weights."""
    network: Network
    spare: list[Met] = field(default_factory=list, repr=False)
    """What was met before, for the next call to go on with; none is in two calls, and so in two threads, at once."""

    @classmethod
    def load(cls, file: Path = FILE) -> Self:
        """The tagger of the package, or of another file of weights. Raises `InputError`."""
        return cls.of(*load(file))

    @classmethod
    def of(cls, weights: Weights, digest: str) -> Self:
        """The tagger of some weights. Raises `InputError` unless they fit one another."""
        return cls(weights, digest, Network.of(weights))

    def __reduce__(self) -> tuple[Callable[[Weights, str], Names], tuple[Weights, str]]:
        """Only the weights travel to another process."""
        return Names.of, (self.weights, self.digest)

    def find(self, views: Sequence[View]) -> list[list[Finding]]:
        """The names in each text, in its offsets, in order, none overlapping another.

        The answer for a text does not depend on the others. Time is linear in their length.
        """
        found: list[list[Name]] = [[] for _ in views]
        met = self.spare.pop() if self.spare else self.network.met(2 * (_KEPT + BLOCK))
        for block in _blocks(views):
            for number, name in self._look(block, met):
                found[number].append(name)
        self.spare.append(met)
        return [
            [
                Finding(*view.original(name.start, name.end), name.kind, name.sure, "names/tagger")
                for name in believed(view, names, self.weights)
            ]
            for view, names in zip(views, found, strict=True)
        ]

    def _look(self, block: Block, met: Met) -> Iterator[tuple[int, Name]]:
        codes, begins = block.laid_out()
        if len(met.forms) > _KEPT or met.forms.room() < len(codes):
            met.clear()
        network = self.network
        words = words_of(codes, network.letters, met.forms)
        network.describe(met)
        look = looked_at(words, met.gate, in_links(codes, words), network.far_reach)
        if not len(look.places):
            return
        spans = spans_of(network.tags(met, words.at, look), look.places)
        starts, ends = words.starts[spans.first], words.ends[spans.last]
        pieces = np.searchsorted(begins, starts, side="right") - 1
        shift = np.array(block.starts)[pieces] - begins[pieces]
        sure = self.weights.confidence[np.clip(spans.ahead * self.weights.scale[4], 0, 127).astype(np.int64)]
        columns = np.array(block.views)[pieces], starts + shift, ends + shift, spans.kind, sure
        for view, start, end, kind, percent in zip(*(column.tolist() for column in columns), strict=True):
            yield view, Name(start, end, KINDS[kind], percent / 100)


def _blocks(views: Sequence[View]) -> Iterator[Block]:
    block, size = Block([], [], []), 0
    for number, view in enumerate(views):
        for start, text in _pieces(view):
            block.texts.append(text)
            block.views.append(number)
            block.starts.append(start)
            size += len(text) + _EDGES
            if size >= BLOCK:
                yield block
                block, size = Block([], [], []), 0
    if size:
        yield block


def _pieces(view: View) -> Iterator[tuple[int, str]]:
    """Where stretches begin, none too long, and their text."""
    text = view.folded
    for start, end in stretches(view):
        at = start
        while end - at > PIECE:
            space = text.rfind(" ", at + PIECE - _SLACK, at + PIECE)
            stop = space if space > 0 else at + PIECE
            yield at, text[at:stop]
            at = stop
        if at < end:
            yield at, text[at:end]


def stretches(view: View) -> Iterator[tuple[int, int]]:
    """Where names may stand: zones that are not code, neighbours joined."""
    return view.cuts.without(_SILENT, len(view.folded))
