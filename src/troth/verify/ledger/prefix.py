"""Whether an older tree is the beginning of a newer one, by a consistency proof out of the ledger's tiles."""

from __future__ import annotations

from collections.abc import Callable

from troth.errors import Place, VerificationError
from troth.proof.checkpoint import Checkpoint
from troth.proof.merkle import HASH_BYTES, check_consistency, node_hash, root_of
from troth.verify.ledger.paths import FULL, Tile, width_in
from troth.verify.ledger.source import Source

_TILE_HEIGHT = 8
Node = Callable[[int, int], bytes]
"""The root of the perfect subtree of a height, by its number from the left."""


def check_prefix(source: Source, older: Checkpoint, newer: Checkpoint) -> None:
    """Raise `VerificationError` unless the older tree is the beginning of the newer one (RFC 6962, section 2.1.2).

    A few tiles are read; what they say holds only if it leads to both roots. Raises ``LedgerError`` where they
    cannot be read.
    """
    if older.size > newer.size:
        raise VerificationError(
            f"the ledger has {newer.size} entries, and the checkpoint speaks of {older.size}",
            remedy=_ROLLBACK,
        )
    proof: list[bytes] = []
    if 0 < older.size < newer.size:
        proof = _consistency(_nodes(source, newer.size), older.size, newer.size)
    check_consistency(older.size, newer.size, older.root, newer.root, proof)


def _nodes(source: Source, size: int) -> Node:
    tiles: dict[tuple[int, int], bytes] = {}

    def node(height: int, index: int) -> bytes:
        level, within = divmod(height, _TILE_HEIGHT)
        tile, place = divmod(index << within, FULL)
        if (level, tile) not in tiles:
            tiles[level, tile] = _read(source, Tile(level, tile, width_in(size, level, tile)))
        data = tiles[level, tile][HASH_BYTES * place : HASH_BYTES * (place + (1 << within))]
        return root_of([data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)])

    return node


def _read(source: Source, tile: Tile) -> bytes:
    """The tile, or as much of the full one as it has: a log may drop partial tiles once they are full."""
    wanted = tile.width * HASH_BYTES
    data = source.read(tile.path(), FULL * HASH_BYTES)
    if data is None and tile.width < FULL:
        data = source.read(Tile(tile.level, tile.index).path(), FULL * HASH_BYTES)
    if data is None or len(data) < wanted:
        raise VerificationError("the tile is missing, or short", place=Place(tile.path()), remedy=_INCOMPLETE)
    return data[:wanted]


def _consistency(node: Node, old: int, new: int) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2, over the tree of ``new`` leaves."""
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old - start < end - start:
        half = 1 << (end - start - 1).bit_length() - 1
        middle = start + half
        if old <= middle:
            proof.append(_range(node, middle, end))
            end = middle
        else:
            proof.append(_range(node, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(_range(node, start, end))
    return proof[::-1]


def _range(node: Node, start: int, end: int) -> bytes:
    """MTH of the leaves from start to before end; start is a multiple of the largest power of two below the length."""
    length = end - start
    height = length.bit_length() - 1
    if length == 1 << height:
        return node(height, start >> height)
    middle = start + (1 << height)
    return node_hash(node(height, start >> height), _range(node, middle, end))


_ROLLBACK = "this ledger was rolled back, or is not the one: ask its operator, and keep the checkpoint"
_INCOMPLETE = "audit the ledger with troth audit-log, and ask its operator for the file"
