"""One tile or entry bundle out of the storage. Its form is checked here, its hashes by `reader`.

A partial file may be gone once the full one stands, so the full one serves where the partial one is missing
(C2SP tlog-tiles, "Partial Tiles").
"""

from __future__ import annotations

from troth.errors import LedgerError, Place
from troth.ledger.storage import Storage
from troth.ledger.tiles import WIDTH, bundle_path, damaged, read_bundle, tile_path
from troth.proof.merkle import HASH_BYTES


def read_tile_file(storage: Storage, level: int, index: int, width: int) -> tuple[bytes, Place]:
    """The first ``width`` concatenated hashes of a tile, and where they lie. Raises `LedgerError`."""
    data, held, place = _read(storage, tile_path(level, index, width), tile_path(level, index), width)
    if len(data) != held * HASH_BYTES:
        raise damaged(place, f"the tile has {len(data)} bytes instead of {held * HASH_BYTES}")
    return data[: width * HASH_BYTES], place


def read_bundle_file(storage: Storage, index: int, width: int) -> tuple[list[bytes], Place]:
    """The first ``width`` entries of a bundle, and where they lie. Raises `LedgerError`."""
    data, held, place = _read(storage, bundle_path(index, width), bundle_path(index), width)
    return read_bundle(data, held, place)[:width], place


def _read(storage: Storage, path: str, full: str, width: int) -> tuple[bytes, int, Place]:
    """The bytes, how many hashes or entries they hold, and where they lie."""
    data = storage.read(path)
    if data is not None:
        return data, width, storage.place(path)
    data = storage.read(full) if full != path else None
    if data is None:
        raise missing(storage.place(path))
    return data, WIDTH, storage.place(full)


def missing(place: Place) -> LedgerError:
    """The error of a file of the ledger that is not there."""
    return LedgerError("the file is missing", place=place, remedy="put it back from a copy of the ledger")
