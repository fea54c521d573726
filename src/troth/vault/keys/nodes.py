"""Nodes of the key tree: where they stand, what is in them, and how they are sealed (``docs/formats/keys.md``).

Whoever can write sealed nodes can take keys away. Another node in the place of one, an altered one, and one of before its
key was replaced do not open, and are named.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.errors import VaultError
from troth.vault.keys.ggm import KEY_BYTES

FAN_OUT = 256
TOP = 3
"""The level of the one node at the top; pages are at level 0."""
MOST_SLOTS = FAN_OUT ** (TOP + 1)

WHOLE, SEALED, GONE = 1, 2, 3
"""What is said of a child: the seed of a whole page; the key of a sealed page or node; a page with no keys left."""

ENTRY_BYTES = 1 + KEY_BYTES
NONCE_BYTES = 12
NO_KEY = bytes(KEY_BYTES)
"""Stands where a child has no key."""

_NODE = b"troth:node:1\x00"
_ROOT = b"troth:root:1\x00"
_RETIRED = b"troth:retired:1\x00"
_TOP_HEAD = struct.Struct(">QQ")
_LEVEL_BITS = 32
_RESTORE = "restore the newest copy of the key database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a node stands: its level, 0 for pages, and its number in it."""

    level: int
    number: int

    @property
    def row(self) -> int:
        """The number of the node's row in the key database."""
        return self.level << _LEVEL_BITS | self.number

    @property
    def associated_data(self) -> bytes:
        """What a node's bytes are bound to: the version of the format, level and number."""
        return _NODE + bytes((self.level,)) + self.number.to_bytes(8, "big")

    def __str__(self) -> str:
        return f"page {self.number}" if self.level == 0 else f"node {self.number} of level {self.level}"


TOP_ADDRESS = Address(TOP, 0)


@dataclass(slots=True)
class Top:
    """The node at the top, in the clear: slots given out, how many of them are destroyed, and the entries below."""

    slots: int
    destroyed: int
    entries: bytearray


def seal(key: bytes, nonce: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
    """``nonce`` and what AES-256-GCM makes of the plaintext. The nonce has 12 bytes, and is used once with the key."""
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated_data)


def open_node(key: bytes, address: Address, sealed: bytes | None) -> bytes:
    """What is in a node. Raises `VaultError` naming the node where it is missing or does not open."""
    if sealed is None:
        raise VaultError(f"{address} is missing from the key database", remedy=_RESTORE)
    plaintext = _opened(key, sealed, address.associated_data)
    if plaintext is None:
        raise VaultError(
            f"{address} of the key tree does not open: it is damaged, of another place, or older than what is above it",
            remedy=_RESTORE,
        )
    return plaintext


def entries_of(address: Address, plaintext: bytes, count: int) -> bytearray:
    """The entries of a node that must have so many. Raises `VaultError` naming the node."""
    allowed = {WHOLE, SEALED, GONE} if address.level == 1 else {SEALED}
    if len(plaintext) != count * ENTRY_BYTES or not set(plaintext[::ENTRY_BYTES]) <= allowed:
        raise VaultError(f"{address} of the key tree does not say what it should", remedy=_RESTORE)
    return bytearray(plaintext)


def entry(entries: bytearray, child: int) -> tuple[int, bytes]:
    """What is said of a child, and its key."""
    start = child * ENTRY_BYTES
    return entries[start], bytes(entries[start + 1 : start + ENTRY_BYTES])


def set_entry(entries: bytearray, child: int, kind: int, key: bytes) -> None:
    """Say something else of a child, or something of the next one."""
    entries[child * ENTRY_BYTES : (child + 1) * ENTRY_BYTES] = bytes((kind,)) + key


def top_bytes(top: Top) -> bytes:
    """The one way to write the top node."""
    return _TOP_HEAD.pack(top.slots, top.destroyed) + top.entries


def read_top(plaintext: bytes) -> Top:
    """Read the top node. Raises `VaultError`."""
    if len(plaintext) < _TOP_HEAD.size:
        raise VaultError(f"{TOP_ADDRESS} of the key tree does not say what it should", remedy=_RESTORE)
    slots, destroyed = _TOP_HEAD.unpack_from(plaintext)
    entries = entries_of(TOP_ADDRESS, plaintext[_TOP_HEAD.size :], children(slots, TOP))
    return Top(slots, destroyed, entries)


def children(slots: int, level: int) -> int:
    """How many nodes there are just below a level, for so many slots. For level 1: pages."""
    size = 1 << 8 * level
    return -(-slots // size)


def children_of(slots: int, address: Address) -> int:
    """How many entries a node has, for so many slots: 0 where there is no such node."""
    return max(0, min(FAN_OUT, children(slots, address.level) - address.number * FAN_OUT))


def seal_top_key(root: bytes, nonce: bytes, top_key: bytes, version: int, keeper: str) -> bytes:
    """The key of the top node, sealed under the root of a keeper."""
    return seal(root, nonce, top_key, _ROOT + version.to_bytes(8, "big") + keeper.encode())


def open_top_key(root: bytes, sealed: bytes, version: int, keeper: str) -> bytes:
    """The key of the top node. Raises `VaultError` where the root is another one than the database was sealed under."""
    top_key = _opened(root, sealed, _ROOT + version.to_bytes(8, "big") + keeper.encode())
    if top_key is None or len(top_key) != KEY_BYTES:
        raise VaultError(
            f"version {version} of the root that the keeper {keeper!r} holds does not open the key database",
            remedy="it is the root of another keyring, or the database is damaged: bring those together that belong so",
        )
    return top_key


def seal_retired(top_key: bytes, nonce: bytes, told: bytes, version: int, keeper: str) -> bytes:
    """The evidence of a root's destruction, sealed so that nobody can put another in its place."""
    return seal(top_key, nonce, told, _RETIRED + version.to_bytes(8, "big") + keeper.encode())


def open_retired(top_key: bytes, sealed: bytes, version: int, keeper: str) -> bytes:
    """The evidence of a root's destruction. Raises `VaultError`."""
    told = _opened(top_key, sealed, _RETIRED + version.to_bytes(8, "big") + keeper.encode())
    if told is None:
        raise VaultError(
            f"the evidence of the destruction of version {version} of the root is damaged", remedy=_RESTORE
        )
    return told


def _opened(key: bytes, sealed: object, associated_data: bytes) -> bytes | None:
    if not isinstance(sealed, bytes) or len(sealed) < NONCE_BYTES + 16:  # a damaged row may hold anything
        return None
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated_data)
    except InvalidTag:
        return None
