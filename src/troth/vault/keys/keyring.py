"""The keyring: slots with a key each, given out, looked up and destroyed for good (``docs/vault.md``, "Slots and keys").

Whoever has the key database but not its live root has no key. Whoever has both has every key that was not destroyed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from troth.errors import Place, VaultError
from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.ggm import LEAVES, Page, leaf_key, leaf_keys
from troth.vault.keys.keeper import Evidence, RootKeeper
from troth.vault.keys.key_file import KeyFile, State
from troth.vault.keys.layout import UNFINISHED
from troth.vault.keys.nodes import children
from troth.vault.keys.roots import FIRST, Roots
from troth.vault.keys.tree import Slots, Tree, ascending

INDEX_SLOT = 0
"""The slot whose key marks names; it is never destroyed."""
PAGES_AT_ONCE = 1_024
MANY_OF_A_PAGE = 40
"""From so many wanted keys on, all of a page are derived: they share their way."""


@dataclass(frozen=True, slots=True)
class Destruction:
    """What one call destroyed: so many keys now, so many already before; the root versions, and their evidence.

    ``evidence`` tells of the destruction of the root before the live one, at each keeper: no key that was destroyed by this
    call or before it can be reached since. Where all were destroyed already, ``old`` is ``new``.
    """

    count: int
    already: int
    old: int
    new: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """The state of a key database that was saved: slots given out, and how many of them are destroyed."""

    state: State
    slots: int
    destroyed: int


@dataclass(frozen=True, slots=True)
class KeyStats:
    """How large a keyring is: slots given out, keys destroyed, pages begun, bytes on the disk, and the live root."""

    slots: int
    destroyed: int
    pages: int
    bytes: int
    root_version: int


def create_keyring(folder: Path, keepers: Sequence[RootKeeper]) -> None:
    """Make a keyring in a folder, with slot 0 given out. An interrupted making is done again.

    Raises `VaultError` where there is one, or a keeper holds roots of another.
    """
    file = KeyFile(folder, make=True)
    try:
        with file.alone():
            _make_first(file, Roots(file, keepers, os.urandom))
    finally:
        file.close()


def _make_first(file: KeyFile, roots: Roots) -> None:
    if file.is_empty:
        roots.check_new(unfinished=False)
        file.lay_out()
    state = file.state()
    if state.root != UNFINISHED:
        raise VaultError(
            "there is a keyring here", place=Place(str(file.path)), remedy="open it, or choose another folder"
        )
    roots.check_new(unfinished=True)
    with file.writing():
        tree = Tree(file, os.urandom)
        tree.grow(1)
        tree.write_top(roots.make(FIRST))
        file.move_on(FIRST)


def open_keyring(folder: Path, keepers: Sequence[RootKeeper], copy: KeyCopy | None = None) -> Keyring:
    """Open a keyring, and finish or undo an interrupted rotation. Every change is written to ``copy``, where there is one.

    Where another process is in a rotation just now, that is left to it. Raises `VaultError` naming what does not open:
    a root of another keyring, an older key database than the root's or the copy's, a damaged file.
    """
    file = KeyFile(folder)
    try:
        return Keyring(file, Roots(file, keepers, os.urandom), copy)
    except BaseException:
        file.close()
        raise


def check_keyring(folder: Path, keepers: Sequence[RootKeeper]) -> None:
    """Raise `VaultError` unless the key database in a folder opens with the live root of every keeper. Changes nothing."""
    file = KeyFile(folder)
    try:
        Roots(file, keepers, os.urandom).check(file.state().root, Tree(file, os.urandom).load)
    finally:
        file.close()


class Keyring:
    """An open keyring. One thread uses it; other threads and processes open their own."""

    def __init__(self, file: KeyFile, roots: Roots, copy: KeyCopy | None = None) -> None:
        """See `open_keyring`."""
        self.file = file
        self._roots = roots
        self._copy = copy
        self._copied = -1
        self._tree = Tree(file, os.urandom)
        self._top_key = b""
        self._known: State | None = None
        found = (
            None if copy is None else copy.state()
        )  # before ours is read, so that it is not ahead by rights
        if copy is not None and found is not None:
            copy.check(found, file.state())
        with file.alone_at_once() as alone:
            if alone:
                self._mend()
        with self._current():
            pass

    def allot(self, count: int) -> range:
        """New slots, durable when this returns. Raises `VaultError`, and ``ValueError`` for a negative count.

        Inside `writing` they are part of that transaction.
        """
        if count < 0:
            raise ValueError(f"{count} slots cannot be given out")
        with self.writing():
            slots = self._tree.grow(count)
            if count:
                self._tree.write_top(self._top_key)
                self.changed()
        return slots

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One durable transaction of the key database, or nothing of it, in the one writer's place; then its copy.

        Raises `VaultError` where the copy cannot be written, too: the transaction is done then, and not acknowledged.
        """
        with self.file.alone():
            try:
                with self.file.writing(), self._current():
                    yield
            except BaseException:
                self._known = None  # what is open may hold what was not kept
                raise
            self.copied()

    def changed(self) -> None:
        """Say in the database that the transaction changes something: others look again, and the copy is written."""
        self._move_on(self._state.root)

    def copied(self) -> None:
        """See to it that the copy has the newest state, where there is a place for copies. Raises `VaultError`."""
        if self._copy is None or self.file.in_transaction:
            return
        if self._copied < self.file.state().changes:
            with self.file.alone():
                self._copied = self._copy.bring_up(self.file).changes

    def keys(self, slots: Sequence[int]) -> list[bytes | None]:
        """The keys of slots, in their order; None where it is destroyed, by whatever process.

        Raises `VaultError` for a slot that was never given out, and for a page that does not open.
        """
        wanted = np.fromiter(slots, dtype=np.int64, count=len(slots))
        found: list[bytes | None] = [None] * len(wanted)
        order = np.argsort(wanted, kind="stable")
        in_order = wanted[order]
        with self._current():
            self._check_given(in_order)
            leaves, places = (in_order % LEAVES).tolist(), order.tolist()
            runs = _runs(in_order // LEAVES)
            for (_, page), (start, end) in zip(self._tree.pages(list(runs)), runs.values(), strict=True):
                if page is not None:
                    keys = _keys_of(page, leaves[start:end])
                    for place, key in zip(places[start:end], keys, strict=True):
                        found[place] = key
        return found

    def destroy(self, slots: Collection[int]) -> Destruction:
        """Destroy the keys of slots for good, with one new root for all of them. To do it again changes nothing.

        When this returns, nothing that is left anywhere derives one of the keys, the live root included; what a keeper
        schedules for later says so in its evidence. Raises `VaultError`; then some or none may be destroyed, and the
        same call again finishes it.
        """
        wanted = ascending(slots)
        if INDEX_SLOT in wanted[:1]:
            raise VaultError("slot 0 marks names, and is never destroyed", remedy="leave it out")
        with self.file.alone():
            self._mend()
            self._roots.check_all_here()
            with self.writing():
                self._check_given(wanted)
                old = new = self._state.root
                count = self._tree.cut(wanted)
                if count:
                    new = old + 1
                    self._top_key = self._roots.make(new)
                    self._tree.write_top(self._top_key)
                    self._move_on(new)
            self._roots.retire(new, self._top_key)
            evidence = self._roots.evidence(new, self._top_key)
        return Destruction(count, len(wanted) - count, old, new, evidence)

    def hand_over(self, keepers: Sequence[RootKeeper]) -> int:
        """Put a new root above the tree that other keepers make and hold, and return its version.

        The old keepers still hold the one before: who calls it sees to it that the new ones are known from here on, and
        then that the old root is destroyed. This object cannot read what is written afterwards: close it. Raises
        `VaultError`; then the old root is live, and a new keeper may hold one that opens nothing.
        """
        with self.file.alone():
            self._mend()
            self._roots.check_all_here()
            with self.writing():
                new = self._state.root + 1
                self.file.change("DELETE FROM root")
                roots = Roots(self.file, keepers, os.urandom)
                self._top_key = roots.make(new)
                self._tree.write_top(self._top_key)
                roots.note_taken_over(new, self._top_key)
                self._move_on(new)
        return new

    def evidence(self) -> tuple[Evidence, ...]:
        """How the root before the live one was destroyed, by those of its keepers that hold the live one."""
        with self._current():
            return self._roots.evidence(self._state.root, self._top_key)

    def stats(self) -> KeyStats:
        """How large it is, as of now."""
        with self._current():
            top = self._tree.top
            pages = children(top.slots, 1)
            return KeyStats(top.slots, top.destroyed, pages, self.file.size, self._state.root)

    def destroyed(self) -> Iterator[list[int]]:
        """The slots whose keys are destroyed, ascending, in batches; each batch as of when it is taken."""
        first = 0
        while True:
            with self._current():
                given = self._tree.top.slots
                pages = range(first, min(first + PAGES_AT_ONCE, children(given, 1)))
                gone = [
                    slot for number, page in self._tree.pages(pages) for slot in _gone(number, page, given)
                ]
            if not pages:
                return
            if gone:
                yield gone
            first = pages.stop

    def save(self, target: Path) -> Saved:
        """Write the key database as it is now into a new file, while others go on; tell what state it has."""
        with self._current():
            self.file.save(target)
            return Saved(self._state, self._tree.top.slots, self._tree.top.destroyed)

    def close(self) -> None:
        """Close the key database. What was open in memory is let go of."""
        self._known = None
        self._tree = Tree(self.file, os.urandom)
        self._top_key = b""
        self.file.close()

    @property
    def _state(self) -> State:
        if self._known is None:
            raise VaultError("the keyring is closed", remedy="open it again")
        return self._known

    def _move_on(self, root: int) -> None:
        """Say in the database that it changed; this process knows the change already."""
        self._known = self.file.move_on(root)

    def _mend(self) -> None:
        state = self.file.state()
        if state.root == UNFINISHED:
            raise VaultError(
                "the making of this keyring was interrupted",
                place=Place(str(self.file.path)),
                remedy="make it again: nothing was sealed with it",
            )
        top_key = self._roots.mend(state.root, Tree(self.file, os.urandom).load)
        if self._roots.has_older(state.root):
            self.copied()  # before the root is destroyed that opens the copy of before
        self._roots.retire(state.root, top_key)

    @contextmanager
    def _current(self) -> Iterator[None]:
        """One state of the database, with the tree as it is in it.

        Another process may destroy the root between our look at its version and the keeper's answer. Then there is a
        newer state, and that one is taken.
        """
        failed: State | None = None
        while True:
            with self.file.reading():
                state = self.file.state()
                try:
                    self._load(state)
                except VaultError:
                    if state == failed:
                        raise
                    failed = state
                    continue
                yield
                return

    def _load(self, state: State) -> None:
        if state == self._known:
            return
        if self._known is None or state.root != self._known.root:
            self._top_key = self._roots.top_key(state.root)
        self._known = None
        self._tree.load(self._top_key)
        self._known = state

    def _check_given(self, slots: Slots) -> None:
        """Ascending slots are all given out."""
        given = self._tree.top.slots
        if len(slots) and not 0 <= slots[0] <= slots[-1] < given:
            wrong = slots[0] if slots[0] < 0 else slots[-1]
            raise VaultError(
                f"slot {wrong} was never given out: there are {given:,}",
                place=Place(str(self.file.path)),
                remedy="restore the newest copy of the key database, if an older one was put in its place",
            )


def _gone(number: int, page: Page | None, given: int) -> Sequence[int]:
    """The slots of a page that are destroyed, of those that were given out."""
    first = number * LEAVES
    if page is None:
        return range(first, min(first + LEAVES, given))
    return [first + leaf for leaf in page.cut]


def _runs(pages: Slots) -> dict[int, tuple[int, int]]:
    """Ascending numbers of pages, each once, and from where to where it stands."""
    if not len(pages):
        return {}
    starts = [0, *(np.flatnonzero(np.diff(pages)) + 1).tolist()]
    return dict(zip(pages[starts].tolist(), pairwise([*starts, len(pages)]), strict=True))


def _keys_of(page: Page, leaves: list[int]) -> list[bytes | None]:
    if len(leaves) < MANY_OF_A_PAGE:
        return [leaf_key(page, leaf) for leaf in leaves]
    every = leaf_keys(page)
    return [every[leaf] for leaf in leaves]
