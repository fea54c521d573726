"""One pass over many texts for many recognisers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.finding import Finding
from troth.detect.patterns.blocks import Block, blocks_of
from troth.detect.patterns.engine import Engine, engine_for
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.text.view import View


@dataclass(frozen=True, slots=True)
class Scanner:
    """Recognisers, to be asked together. It can be sent to another process."""

    recognisers: tuple[Recogniser, ...]

    def find(self, views: Sequence[View]) -> list[list[Finding]]:
        """What the recognisers find in each text, in its offsets, in order; findings may overlap.

        The answer for a text does not depend on the others. Time is linear in their length.
        """
        dispatch = _dispatch(tuple(recogniser.anchors for recogniser in self.recognisers))
        confirms = [recogniser.confirm for recogniser in self.recognisers]
        found: dict[int, set[Finding]] = {}
        reached: dict[tuple[int, int], int] = {}
        for block in blocks_of([view.folded for view in views]):
            for number, text, place in dispatch.calls(block):
                if reached and place <= reached.get((number, text), -1):
                    continue
                for finding in confirms[number](views[text], place):
                    found.setdefault(text, set()).add(finding)
                    reached[number, text] = max(finding.end, reached.get((number, text), -1))
        answer: list[list[Finding]] = [[] for _ in views]
        for number, findings in found.items():
            answer[number] = _in_original(views[number], findings)
        return answer


def _in_original(view: View, findings: set[Finding]) -> list[Finding]:
    if view.folded is view.text:
        return sorted(findings)
    return sorted(Finding(*view.original(f.start, f.end), f.kind, f.confidence, f.why) for f in findings)


_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Dispatch:
    """Which recognisers an anchor calls."""

    engine: Engine | None
    """None where there is nothing to look for."""
    called: npt.NDArray[np.int64]
    """The numbers of recognisers, those of the first anchor first."""
    begins: npt.NDArray[np.int64]
    """Where those of each anchor begin."""
    counts: npt.NDArray[np.int64]
    """How many each anchor has."""

    def calls(self, block: Block) -> Iterator[tuple[int, int, int]]:
        """Recogniser, text and place, each once, ordered."""
        hits = self.engine.hits(block.data) if self.engine else _NOTHING
        if not len(hits):
            return iter(())
        text, place = block.places(hits & 0xFFFFFFFF)
        mine = text >= 0
        anchor, text, place = (hits >> 32)[mine], text[mine], place[mine]
        counts = self.counts[anchor]
        first = np.repeat(self.begins[anchor] - (np.cumsum(counts) - counts), counts)
        number = self.called[first + np.arange(len(first))]
        text, place = np.repeat(text, counts), np.repeat(place, counts)
        order = np.lexsort((place, text, number))
        calls = np.stack((number, text, place))[:, order]
        fresh = np.ones(len(order), bool)
        fresh[1:] = (calls[:, 1:] != calls[:, :-1]).any(0)
        return zip(*calls[:, fresh].tolist(), strict=True)


@functools.lru_cache(maxsize=8)
def _dispatch(anchors: tuple[tuple[str, ...], ...]) -> _Dispatch:
    calls: dict[str, list[int]] = {}
    for number, own in enumerate(anchors):
        for anchor in dict.fromkeys(own):
            calls.setdefault(anchor, []).append(number)
    counts = np.array([len(numbers) for numbers in calls.values()], np.int64)
    called = np.array([number for numbers in calls.values() for number in numbers], np.int64)
    return _Dispatch(engine_for(tuple(calls)) if calls else None, called, np.cumsum(counts) - counts, counts)
