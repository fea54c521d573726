"""Which file it was, when the right edge of a tree does not hash to its root.

Each tile on the edge is held against what lies below it: tiles against tiles, leaf hashes against entries. A file
whose correction alone leads to the root is the one.
"""

from __future__ import annotations

from troth.errors import LedgerError
from troth.ledger.edge import Edge
from troth.ledger.storage import Storage
from troth.ledger.tile_files import read_bundle_file, read_tile_file
from troth.ledger.tiles import WIDTH, damaged, tile_root
from troth.proof.merkle import leaf_hashes


def blame(storage: Storage, edge: Edge, root: bytes) -> LedgerError:
    """The error that names the file. Reads at most 256 files of each level; the caller knows something is wrong."""
    for level, hashes in enumerate(edge.layers):
        if not hashes:
            continue
        index, width = divmod(edge.size >> 8 * level, WIDTH)
        below = _from_below(storage, level, index, width)
        layers = (*edge.layers[:level], below, *edge.layers[level + 1 :])
        if below != hashes and Edge(edge.size, b"", layers).root() == root:
            place = read_tile_file(storage, level, index, width)[1]
            return damaged(place, "the tile does not hold the hashes of what lies below it")
    return LedgerError(
        f"the tiles of the {edge.size} entries do not hash to the root of the checkpoint of that size",
        place=storage.place("tile"),
        remedy="restore the whole ledger from a copy, and audit it: more than one file was changed",
    )


def _from_below(storage: Storage, level: int, index: int, width: int) -> bytes:
    """What the hashes of a tile should be, going by the files one level further down."""
    if level == 0:
        return b"".join(leaf_hashes(read_bundle_file(storage, index, width)[0]))
    first = index * WIDTH
    tiles = (read_tile_file(storage, level - 1, first + i, WIDTH)[0] for i in range(width))
    return b"".join(map(tile_root, tiles))
