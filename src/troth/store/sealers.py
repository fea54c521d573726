"""The sealers of subjects, looked up in bulk; a bounded number is kept, until any key anywhere is destroyed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from troth.store.names import name_bytes
from troth.store.subjects import Subject
from troth.vault.handles import MARK_BYTES, Handles
from troth.vault.keys.keyring import INDEX_SLOT, Keyring
from troth.vault.mac import Mac
from troth.vault.sealing import Sealer

KEPT = 2_048
"""Sealers that are kept: some 6 KB each, most of it OpenSSL's."""

_KEY = b"troth:item:1\x00"
_ALSO = b"troth:also:1\x00"


class Held(NamedTuple):
    """A slot whose key lives, and what seals under it."""

    slot: int
    sealer: Sealer


class Sealers:
    """Finds sealers, and what stands for names and keys in the tables of a store."""

    def __init__(self, keyring: Keyring, handles: Handles) -> None:
        self._keyring = keyring
        self._handles = handles
        (key,) = keyring.keys([INDEX_SLOT])
        self._mac = Mac(key or b"")  # handles are not opened where it is destroyed
        self._root = self._changes = 0
        self._held: dict[int, Sealer] = {}
        self._slots: dict[Subject, int] = {}

    def mark(self, subject: Subject) -> str:
        """What stands for a name in the tables: 32 hexadecimal digits. Raises ``StoreError`` for a name that is no text."""
        name_bytes(subject.name)
        return shortened(self._handles.mark(subject.kind, subject.name))

    def item_key(self, key: bytes) -> bytes:
        """What stands for the key of an event."""
        return self._mac.digest(_KEY + key)

    def also_key(self, also: bytes) -> bytes:
        """What stands for the thing that an event says something of."""
        return self._mac.digest(_ALSO + also)

    def of_subjects(self, subjects: Collection[Subject]) -> dict[Subject, Held]:
        """The sealers of those subjects whose key is not destroyed; a new subject gets a slot, durably."""
        self._look()
        slots = {one: self._slots[one] for one in subjects if one in self._slots}
        unknown: dict[str, list[str]] = {}
        for kind, name in dict.fromkeys(subjects):
            if (kind, name) not in slots:
                name_bytes(name)
                unknown.setdefault(kind, []).append(name)
        for kind, names in unknown.items():
            found = self._handles.slots(kind, names, make=True)
            slots.update((Subject(kind, name), slot) for name, slot in found.items() if slot is not None)
        held = self._of(set(slots.values()))
        living = {one: Held(slot, held[slot]) for one, slot in slots.items() if slot in held}
        if len(self._slots) + len(living) > KEPT:
            self._slots.clear()
        if len(living) <= KEPT:
            self._slots.update((one, found.slot) for one, found in living.items())
        return living

    def moved(self, slots: Mapping[str, int]) -> bool:
        """Whether a subject has another slot now than one of these, which `of_subjects` has just given.

        Subjects are told by what stands for their names in the tables. One without a slot was erased, and has not moved.
        """
        if self._keyring.file.state().changes == self._changes:
            return False
        now = self._handles.slots_at([bytes.fromhex(mark) for mark in slots])
        return any(now.get(bytes.fromhex(mark), slot) != slot for mark, slot in slots.items())

    def of_slots(self, slots: Collection[int]) -> Mapping[int, Sealer]:
        """The sealers of those slots whose key is not destroyed."""
        self._look()
        return self._of(slots)

    def living(self, slots: Collection[int]) -> set[int]:
        """Those slots whose key is not destroyed."""
        wanted = sorted(slots)
        keys = zip(wanted, self._keyring.keys(wanted), strict=True)
        return {slot for slot, key in keys if key is not None}

    def _look(self) -> None:
        """Let go of what may have changed since, in whatever process: with each destruction there is a new root."""
        state = self._keyring.file.state()
        if state.root != self._root:
            self._held.clear()
        if state.changes != self._changes:
            self._slots.clear()
        self._root, self._changes = state.root, state.changes

    def _of(self, slots: Collection[int]) -> Mapping[int, Sealer]:
        missing = sorted(slot for slot in slots if slot not in self._held)
        if not missing:
            return self._held
        keys = zip(missing, self._keyring.keys(missing), strict=True)
        made = {slot: Sealer(key) for slot, key in keys if key is not None}
        found = {**{slot: self._held[slot] for slot in slots if slot in self._held}, **made}
        if len(self._held) + len(made) > KEPT:
            self._held.clear()
        if len(made) <= KEPT:
            self._held.update(made)
        return found


def shortened(mark: bytes) -> str:
    """As much of a mark as stands in the tables, in hexadecimal."""
    return mark[:MARK_BYTES].hex()
