"""Which segments a compaction writes anew, and which of them become one. Nothing here reads a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from troth.vault.segments.cut import LARGEST_SEGMENT, MOST_ROWS
from troth.vault.segments.index import Segment

SMALL: Final = LARGEST_SEGMENT // 4
"""Bytes: a segment below is merged with others."""
FEW_ROWS: Final = MOST_ROWS // 4
"""Records: the same."""
FEWEST: Final = 8
"""Small segments without dead rows that are worth writing anew: with fewer, the same rows would be written daily."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A segment, and how many of its records have a destroyed key."""

    segment: Segment
    dead: int

    @property
    def living(self) -> int:
        """Records that stay."""
        return self.segment.rows - self.dead

    @property
    def size(self) -> int:
        """At most so many bytes do the records take that stay."""
        return self.segment.size if self.living else 0

    @property
    def is_small(self) -> bool:
        """Whether it is merged with others."""
        return self.segment.size < SMALL and self.segment.rows < FEW_ROWS


def pieces(
    segments: Iterable[Standing], largest: int = LARGEST_SEGMENT, most: int = MOST_ROWS
) -> Iterator[tuple[Standing, ...]]:
    """What is written anew: every segment with a dead row, and small ones. Each piece becomes one segment, or none.

    A piece fits into a segment whatever of it stays, unless it is a single one that was larger before.
    """
    held: list[Standing] = []
    for one in segments:
        if not one.dead and not one.is_small:
            continue
        if held and not _fit([*held, one], largest, most):
            yield from _worth_it(held)
            held = []
        held.append(one)
    yield from _worth_it(held)


def _fit(held: Sequence[Standing], largest: int, most: int) -> bool:
    return sum(one.size for one in held) <= largest and sum(one.living for one in held) <= most


def _worth_it(held: Sequence[Standing]) -> Iterator[tuple[Standing, ...]]:
    if any(one.dead for one in held) or len(held) >= FEWEST:
        yield tuple(held)
