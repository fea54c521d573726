"""The right edge of a tree of tiles while entries stream by: the roots on the way, and the tiles above the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.proof.merkle import EMPTY_ROOT, Range, node_hash
from troth.verify.ledger.paths import FULL, Tile


class _Level:
    """One level of tiles: the hashes of its last tile, and how many full ones are before it."""

    __slots__ = ("full", "hashes", "peaks")

    def __init__(self, full: int = 0) -> None:
        self.full = full
        self.hashes: list[bytes] = []
        self.peaks = Range()


class Frontier:
    """What is known of a tree after some full tiles of leaves. It holds at most 256 hashes for each level."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def root(self, leaves: Range) -> bytes:
        """The root of the tree with these leaves, at most 256, after the full tiles (RFC 6962, section 2.1)."""
        peaks = [peak for level in reversed(self._levels) for peak in level.peaks.peaks]
        peaks.extend(leaves.peaks)
        if not peaks:
            return EMPTY_ROOT
        root = peaks.pop()
        while peaks:
            root = node_hash(peaks.pop(), root)
        return root

    def carry(self, root: bytes) -> Iterator[tuple[Tile, Sequence[bytes]]]:
        """Add the root of a full tile of leaves; give each tile above that it fills, with its hashes."""
        for number in range(len(self._levels) + 1):
            if number == len(self._levels):
                self._levels.append(_Level())
            level = self._levels[number]
            level.hashes.append(root)
            level.peaks.append(root)
            if len(level.hashes) < FULL:
                return
            (root,) = level.peaks.peaks
            self._levels[number] = _Level(level.full + 1)
            yield Tile(number + 1, level.full), level.hashes

    def partial(self) -> Iterator[tuple[Tile, Sequence[bytes]]]:
        """The last tile of each level above the leaves, where it is neither full nor empty, with its hashes."""
        for number, level in enumerate(self._levels):
            if level.hashes:
                yield Tile(number + 1, level.full, len(level.hashes)), level.hashes
