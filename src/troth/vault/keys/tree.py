"""The key tree in the clear, for as long as a process needs it: it finds pages, adds new ones, and cuts keys out.

It holds keys in memory only. What it writes is sealed; the caller gives the transaction, and makes the root.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from troth.errors import VaultError
from troth.vault.keys.ggm import KEY_BYTES, LEAVES, Page, new_page, page_bytes, puncture, read_page
from troth.vault.keys.key_file import KeyFile
from troth.vault.keys.nodes import (
    FAN_OUT,
    GONE,
    MOST_SLOTS,
    NO_KEY,
    NONCE_BYTES,
    SEALED,
    TOP_ADDRESS,
    WHOLE,
    Address,
    Top,
    children,
    children_of,
    entries_of,
    entry,
    open_node,
    read_top,
    seal,
    set_entry,
    top_bytes,
)

NODES_HELD = 1024
"""Nodes of level 1 that are kept open: some 9 MB."""

MANY_BELOW = 16
"""From so many wanted pages of one node on, they are read in one question."""

Slots = npt.NDArray[np.int64]
"""Numbers of slots, ascending, none twice."""


class Tree:
    """The nodes that are open. After another process has changed the file, and after a failure, it is loaded again."""

    def __init__(self, file: KeyFile, random: Callable[[int], bytes]) -> None:
        self._file = file
        self._random = random
        self.top = Top(0, 0, bytearray())
        self._second: dict[int, bytearray] = {}
        self._first: OrderedDict[int, bytearray] = OrderedDict()

    def load(self, top_key: bytes) -> None:
        """Forget every node, and open the top. Raises `VaultError` naming it."""
        self._second.clear()
        self._first.clear()
        self.top = read_top(open_node(top_key, TOP_ADDRESS, self._file.node(TOP_ADDRESS)))

    def write_top(self, top_key: bytes) -> None:
        """Seal the top under a key."""
        self._put(TOP_ADDRESS, top_key, top_bytes(self.top))

    def pages(self, numbers: Sequence[int]) -> Iterator[tuple[int, Page | None]]:
        """Pages, by ascending numbers; None where every key is destroyed. Raises `VaultError` naming what does not open."""
        for number, below in groupby(numbers, lambda page: page // FAN_OUT):
            yield from self._pages(self._node_1(number), list(below))

    def _pages(self, above: bytearray, numbers: list[int]) -> Iterator[tuple[int, Page | None]]:
        """Pages below one node of level 1: all that it has are read at once where many are wanted."""
        many = len(numbers) >= MANY_BELOW
        rows = self._file.nodes(Address(0, numbers[0]), Address(0, numbers[-1])) if many else {}
        for number in numbers:
            kind, key = entry(above, number % FAN_OUT)
            if kind == WHOLE:
                yield number, new_page(key)
            elif kind == GONE:
                yield number, None
            else:
                address = Address(0, number)
                sealed = rows.get(address.row) if many else self._file.node(address)
                yield number, read_page(open_node(key, address, sealed))

    def _node_1(self, number: int) -> bytearray:
        held = self._first.get(number)
        if held is not None:
            self._first.move_to_end(number)
            return held
        return self._hold(number, self._open(Address(1, number), self._node_2(number // FAN_OUT)))

    def _hold(self, number: int, entries: bytearray) -> bytearray:
        """Keep a node of level 1 open. Who changes one writes it before the next is opened."""
        self._first[number] = entries
        if len(self._first) > NODES_HELD:
            self._first.popitem(last=False)
        return entries

    def _node_2(self, number: int) -> bytearray:
        if number not in self._second:  # there are at most 256: all may be held
            self._second[number] = self._open(Address(2, number), self.top.entries)
        return self._second[number]

    def _open(self, address: Address, above: bytearray) -> bytearray:
        _, key = entry(above, address.number % FAN_OUT)
        plaintext = open_node(key, address, self._file.node(address))
        return entries_of(address, plaintext, children_of(self.top.slots, address))

    def _put(self, address: Address, key: bytes, plaintext: bytes | bytearray) -> None:
        self._file.put_nodes([(address, self._sealed(key, address, plaintext))])

    def _sealed(self, key: bytes, address: Address, plaintext: bytes | bytearray) -> bytes:
        return seal(key, self._random(NONCE_BYTES), bytes(plaintext), address.associated_data)

    # --- new slots ---------------------------------------------------------------------------------

    def grow(self, count: int) -> range:
        """Give out new slots. The top is changed in memory only. Raises `VaultError` where there are no more."""
        first, end = self.top.slots, self.top.slots + count
        if end > MOST_SLOTS:
            raise VaultError(f"a keyring has {MOST_SLOTS:,} slots", remedy="go on in another workspace")
        pages = range(children(first, 1), children(end, 1))
        known = children(first, 2)
        for number in range(pages.start // FAN_OUT, children(end, 2)) if pages else ():
            if number >= known:
                self._begin_1(number)
            self._add_pages(number, pages)
        for number in range(known // FAN_OUT, children(end, 3)) if children(end, 2) > known else ():
            _, key = entry(self.top.entries, number)
            self._put(Address(2, number), key, self._second[number])
        self.top.slots = end
        return range(first, end)

    def _begin_1(self, number: int) -> None:
        """Begin a node of level 1, under a fresh key; and the node above, where it is its first."""
        above, child = divmod(number, FAN_OUT)
        if child == 0:
            self._second[above] = bytearray()
            set_entry(self.top.entries, above, SEALED, self._random(KEY_BYTES))
        set_entry(self._node_2(above), child, SEALED, self._random(KEY_BYTES))
        self._hold(number, bytearray())

    def _add_pages(self, number: int, pages: range) -> None:
        """Add those of some new pages that belong below a node of level 1, and write it under its key."""
        entries = self._node_1(number)
        new = range(max(pages.start, number * FAN_OUT), min(pages.stop, (number + 1) * FAN_OUT))
        seeds = self._random(KEY_BYTES * len(new))
        for at, page in enumerate(new):
            set_entry(entries, page % FAN_OUT, WHOLE, seeds[at * KEY_BYTES : (at + 1) * KEY_BYTES])
        _, key = entry(self._node_2(number // FAN_OUT), number % FAN_OUT)
        self._put(Address(1, number), key, entries)

    # --- destruction -------------------------------------------------------------------------------

    def cut(self, slots: Slots) -> int:
        """Cut the keys of slots out, and give every node above fresh keys; return how many were there.

        Where none was, nothing is written. The top is changed in memory only, and must get a fresh key.
        """
        cut = 0
        changed: set[int] = set()
        for number, below in _groups(slots, LEAVES * FAN_OUT):
            entries = self._node_1(number)
            here = self._cut_below(entries, dict(_groups(below, LEAVES)))
            if here:
                cut += here
                above, child = divmod(number, FAN_OUT)
                self._renew(Address(1, number), entries, self._node_2(above), child)
                changed.add(above)
        for number in sorted(changed):
            self._renew(Address(2, number), self._second[number], self.top.entries, number)
        self.top.destroyed += cut
        return cut

    def _renew(self, address: Address, entries: bytearray, above: bytearray, child: int) -> None:
        """Seal a node under a fresh key, which the node above is told."""
        key = self._random(KEY_BYTES)
        set_entry(above, child, SEALED, key)
        self._put(address, key, entries)

    def _cut_below(self, above: bytearray, slots: Mapping[int, Slots]) -> int:
        """Cut keys out of the pages below one node of level 1, whose entries are changed in memory only."""
        count = 0
        kept: list[tuple[Address, bytes]] = []
        gone: list[Address] = []
        for number, page in self._pages(above, list(slots)):
            if page is None:
                continue
            left = puncture(page, (slots[number] % LEAVES).tolist())
            if left is page:
                continue
            count += len(left.cut) - len(page.cut)
            address, child = Address(0, number), number % FAN_OUT
            if left.nodes:
                key = self._random(KEY_BYTES)
                set_entry(above, child, SEALED, key)
                kept.append((address, self._sealed(key, address, page_bytes(left))))
            else:
                set_entry(above, child, GONE, NO_KEY)
                gone.append(address)
        self._file.put_nodes(kept)
        self._file.drop_nodes(gone)
        return count


def _groups(slots: Slots, size: int) -> Iterator[tuple[int, Slots]]:
    """Ascending slots by the part of that size in which they lie."""
    parts = slots // size
    ends = [*(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(slots)] if len(slots) else []
    start = 0
    for end in ends:
        yield int(parts[start]), slots[start:end]
        start = end


def ascending(slots: Iterable[int]) -> Slots:
    """Slots in order, each once."""
    return np.unique(np.fromiter(slots, dtype=np.int64))
