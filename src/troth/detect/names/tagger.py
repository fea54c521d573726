"""Finds the names of people, places and organisations, and addresses, in many texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from troth.detect.finding import Finding
from troth.detect.names.letters import DIGIT, EDGE, codes_of
from troth.detect.names.links import in_links
from troth.detect.names.network import REACH, Network
from troth.detect.names.spans import KINDS, spans_of
from troth.detect.names.weights import FILE, Weights, load
from troth.detect.names.words import Ints, words_of

if TYPE_CHECKING:
    from troth.detect.text.view import View

BLOCK = 1 << 19
"""Characters that are worked on at once."""
PIECE = 1 << 16
"""Characters. A longer stretch of text is cut, at a space if there is one in its last `_SLACK`."""
_SLACK = 1 << 10
_BRIDGE = 2
"""Words between two that may be part of a name that may be part of it too ("of the")."""
_SILENT = frozenset({"code"})
"""Zones in which no names are looked for."""

_EDGES = np.full(REACH, EDGE, np.uint32)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the folded text of one view."""

    view: int
    start: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The tagger. It can be sent to another process."""

    weights: Weights
    digest: str
    """``sha256:`` digest of the weights."""
    network: Network

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
        found: list[list[Finding]] = [[] for _ in views]
        for block in _blocks(views):
            for number, start, end, kind, sure in self._look(block):
                view = views[number]
                place = view.original(start, end)
                found[number].append(Finding(*place, kind, sure, "names/tagger"))
        return found

    def _look(self, pieces: list[_Piece]) -> Iterator[tuple[int, int, int, str, float]]:
        parts, begins, size = [_EDGES], [], REACH
        for piece in pieces:
            begins.append(size)
            parts += [codes_of(piece.text), _EDGES]
            size += len(piece.text) + REACH
        codes = np.concatenate(parts)
        network = self.network
        kinds = network.letters.kinds_of(codes)
        words = words_of(codes, kinds)
        _, first, at = np.unique(words.hashes, return_index=True, return_inverse=True)
        forms, gate = network.forms(codes, kinds, words, first)
        places = _wanted((gate > 0)[at] & ~in_links(codes, kinds, words), kinds[words.starts] == DIGIT)
        if not len(places):
            return
        spans = spans_of(network.tags(forms, at, places), places)
        starts, ends = words.starts[spans.first], words.ends[spans.last]
        piece_of = np.searchsorted(np.array(begins), starts, side="right") - 1
        sure = self.weights.confidence[np.clip(spans.ahead * self.weights.scale[4], 0, 127).astype(np.int64)]
        rows = zip(
            piece_of.tolist(), starts.tolist(), ends.tolist(), spans.kind.tolist(), sure.tolist(), strict=True
        )
        for number, start, end, kind, percent in rows:
            piece = pieces[number]
            shift = piece.start - begins[number]
            yield piece.view, start + shift, end + shift, KINDS[kind], percent / 100


def _wanted(open_: npt.NDArray[np.bool_], digits: npt.NDArray[np.bool_]) -> Ints:
    """Words that may be part of a name, numbers beside them, and the few words between two of them."""
    beside = np.zeros(len(open_), bool)
    beside[1:] = open_[:-1]
    beside[:-1] |= open_[1:]
    open_ = open_ | (beside & digits)
    places = np.flatnonzero(open_)
    gaps = np.diff(places)
    more = [places]
    for shift in range(1, _BRIDGE + 1):
        more.append(places[:-1][(gaps > shift) & (gaps <= _BRIDGE + 1)] + shift)
    return np.sort(np.concatenate(more))


def _blocks(views: Sequence[View]) -> Iterator[list[_Piece]]:
    block: list[_Piece] = []
    size = 0
    for number, view in enumerate(views):
        for piece in _pieces(number, view):
            block.append(piece)
            size += len(piece.text) + REACH
            if size >= BLOCK:
                yield block
                block, size = [], 0
    if block:
        yield block


def _pieces(number: int, view: View) -> Iterator[_Piece]:
    text = view.folded
    for start, end in _stretches(view):
        at = start
        while end - at > PIECE:
            space = text.rfind(" ", at + PIECE - _SLACK, at + PIECE)
            stop = space if space > 0 else at + PIECE
            yield _Piece(number, at, text[at:stop])
            at = stop
        if at < end:
            yield _Piece(number, at, text[at:end])


def _stretches(view: View) -> Iterator[tuple[int, int]]:
    """Where names may stand: zones that are not code, neighbours joined."""
    start = end = -1
    for zone in view.zones:
        if zone.kind in _SILENT:
            continue
        if zone.start == end:
            end = zone.end
            continue
        if end > start:
            yield start, end
        start, end = zone.start, zone.end
    if end > start:
        yield start, end
