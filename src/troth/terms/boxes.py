"""Boxes: sets of fact combinations, one set of values for each fact. Small, pure algebra.

A box is a tuple of bit masks, one a fact; it holds the combinations that take, of each fact, a value whose
bit is set. A box with an empty mask holds nothing. The conditions of a rule are a box; what several rules
leave over is a list of boxes that do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from operator import and_, ne, or_

from troth.terms.model import When

Box = tuple[int, ...]

EFFORT = 20_000
"""Steps after which a question about boxes is given up; the shipped profiles need some hundreds."""


class TooMuchEffort(Exception):  # noqa: N818 - not an error of anybody: the answer is "not known"
    """The question needs more steps than it was given. Who asks must say that the answer is not known."""


class Effort:
    """A number of steps that several questions may share."""

    __slots__ = ("left",)

    def __init__(self, steps: int = EFFORT) -> None:
        self.left = steps

    def step(self) -> None:
        """Take one. Raises `TooMuchEffort` where none is left."""
        if self.left <= 0:
            raise TooMuchEffort
        self.left -= 1


def meet(one: Box, other: Box) -> Box | None:
    """Find what two boxes share; None where that is nothing."""
    both = tuple(map(and_, one, other))
    return both if all(both) else None


def inside(inner: Box, outer: Box) -> bool:
    """Tell whether every combination of one box lies in another."""
    return all(not mask & ~wider for mask, wider in zip(inner, outer, strict=True))


def without(box: Box, taken: Box) -> Iterator[Box]:
    """Take one box away from another: boxes that do not overlap, and hold what is left."""
    if meet(box, taken) is None:
        yield box
        return
    kept = list(box)
    for index, mask in enumerate(taken):
        rest = kept[index] & ~mask
        if rest:
            yield (*kept[:index], rest, *kept[index + 1 :])
            kept[index] &= mask


def left_over(box: Box, taken: Iterable[Box], effort: Effort | None = None) -> Iterator[Box]:
    """Take many boxes away from one: boxes that do not overlap, found one after the other.

    The one that limits the fewest facts is taken first, so that the fewest pieces are left. Raises
    `TooMuchEffort`.
    """
    effort = effort or Effort()
    effort.step()
    if not all(box):
        return
    meeting = [(other, shared) for other in taken if (shared := meet(box, other)) is not None]
    if not meeting:
        yield box
        return
    chosen, shared = min(meeting, key=lambda pair: sum(map(ne, pair[1], box)))
    if shared == box:
        return
    rest = [other for other, _ in meeting if other is not chosen]
    for piece in without(box, chosen):
        yield from left_over(piece, rest, effort)


def covered(box: Box, by: Iterable[Box], effort: Effort | None = None) -> bool:
    """Tell whether some boxes together hold all of a box. Raises `TooMuchEffort`."""
    return next(left_over(box, by, effort), None) is None


def relax(box: Box, within: Box, never: Sequence[Box], effort: Effort | None = None) -> Box:
    """Free facts of a box, from the last on, where that adds nothing possible: the others imply them."""
    for place, mask in reversed(list(enumerate(box))):
        rest = within[place] & ~mask
        if rest and covered((*box[:place], rest, *box[place + 1 :]), never, effort):
            box = (*box[:place], within[place], *box[place + 1 :])
    return box


def size(box: Box) -> int:
    """Count the combinations of a box."""
    return prod(mask.bit_count() for mask in box)


def hull(boxes: Iterable[Box]) -> Box:
    """Find the smallest box that holds all of some boxes, of which there must be one."""
    masks, *more = boxes
    for box in more:
        masks = tuple(map(or_, masks, box))
    return masks


@dataclass(frozen=True, slots=True)
class Space:
    """Some facts and the values of each: where boxes of masks and conditions in words meet."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, domains: Mapping[str, Sequence[str]]) -> Space:
        """Make the space of some facts."""
        return cls(tuple(domains), tuple(tuple(values) for values in domains.values()))

    @property
    def full(self) -> Box:
        """The box of every combination."""
        return tuple((1 << len(values)) - 1 for values in self.values)

    def box(self, when: When) -> Box:
        """Turn conditions into a box. Facts and values that the space lacks are left out."""
        return tuple(
            sum(1 << place for place, value in enumerate(values) if value in when[name])
            if name in when
            else (1 << len(values)) - 1
            for name, values in zip(self.names, self.values, strict=True)
        )

    def possible(self, never: Iterable[Box]) -> Box:
        """Leave out of the full box the values that some box alone says are never met."""
        kept = self.full
        for box in never:
            limited = [place for place, mask in enumerate(box) if mask != self.full[place]]
            if len(limited) == 1:
                place = limited[0]
                kept = (*kept[:place], kept[place] & ~box[place], *kept[place + 1 :])
        return kept

    def when(self, box: Box, within: Box | None = None) -> dict[str, tuple[str, ...]]:
        """Turn a box into conditions: the facts that it limits further than ``within``, with their values."""
        return {
            name: tuple(value for place, value in enumerate(values) if mask >> place & 1)
            for name, values, mask, wide in zip(
                self.names, self.values, box, within or self.full, strict=True
            )
            if mask != wide
        }
