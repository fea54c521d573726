"""A page of 256 keys that grow out of one seed, and from which single keys can be cut for ever.

The construction is the tree of Goldreich, Goldwasser and Micali (1986), punctured as by Green and Miers (2015). The bytes
are specified in ``docs/formats/keys.md``. Whoever can read a page in the clear has its keys that are left, and no others.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from troth.errors import VaultError

LEAVES = 256
"""Keys of a page."""
DEPTH = 8
KEY_BYTES = 32

_LABEL = b"troth:ggm:1\x00"
_CHILDREN = (_LABEL + b"\x00", _LABEL + b"\x01")
"""What is hashed before a node for its left and its right child."""
_NODE_BYTES = 2 + KEY_BYTES
_DAMAGED = "restore the newest copy of the key database; the page opened, so that the writer of its bytes had its key"


@dataclass(frozen=True, slots=True)
class Page:
    """What is left of a page: its remaining nodes by their position, from left to right.

    The root of the tree has position 1, the children of p have 2p and 2p + 1, and leaf n has 256 + n.
    """

    nodes: Mapping[int, bytes]

    @property
    def left(self) -> int:
        """How many keys are left."""
        return sum(LEAVES >> (position.bit_length() - 1) for position in self.nodes)


def new_page(seed: bytes) -> Page:
    """The whole page of a seed of 32 random bytes. Raises ``ValueError`` for another length."""
    if len(seed) != KEY_BYTES:
        raise ValueError(f"a seed has {KEY_BYTES} bytes, not {len(seed)}")
    return Page({1: seed})


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
    doomed = set()
    for leaf in leaves:
        position = LEAVES + _checked(leaf)
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
    return Page(left)


def page_bytes(page: Page) -> bytes:
    """The one way to write a page: the positions of its nodes, two bytes each, and then their values."""
    return struct.pack(f">{len(page.nodes)}H", *page.nodes) + b"".join(page.nodes.values())


def read_page(data: bytes) -> Page:
    """Read a page. Raises `VaultError` unless the bytes are those that `page_bytes` writes of one with keys left."""
    count, rest = divmod(len(data), _NODE_BYTES)
    if rest or not count:
        raise VaultError(f"a page cannot have {len(data)} bytes", remedy=_DAMAGED)
    positions = struct.unpack_from(f">{count}H", data)
    _check_order(positions)
    values = [data[at : at + KEY_BYTES] for at in range(2 * count, len(data), KEY_BYTES)]
    return Page(dict(zip(positions, values, strict=True)))


def _check_order(positions: tuple[int, ...]) -> None:
    """From left to right, none below another, and no two halves where their whole would have been left."""
    free, before = 0, -1
    for position in positions:
        if not 1 <= position < 2 * LEAVES:
            raise VaultError(f"a page has no position {position}", remedy=_DAMAGED)
        height = DEPTH - (position.bit_length() - 1)
        first = (position << height) - LEAVES
        if first < free or (position & 1 and before == position - 1):
            raise VaultError(f"the node at position {position} of a page is out of place", remedy=_DAMAGED)
        free, before = first + (1 << height), position


def _checked(leaf: int) -> int:
    if not 0 <= leaf < LEAVES:
        raise ValueError(f"a page has leaves 0 to {LEAVES - 1}, not {leaf}")
    return leaf
