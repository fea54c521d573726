"""A page of 256 keys that grow out of one seed, and from which single keys can be cut for ever.

The construction is the tree of Goldreich, Goldwasser and Micali (1986), punctured as by Green and Miers (2015). The bytes
are specified in ``docs/formats/keys.md``. Whoever can read a page in the clear has its keys that are left, and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from troth.errors import VaultError

LEAVES = 256
"""Keys of a page."""
DEPTH = 8
KEY_BYTES = 32

_LABEL = b"troth:ggm:1\x00"
_CHILDREN = (_LABEL + b"\x00", _LABEL + b"\x01")
"""What is hashed before a node for its left and its right child."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is left of a page: the leaves that were cut out, ascending, and the remaining nodes from left to right.

    The root of the tree has position 1, the children of p have 2p and 2p + 1, and leaf n has 256 + n.
    """

    cut: bytes
    nodes: Mapping[int, bytes]


def new_page(seed: bytes) -> Page:
    """The whole page of a seed of 32 random bytes. Raises ``ValueError`` for another length."""
    if len(seed) != KEY_BYTES:
        raise ValueError(f"a seed has {KEY_BYTES} bytes, not {len(seed)}")
    return Page(b"", {1: seed})


def leaf_key(page: Page, leaf: int) -> bytes | None:
    """The key of a leaf, 0 to 255; None where it was cut out.

    >>> leaf_key(puncture(new_page(bytes(32)), [7]), 7) is None
    True
    """
    end = LEAVES + _checked(leaf)
    for above in range(DEPTH + 1):
        value = page.nodes.get(end >> above)
        if value is not None:
            for step in range(above - 1, -1, -1):
                value = sha256(_CHILDREN[end >> step & 1] + value).digest()
            return value
    return None


def leaf_keys(page: Page) -> list[bytes | None]:
    """The keys of all 256 leaves in order; None for those that were cut out."""
    keys: list[bytes | None] = [None] * LEAVES
    for position, value in page.nodes.items():
        height = DEPTH - (position.bit_length() - 1)
        below = [value]
        for _ in range(height):
            below = [sha256(label + node).digest() for node in below for label in _CHILDREN]
        first = (position << height) - LEAVES
        keys[first : first + len(below)] = below
    return keys


def puncture(page: Page, leaves: Collection[int]) -> Page:
    """The page without the keys of some leaves: nothing in it derives them. The other keys stay the same."""
    new = {_checked(leaf) for leaf in leaves}.difference(page.cut)
    if not new:
        return page
    doomed = set()
    for leaf in new:
        position = LEAVES + leaf
        while position and position not in doomed:
            doomed.add(position)
            position >>= 1
    left: dict[int, bytes] = {}
    waiting = list(page.nodes.items())[::-1]
    while waiting:
        position, value = waiting.pop()
        if position not in doomed:
            left[position] = value
        elif position < LEAVES:
            waiting.append((2 * position + 1, sha256(_CHILDREN[1] + value).digest()))
            waiting.append((2 * position, sha256(_CHILDREN[0] + value).digest()))
    return Page(bytes(sorted(new.union(page.cut))), left)


def page_bytes(page: Page) -> bytes:
    """The one way to write a page that has keys left: how many leaves are cut, which, and the remaining nodes."""
    return b"".join((bytes((len(page.cut),)), page.cut, *page.nodes.values()))


def read_page(data: bytes) -> Page:
    """Read a page. Raises `VaultError` unless the bytes are those that `page_bytes` writes of one with keys left."""
    count = data[0] if data else 0
    cut = data[1 : 1 + count]
    positions: list[int] = []
    free = 0
    for leaf in cut:
        if leaf < free:
            raise VaultError("a page does not name the leaves that are cut in their order", remedy=_DAMAGED)
        positions += _between(free, leaf)
        free = leaf + 1
    positions += _between(free, LEAVES)
    start = 1 + count
    if len(data) != start + KEY_BYTES * len(positions):
        raise VaultError(f"a page with {count} leaves cut cannot have {len(data)} bytes", remedy=_DAMAGED)
    values = [data[at : at + KEY_BYTES] for at in range(start, len(data), KEY_BYTES)]
    return Page(cut, dict(zip(positions, values, strict=True)))


@cache
def _between(start: int, end: int) -> tuple[int, ...]:
    """The positions of the fewest nodes that have the leaves from ``start`` to before ``end``, and no others."""
    positions = []
    while start < end:
        height = (end - start).bit_length() - 1
        while start % (1 << height):
            height -= 1
        positions.append((LEAVES + start) >> height)
        start += 1 << height
    return tuple(positions)


def _checked(leaf: int) -> int:
    if not 0 <= leaf < LEAVES:
        raise ValueError(f"a page has leaves 0 to {LEAVES - 1}, not {leaf}")
    return leaf


_DAMAGED = "restore the newest copy of the key database; the page opened, so that the writer of its bytes had its key"
