"""The names and the bytes of tiles and entry bundles (C2SP tlog-tiles).

Who can write a tile or a bundle can make reading and proving fail; `reader` says at which file.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from troth.errors import LedgerError, Place
from troth.proof.entry import LARGEST_ENTRY
from troth.proof.merkle import HASH_BYTES

WIDTH = 256
"""Hashes in a full tile, and entries in a full bundle."""
FULL = WIDTH * HASH_BYTES
"""Bytes of a full tile."""


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile; ``width`` is below 256 for a partial one (C2SP tlog-tiles, "Merkle Tree").

    >>> tile_path(0, 1234067), tile_path(1, 0, 17)
    ('tile/0/x001/x234/067', 'tile/1/000.p/17')
    """
    return f"tile/{level}/{number_path(index)}{_partial(width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle (C2SP tlog-tiles, "Log entries").

    >>> bundle_path(273, 112)
    'tile/entries/273.p/112'
    """
    return f"tile/entries/{number_path(index)}{_partial(width)}"


def checkpoint_path(size: int) -> str:
    """The path of the checkpoint that was published at a size.

    >>> checkpoint_path(70000)
    'checkpoints/x070/000'
    """
    return f"checkpoints/{number_path(size)}"


def partials(path: str) -> str:
    """The folder of the partial forms of a full tile or bundle."""
    return f"{path}.p/"


def number_path(number: int) -> str:
    """A number in path elements of three digits, all but the last with an ``x`` before them."""
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def full_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each with its length in two bytes before it.

    Raises `LedgerError` for an entry that is longer than 65,535 bytes.
    """
    try:
        return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])
    except OverflowError:
        raise LedgerError(
            f"an entry is longer than {LARGEST_ENTRY} bytes",
            remedy="log a commitment to it, not the thing itself",
        ) from None


def read_bundle(data: bytes, count: int, place: Place) -> list[bytes]:
    """The entries of a bundle, which are ``count``.

    Raises `LedgerError` naming the place, where there are fewer or more, or where the bytes end within one.
    """
    entries, at, end = [], 0, len(data)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > end or at > end:
            raise damaged(place, "the bundle ends in the middle of an entry")
        entries.append(data[start:at])
    if len(entries) != count:
        raise damaged(place, f"the bundle holds {len(entries)} entries instead of {count}")
    return entries


def layers_of(hashes: bytes) -> tuple[bytes, ...]:
    """The hashes of the perfect subtrees within a tile: at ``[k]`` those over 2**k of its hashes, concatenated.

    ``[8]`` holds the root of a full tile, and is missing of others.
    """
    digest, layers = sha256, [hashes]
    while len(hashes) >= 2 * HASH_BYTES:
        # Two neighbours lie beside one another, so that one slice is what a node hashes.
        whole = len(hashes) - len(hashes) % (2 * HASH_BYTES)
        hashes = b"".join([digest(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, whole, 64)])
        layers.append(hashes)
    return tuple(layers)


def tile_root(hashes: bytes) -> bytes:
    """The hash of the perfect subtree over the concatenated hashes of a full tile."""
    return layers_of(hashes)[-1]


def damaged(place: Place, what: str) -> LedgerError:
    """The error of a file that is not what was written there."""
    return LedgerError(what, place=place, remedy="put the file back from a copy of the ledger")
