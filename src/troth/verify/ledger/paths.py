"""The names of a ledger's files, read strictly and written again (C2SP tlog-tiles; ``docs/formats/ledger.md``)."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHECKPOINT = "checkpoint"
LOG_VKEY = "log.vkey"
CHECKPOINTS = "checkpoints/"
TILES = "tile/"

FULL = 256
"""How many hashes a full tile has, and how many entries a full bundle."""
HIGHEST_LEVEL = 63
ENTRIES = -1
"""Stands for the level of an entry bundle, which lies below the tiles of level 0."""

_INDEX = r"((?:x[0-9]{3}/)*[0-9]{3})"
_TILE = re.compile(rf"tile/(entries|[0-9]{{1,2}})/{_INDEX}(?:\.p/([1-9][0-9]{{0,2}}))?")
_CHECKPOINT = re.compile(rf"checkpoints/{_INDEX}")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile or an entry bundle (level `ENTRIES`): its index in its level, and how many hashes or entries it has."""

    level: int
    index: int
    width: int = FULL

    def path(self) -> str:
        """Where it lies.

        >>> Tile(1, 1234067).path(), Tile(ENTRIES, 2, 17).path()
        ('tile/1/x001/x234/067', 'tile/entries/002.p/17')
        """
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == FULL else f".p/{self.width}"
        return f"{TILES}{level}/{_spread(self.index)}{partial}"


def checkpoint_path(size: int) -> str:
    """Where the checkpoint of a size is published.

    >>> checkpoint_path(1234067), checkpoint_path(5)
    ('checkpoints/x001/x234/067', 'checkpoints/005')
    """
    return f"{CHECKPOINTS}{_spread(size)}"


def read_tile_path(path: str) -> Tile | None:
    """The tile or bundle that a path names; None where it is not the one name of one."""
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    level, index, width = found.groups()
    tile = Tile(ENTRIES if level == "entries" else int(level), _index(index), int(width or FULL))
    return tile if tile.level <= HIGHEST_LEVEL and tile.path() == path else None


def read_checkpoint_path(path: str) -> int | None:
    """The size that the path of a published checkpoint names; None where it is not the one name of one."""
    found = _CHECKPOINT.fullmatch(path)
    if found is None:
        return None
    size = _index(found.group(1))
    return size if checkpoint_path(size) == path else None


def width_in(size: int, level: int, index: int) -> int:
    """How many hashes a tile has in a tree of a size: 0 where there is none, 256 where it is full."""
    below = size >> 8 * max(level, 0)
    return min(max(below - FULL * index, 0), FULL)


def _index(text: str) -> int:
    return int(text.replace("x", "").replace("/", ""))


def _spread(number: int) -> str:
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))
