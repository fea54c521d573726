"""Who attacks a keyring: with every file that there is, and the live root, what keys can be had?"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence

from troth.errors import VaultError
from troth.vault.keys.ggm import Page, leaf_keys, new_page, read_page
from troth.vault.keys.nodes import ENTRY_BYTES, TOP_ADDRESS, WHOLE, Address, open_node, open_top_key


def derivable(files: Sequence[bytes], roots: Sequence[tuple[str, int, bytes]]) -> dict[int, set[bytes]]:
    """Every key of every slot that follows from some roots and all that ever stood in some files.

    Nothing is asked of the database: each page of SQLite in each file is looked through, live, freed or of a log, and
    every blob is tried with every key that is known in every place where that key could belong.
    """
    keys: dict[int, set[bytes]] = {}
    for number, page in pages_within_reach(files, roots):
        for leaf, key in enumerate(leaf_keys(page)):
            if key is not None:
                keys.setdefault(number * 256 + leaf, set()).add(key)
    return keys


def pages_within_reach(
    files: Sequence[bytes], roots: Sequence[tuple[str, int, bytes]]
) -> list[tuple[int, Page]]:
    blobs = {blob for file in files for blob in _blobs(file)}
    known = {(TOP_ADDRESS, key) for key in _top_keys(blobs, roots)}
    waiting, found = list(known), []
    while waiting:
        address, key = waiting.pop()
        for plaintext in _opened(blobs, lambda blob, a=address, k=key: open_node(k, a, blob)):
            if address.level == 0:
                found.append((address.number, read_page(plaintext)))
                continue
            entries = plaintext[16:] if address == TOP_ADDRESS else plaintext
            for child in range(len(entries) // ENTRY_BYTES):
                kind, below = (
                    entries[child * ENTRY_BYTES],
                    entries[child * ENTRY_BYTES + 1 : (child + 1) * ENTRY_BYTES],
                )
                place = Address(address.level - 1, address.number * 256 + child)
                if kind == WHOLE:
                    found.append((place.number, new_page(below)))
                elif (place, below) not in known:
                    known.add((place, below))
                    waiting.append((place, below))
    return found


def _top_keys(blobs: Iterable[bytes], roots: Sequence[tuple[str, int, bytes]]) -> set[bytes]:
    return {
        key
        for name, version, root in roots
        for key in _opened(blobs, lambda blob, n=name, v=version, r=root: open_top_key(r, blob, v, n))
    }


def _opened(blobs: Iterable[bytes], opening: Callable[[bytes], bytes]) -> list[bytes]:
    found = []
    for blob in blobs:
        try:
            found.append(opening(blob))
        except VaultError:
            continue
    return found


def _blobs(file: bytes) -> Iterator[bytes]:
    """The blobs in all pages of a SQLite file or write-ahead log, whether they are still in use or not."""
    if file[:4] in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"):
        pages = [file[at + 24 : at + 24 + 4096] for at in range(32, len(file), 24 + 4096)]
    else:
        pages = [file[at : at + 4096] for at in range(0, len(file), 4096)]
    for number, page in enumerate(pages):
        start = 100 if page.startswith(b"SQLite format 3") and number == 0 else 0
        yield from _cells(page, start)
        if page.startswith(b"SQLite format 3"):
            yield from _cells(page, 100)


def _cells(page: bytes, start: int) -> Iterator[bytes]:
    if len(page) < 4096 or page[start] not in (0x0D, 0x0A):
        return
    (count,) = struct.unpack_from(">H", page, start + 3)
    for at in range(count):
        (cell,) = struct.unpack_from(">H", page, start + 8 + 2 * at)
        size, cell = _varint(page, cell)
        if page[start] == 0x0D:
            _, cell = _varint(page, cell)
        yield from _record(page[cell : cell + size])


def _record(record: bytes) -> Iterator[bytes]:
    if not record:
        return
    header, at = _varint(record, 0)
    body = header
    while at < header:
        kind, at = _varint(record, at)
        size = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
        if kind >= 12 and kind % 2 == 0:
            yield record[body : body + size]
        body += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for more in range(9):
        if at + more >= len(data):
            return value, len(data)
        byte = data[at + more]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + more + 1
    return value, at + 9
