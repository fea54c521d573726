"""Step 3, one file at a time: a tile is there, and holds the hashes of the entries."""

from __future__ import annotations

from collections.abc import Sequence

from troth.proof.merkle import HASH_BYTES
from troth.verify.ledger.listing import Listing
from troth.verify.ledger.paths import FULL, Tile
from troth.verify.ledger.source import Found, Source, look
from troth.verify.report import Notes, file_name

AGAIN = "get the file again from the log's address; if it stays, ask its operator"
LARGEST_TILE = FULL * HASH_BYTES


class TileCheck:
    """Holds tiles against hashes that were computed from the entries."""

    def __init__(self, source: Source, listing: Listing, notes: Notes) -> None:
        self.tiles = self.older = 0
        self._source, self._listing, self._notes = source, listing, notes

    def fetch(self, tile: Tile) -> Found:
        """Read a tile above the leaves."""
        return with_full(self._source, tile, look(self._source, tile.path(), LARGEST_TILE), LARGEST_TILE)

    def run(self, tile: Tile, hashes: Sequence[bytes], found: Found) -> None:
        """Hold a tile, and the smaller ones that it has replaced, against the hashes."""
        wanted = b"".join(hashes)
        data = self.content(tile, found)
        if data is not None:
            self.tiles += 1
            self._compare(found.path, data, wanted)
        for old in self._listing.older(tile.level, tile.index):
            self.older += 1
            found = look(self._source, old.path(), LARGEST_TILE)
            if found.problem:
                self._found(found.path, found.fault)
            elif found.data is not None:
                self._compare(found.path, found.data, wanted[: old.width * HASH_BYTES])

    def content(self, tile: Tile, found: Found) -> bytes | None:
        """The hashes in a tile, as many as the tree has; None where it cannot be read, which is a finding."""
        if found.data is None:
            self._found(found.path, found.fault)
            return None
        whole = FULL if found.path == Tile(tile.level, tile.index).path() else tile.width
        if len(found.data) != whole * HASH_BYTES:
            self._found(found.path, f"has {len(found.data):,} bytes, not {whole * HASH_BYTES:,}")
            return None
        return found.data[: tile.width * HASH_BYTES]

    def _compare(self, path: str, data: bytes, wanted: bytes) -> None:
        if data == wanted:
            return
        if len(data) != len(wanted):
            self._found(path, f"has {len(data):,} bytes, not {len(wanted):,}")
            return
        places = range(0, len(wanted), HASH_BYTES)
        first = next(at for at in places if data[at : at + HASH_BYTES] != wanted[at : at + HASH_BYTES])
        self._found(path, f"hash {first // HASH_BYTES} of it is not what the entries hash to")

    def _found(self, path: str, what: str) -> None:
        self._notes.found(file_name(path), what, AGAIN, kind="a tile that is missing or wrong")


def with_full(source: Source, tile: Tile, found: Found, limit: int) -> Found:
    """Where a partial tile is gone, the full one that has replaced it, if there is one (tlog-tiles, "Partial Tiles").

    A log that grows during the audit removes partial tiles.
    """
    if found.data is not None or found.problem or tile.width == FULL:
        return found
    full = look(source, Tile(tile.level, tile.index).path(), limit)
    return full if full.data is not None or full.problem else found
