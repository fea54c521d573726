"""The right edge of the tree: what a writer must remember to add entries, and the tiles that it fills on the way.

Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.ledger.tiles import (
    FULL,
    WIDTH,
    bundle_path,
    full_bundle,
    layers_of,
    partials,
    tile_path,
    tile_root,
)
from troth.proof.merkle import HASH_BYTES, Range, leaf_hashes

Named = tuple[str, bytes]
"""A path, and the bytes to be written there."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The partial tiles of a tree: of its size, at most 255 entries, and 255 hashes of each level.

    ``bundle`` holds the entries of the partial bundle as they stand in it; ``layers`` the concatenated hashes of the
    partial tile of each level, from the leaves up, empty where there is none.
    """

    size: int = 0
    bundle: bytes = b""
    layers: tuple[bytes, ...] = ()

    def peaks(self) -> tuple[bytes, ...]:
        """The hashes of the perfect subtrees of the tree, left to right."""
        return tuple(peak for hashes in reversed(self.layers) for peak in _peaks(hashes))

    def root(self) -> bytes:
        """The root of the tree (RFC 6962, section 2.1)."""
        return Range(self.size, self.peaks()).root()

    def partial(self) -> list[Named]:
        """The partial bundle and tiles that stand for this size (C2SP tlog-tiles, "Partial Tiles")."""
        objects: list[Named] = []
        index, width = divmod(self.size, WIDTH)
        if width:
            objects.append((bundle_path(index, width), self.bundle))
        for level, hashes in enumerate(self.layers):
            if hashes:
                index, width = divmod(self.size >> 8 * level, WIDTH)
                objects.append((tile_path(level, index, width), hashes))
        return objects


@dataclass(frozen=True, slots=True)
class Growth:
    """What becomes of an edge when entries are added.

    ``full`` are the bundles and tiles that were filled, ``replaced`` the folders of the partial ones that each of
    them stands for from now on.
    """

    edge: Edge
    full: tuple[Named, ...]
    replaced: tuple[str, ...]


def grow(edge: Edge, entries: Sequence[bytes]) -> Growth:
    """Add entries. Memory is of the order of the entries. Raises `LedgerError` for one that is too long."""
    full: list[Named] = []
    replaced: list[str] = []
    bundle = _fill_bundles(edge, entries, full)
    if full and edge.bundle:
        replaced.append(partials(full[0][0]))
    layers: list[bytes] = []
    added = b"".join(leaf_hashes(entries))
    level = 0
    while added or level < len(edge.layers):
        before = edge.layers[level] if level < len(edge.layers) else b""
        index = edge.size >> 8 * (level + 1)
        hashes = before + added
        after = len(hashes) - len(hashes) % FULL
        tiles = [hashes[i : i + FULL] for i in range(0, after, FULL)]
        full += [(tile_path(level, index + i), tile) for i, tile in enumerate(tiles)]
        if tiles and before:
            replaced.append(partials(tile_path(level, index)))
        layers.append(hashes[after:])
        added = b"".join([tile_root(tile) for tile in tiles])
        level += 1
    return Growth(Edge(edge.size + len(entries), bundle, tuple(layers)), tuple(full), tuple(replaced))


def _fill_bundles(edge: Edge, entries: Sequence[bytes], full: list[Named]) -> bytes:
    """Put the bundles that are filled into ``full``; return what stands in the partial one after."""
    index, width = divmod(edge.size, WIDTH)
    bundle = edge.bundle
    start = 0
    while start < len(entries):
        stop = start + WIDTH - width
        bundle += full_bundle(entries[start:stop])
        if stop > len(entries):
            break
        full.append((bundle_path(index), bundle))
        index, width, bundle, start = index + 1, 0, b"", stop
    return bundle


def _peaks(hashes: bytes) -> list[bytes]:
    """The perfect subtrees within a partial tile: one for each bit of its width, the largest first."""
    width = len(hashes) // HASH_BYTES
    layers = layers_of(hashes)
    peaks, start = [], 0
    for height in reversed(range(len(layers))):
        if width >> height & 1:
            at = (start >> height) * HASH_BYTES
            peaks.append(layers[height][at : at + HASH_BYTES])
            start += 1 << height
    return peaks
