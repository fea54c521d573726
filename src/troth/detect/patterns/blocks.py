"""Texts laid end to end as bytes for one pass of an engine, and the way back from bytes to characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.patterns.engine import LONGEST

BLOCK = 1 << 20
"""Characters of one pass, at most about twice that. A longer text is cut, so that memory stays bounded."""
_BEFORE = LONGEST + 24
_AFTER = 8
_EDGE = "\n"
"""What stands before and after every text, so that an anchor may ask for a space or the beginning of a text."""
_APART = "\n\0\n"
"""NUL is what no anchor can match, so that none reaches from one text into the next; texts may hold it too."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """The bytes of many texts, or of a part of one."""

    data: bytes
    texts: Numbers
    """The numbers of the texts."""
    starts: Numbers
    """The first character of each, counted in the block."""
    low: int
    """The character of the text at which the block begins; 0 where it holds whole texts."""
    new: Numbers
    """Anchors that end up to this character of the text belong to the block before."""
    high: Numbers
    """Anchors that end after this character belong to the next block, or stand on the edge."""

    def places(self, ends: Numbers) -> tuple[Numbers, Numbers]:
        """For bytes where anchors end: which text, and which character of it. Text -1: it belongs elsewhere."""
        characters = ends
        if not self.data.isascii():
            codes = np.frombuffer(self.data, np.uint8)
            inner = np.flatnonzero((codes & 0xC0) == 0x80)  # bytes that begin no character
            characters = ends - np.searchsorted(inner, ends)
        piece = np.maximum(np.searchsorted(self.starts, characters, "right") - 1, 0)
        place = characters - self.starts[piece] + self.low
        mine = (place > self.new[piece]) & (place <= self.high[piece])
        return np.where(mine, self.texts[piece], -1), place


def blocks_of(texts: Sequence[str]) -> Iterator[Block]:
    """All texts: those that are short together, those that are long in parts."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    short = np.flatnonzero(lengths <= BLOCK)
    ends = np.cumsum(lengths[short] + len(_APART))
    cuts = np.flatnonzero(np.diff(ends // BLOCK)) + 1
    for numbers in np.split(short, cuts):
        if len(numbers):
            yield _together(texts, numbers, lengths[numbers])
    for number in np.flatnonzero(lengths > BLOCK).tolist():
        yield from _in_parts(number, texts[number])


def _together(texts: Sequence[str], numbers: Numbers, lengths: Numbers) -> Block:
    whole = len(numbers) == numbers[-1] - numbers[0] + 1
    some = texts[numbers[0] : numbers[-1] + 1] if whole else [texts[number] for number in numbers.tolist()]
    starts = np.cumsum(lengths + len(_APART)) - lengths - len(_APART) + len(_EDGE)
    return Block(
        _bytes(f"{_EDGE}{_APART.join(some)}{_EDGE}"), numbers, starts, 0, np.zeros_like(lengths), lengths
    )


def _in_parts(number: int, text: str) -> Iterator[Block]:
    one, start = np.array([number], np.int64), np.array([len(_EDGE)], np.int64)
    for new in range(0, len(text), BLOCK):
        low, high = max(0, new - _BEFORE), min(len(text), new + BLOCK)
        part = f"{_EDGE if low == 0 else text[low - 1]}{text[low : high + _AFTER]}{_EDGE}"
        yield Block(_bytes(part), one, start, low, np.array([new]), np.array([high]))


def _bytes(text: str) -> bytes:
    """UTF-8; a lone surrogate becomes three bytes: one that begins a character, and two that do not."""
    return text.encode("utf-8", "surrogatepass")
