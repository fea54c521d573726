"""One pass over all entries: bundles, tiles and checkpoints side by side, with a few of each in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.proof.merkle import EMPTY_ROOT, HASH_BYTES, Range, leaf_hashes
from troth.types.moment import Moment
from troth.verify.ledger.bundle_check import BundleCheck
from troth.verify.ledger.bundles import LARGEST_BUNDLE
from troth.verify.ledger.paths import ENTRIES, FULL, Tile
from troth.verify.ledger.points import Points
from troth.verify.ledger.source import Found, Source, look_ahead
from troth.verify.ledger.tile_check import LARGEST_TILE, TileCheck, with_full
from troth.verify.ledger.tree import Frontier
from troth.verify.report import Progress


class Walk:
    """The pass over a ledger of one size."""

    def __init__(
        self, source: Source, size: int, bundles: BundleCheck, tiles: TileCheck, points: Points
    ) -> None:
        self.borrowed = 0
        """Tiles whose hashes were taken as they are, because their entries cannot be read."""
        self._source, self._size = source, size
        self._bundles, self._tiles, self._points = bundles, tiles, points
        self._frontier = Frontier()

    def run(self, progress: Progress) -> int:
        """Walk; give how many leaf hashes are known from the first on: all, unless a bundle and its tile are lost."""
        if self._points.next_size() == 0:
            self._points.reach(EMPTY_ROOT, None)
        reading = look_ahead(self._source, self._wanted())
        for index, start in enumerate(range(0, self._size, FULL)):
            progress("entries", start, self._size)
            width = min(FULL, self._size - start)
            if not self._step(index, width, next(reading), next(reading)):
                return start
        for tile, hashes in self._frontier.partial():
            self._tiles.run(tile, hashes, self._tiles.fetch(tile))
        return self._size

    def _wanted(self) -> Iterator[tuple[str, int]]:
        """Each bundle and the tile with its hashes, with how large they may be."""
        for index, start in enumerate(range(0, self._size, FULL)):
            width = min(FULL, self._size - start)
            yield Tile(ENTRIES, index, width).path(), LARGEST_BUNDLE
            yield Tile(0, index, width).path(), LARGEST_TILE

    def _step(self, index: int, width: int, bundle: Found, leaf_tile: Found) -> bool:
        """One bundle and its tile. False where neither can be read, so that nothing is known from here on."""
        below, tile = Tile(ENTRIES, index, width), Tile(0, index, width)
        read = self._bundles.run(below, with_full(self._source, below, bundle, LARGEST_BUNDLE))
        leaf_tile = with_full(self._source, tile, leaf_tile, LARGEST_TILE)
        times: Sequence[Moment | None]
        if read is not None:
            leaves, times = leaf_hashes(read.entries), read.times
        else:
            data = self._tiles.content(tile, leaf_tile)
            if data is None:
                return False
            self.borrowed += 1
            leaves = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
            times = [None] * width
        self._tiles.run(tile, leaves, leaf_tile)
        self._grow(index * FULL, leaves, times)
        return True

    def _grow(self, start: int, leaves: Sequence[bytes], times: Sequence[Moment | None]) -> None:
        """Add leaves to the tree; stop at each size of which there is a checkpoint."""
        grown = Range()
        while (size := self._points.next_size()) is not None and size <= start + len(leaves):
            grown.extend(leaves[grown.size : size - start])
            self._points.reach(self._frontier.root(grown), times[size - start - 1])
        if len(leaves) == FULL:
            grown.extend(leaves[grown.size :])
            for tile, hashes in self._frontier.carry(*grown.peaks):
                self._tiles.run(tile, hashes, self._tiles.fetch(tile))
