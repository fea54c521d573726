"""Entries and proofs out of the tiles of a ledger, a few files for each, every one checked against the root.

A tile is held against the hash of it in the tile above, and the right edge against the root that the caller trusts:
whoever changed a file, or took one away, makes the reader stop and name it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from troth.ledger.damage import blame
from troth.ledger.edge import Edge
from troth.ledger.storage import Storage
from troth.ledger.tile_files import read_bundle_file, read_tile_file
from troth.ledger.tiles import WIDTH, damaged, full_bundle, layers_of
from troth.proof.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hashes, node_hash

_REMEMBERED = 256
"""Tiles in memory, of 16 KiB with the hashes within them."""


class TileReader:
    """The tree of one checkpoint. Its memory does not grow with the tree."""

    def __init__(self, storage: Storage, size: int, root: bytes) -> None:
        """The tree of a size and root, out of a checkpoint whose signature was checked. Nothing is read yet."""
        self._storage = storage
        self._size = size
        self._root = root
        self._tiles: OrderedDict[tuple[int, int], tuple[bytes, ...]] = OrderedDict()
        self._edge: tuple[bytes, ...] | None = None

    @property
    def size(self) -> int:
        """Entries of the tree."""
        return self._size

    def check_edge(self) -> None:
        """Raise `LedgerError`, naming a file, unless the tiles on the right edge are there and hash to the root."""
        self._edge_layers()

    def edge(self) -> Edge:
        """The right edge, checked with its entries: what a writer goes on from. Raises `LedgerError`."""
        layers = self._edge_layers()
        index, width = divmod(self._size, WIDTH)
        entries = self._bundle(index) if width else []
        return Edge(self._size, full_bundle(entries), layers)

    def root_at(self, size: int) -> bytes:
        """The root of the first ``size`` entries. Raises `LedgerError`; ``ValueError`` beyond the tree."""
        if not 0 <= size <= self._size:
            raise ValueError(f"there is no tree of size {size} in one of {self._size}")
        return self._hash(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """The siblings of a leaf up to the root of the first ``size`` entries (RFC 6962, section 2.1.1).

        Raises `LedgerError`; ``ValueError`` for an index or size beyond the tree.
        """
        if not 0 <= index < size <= self._size:
            raise ValueError(f"there is no entry {index} in a tree of size {size} within one of {self._size}")
        proof: list[bytes] = []
        start, stop = 0, size
        while stop - start > 1:
            middle = start + _half(stop - start)
            if index < middle:
                proof.append(self._hash(middle, stop))
                stop = middle
            else:
                proof.append(self._hash(start, middle))
                start = middle
        return tuple(reversed(proof))

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """That the first ``new`` entries begin with the first ``old`` (RFC 6962, section 2.1.2); empty for old 0.

        Raises `LedgerError`; ``ValueError`` for sizes beyond the tree, or an old one that is larger.
        """
        if not 0 <= old <= new <= self._size:
            raise ValueError(
                f"there is no tree of size {old} in one of size {new} within one of {self._size}"
            )
        if old in (0, new):
            return ()
        proof: list[bytes] = []
        start, stop = 0, new
        while stop != old:
            middle = start + _half(stop - start)
            if old <= middle:
                proof.append(self._hash(middle, stop))
                stop = middle
            else:
                proof.append(self._hash(start, middle))
                start = middle
        # A tree that is whole on the left needs no hash of itself: the checker has its root.
        if start:
            proof.append(self._hash(start, stop))
        return tuple(reversed(proof))

    def entry(self, index: int) -> bytes:
        """One entry, checked against its leaf hash. Raises `LedgerError`; ``ValueError`` beyond the tree."""
        if not 0 <= index < self._size:
            raise ValueError(f"there is no entry {index} in a tree of size {self._size}")
        return self._bundle(index // WIDTH)[index % WIDTH]

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """The entries from ``start`` to before ``stop``, bundle by bundle, each checked. Raises `LedgerError`."""
        if not 0 <= start <= stop <= self._size:
            raise ValueError(f"there are no entries {start} to {stop} in a tree of size {self._size}")
        while start < stop:
            index, first = divmod(start, WIDTH)
            entries = self._bundle(index)[first : first + stop - start]
            yield from entries
            start += len(entries)

    def _hash(self, start: int, stop: int) -> bytes:
        """The root over a range of entries that begins where a subtree of at least its length does."""
        hashed = b""
        while length := stop - start:
            # From the right: the perfect subtree that ends the range, and then what is before it.
            height = (length & -length).bit_length() - 1
            left = self._node(height, (stop >> height) - 1)
            hashed = node_hash(left, hashed) if hashed else left
            stop -= 1 << height
        return hashed

    def _node(self, height: int, index: int) -> bytes:
        """The hash of a perfect subtree: the index-th over 2**height entries."""
        level, inner = divmod(height, 8)
        tile, at = divmod(index << inner, WIDTH)
        at = (at >> inner) * HASH_BYTES
        return self._tile(level, tile)[inner][at : at + HASH_BYTES]

    def _tile(self, level: int, index: int) -> tuple[bytes, ...]:
        known = self._tiles.get((level, index))
        if known is not None:
            self._tiles.move_to_end((level, index))
            return known
        if self._size >> 8 * (level + 1) == index:
            layers = layers_of(self._edge_layers()[level])
        else:
            layers = self._full_tile(level, index)
        self._tiles[level, index] = layers
        if len(self._tiles) > _REMEMBERED:
            self._tiles.popitem(last=False)
        return layers

    def _full_tile(self, level: int, index: int) -> tuple[bytes, ...]:
        above = self._node(8 * (level + 1), index)
        hashes, place = read_tile_file(self._storage, level, index, WIDTH)
        layers = layers_of(hashes)
        if layers[8] != above:
            raise damaged(place, "the tile does not hash to what stands in the tile above it")
        return layers

    def _edge_layers(self) -> tuple[bytes, ...]:
        if self._edge is None:
            layers = []
            for level in range((self._size.bit_length() + 7) // 8):
                index, width = divmod(self._size >> 8 * level, WIDTH)
                layers.append(read_tile_file(self._storage, level, index, width)[0] if width else b"")
            edge = Edge(self._size, b"", tuple(layers))
            if edge.root() != self._root:
                raise blame(self._storage, edge, self._root)
            self._edge = edge.layers
        return self._edge

    def _bundle(self, index: int) -> list[bytes]:
        width = min(WIDTH, self._size - index * WIDTH)
        entries, place = read_bundle_file(self._storage, index, width)
        if b"".join(leaf_hashes(entries)) != self._tile(0, index)[0][: width * HASH_BYTES]:
            raise damaged(place, "an entry of the bundle does not hash to what stands in its tile")
        return entries


def _half(length: int) -> int:
    """The largest power of 2 below a length of at least 2 (RFC 6962, section 2.1)."""
    return 1 << (length - 1).bit_length() - 1
