"""What files a ledger has, told by a list of them: which are extra, older or of a larger tree."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from troth.verify.ledger.paths import (
    CHECKPOINTS,
    ENTRIES,
    TILES,
    Tile,
    read_checkpoint_path,
    read_tile_path,
    width_in,
)
from troth.verify.ledger.source import Source
from troth.verify.report import NAMED, Notes, file_name, plural

NO_LIST = "what else lies there: this place tells no list of its files"
_EXTRA = "a ledger holds nothing else: ask its operator who put it there"
_BEYOND = "if its writer was at work or interrupted, let it end and audit again; if it stays, ask the log's operator"


@dataclass(slots=True)
class Few:
    """Names, of which the first are kept and the others counted."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """One more."""
        self.count += 1
        if len(self.names) < NAMED:
            self.names.append(name)


@dataclass(slots=True)
class Listing:
    """What a list of the files told. Its memory grows by a few bytes for each older partial tile and checkpoint."""

    listed: bool = False
    published: array[int] = field(default_factory=lambda: array("Q"))
    """The sizes under which checkpoints are published, in no order."""
    beyond_bundles: Few = field(default_factory=Few)
    beyond_tiles: Few = field(default_factory=Few)
    _older: dict[tuple[int, int], int] = field(default_factory=dict)

    def older(self, level: int, index: int) -> Iterator[Tile]:
        """The partial tiles of an index that a larger one has replaced, and that are still there."""
        widths = self._older.get((level, index), 0)
        while widths:
            lowest = widths & -widths
            yield Tile(level, index, lowest.bit_length() - 1)
            widths ^= lowest

    def place(self, tile: Tile, path: str, size: int) -> None:
        """Find the place of a tile in the tree of the size."""
        there = width_in(size, tile.level, tile.index)
        if tile.width > there:
            (self.beyond_bundles if tile.level == ENTRIES else self.beyond_tiles).add(path)
        elif tile.width < there:
            key = (tile.level, tile.index)
            self._older[key] = self._older.get(key, 0) | 1 << tile.width


def list_files(source: Source, size: int, tiles: Notes, checkpoints: Notes) -> Listing:
    """List the tiles and checkpoints of a ledger whose newest tree has the size. What is neither is a finding."""
    listing = Listing()
    found = source.names(TILES)
    if found is None:
        tiles.not_checked(NO_LIST)
        checkpoints.not_checked("checkpoints of other sizes: this place tells no list of its files")
        return listing
    listing.listed = True
    for path in found:
        tile = read_tile_path(path)
        if tile is None:
            tiles.found(file_name(path), "an extra file, and not a tile", _EXTRA, kind="an extra file")
        else:
            listing.place(tile, path, size)
    for path in source.names(CHECKPOINTS) or ():
        number = read_checkpoint_path(path)
        if number is None or number >> 63:
            checkpoints.found(
                file_name(path), "an extra file, and not a checkpoint", _EXTRA, kind="an extra file"
            )
        else:
            listing.published.append(number)
    return listing


def tell_beyond(few: Few, what: str, grown: int | None, notes: Notes) -> None:
    """Write down the files of a larger tree: findings, unless the log grew to that size during the audit."""
    if not few.count:
        return
    if grown is not None:
        notes.not_checked(
            f"{plural(few.count, what)} of a larger tree: the log grew to {grown:,} entries meanwhile"
        )
        return
    for name in few.names:
        notes.found(file_name(name), "is of a larger tree than the newest checkpoint", _BEYOND)
    if few.count > len(few.names):
        more = f"{few.count - len(few.names):,} more like this: a {what} of a larger tree"
        notes.found(file_name(few.names[-1]), more, _BEYOND)
