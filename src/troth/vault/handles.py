"""Handles: which slot belongs to which conversation, account, organisation or hold, without holding a name.

Whoever can read them and has no live root learns how many there are. With the live root they can test a name that they
guess, also one that was forgotten, in a copy of before. Whoever can write them can make a name lose its slot, which only
what names the slot elsewhere shows; they cannot give a name the slot of another.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from troth.errors import Place, VaultError
from troth.vault.keys.key_file import NAME
from troth.vault.keys.keyring import INDEX_SLOT, Keyring
from troth.vault.mac import Mac

KINDS = ("conversation", "account", "organisation", "hold", "record")
"""What has slots: each kind has names of its own."""

MARK_BYTES = 16
"""Bytes of a mark that stand in the key database."""
TAG_BYTES = 8

_TAG = b"troth:handle:1\x00"
_AT_ONCE = 500
_FIND = "SELECT mark, slot, tag FROM handle WHERE mark IN (%s)"


class Handles:
    """The handles of one keyring, in its key database (``docs/formats/keys.md``, "Handles")."""

    def __init__(self, keyring: Keyring, folder: Path) -> None:
        """``folder`` is that of the keyring. Raises `VaultError` where it is another."""
        if not (folder / NAME).exists() or not (folder / NAME).samefile(keyring.file.path):
            raise VaultError(
                "the handles lie with another keyring",
                place=Place(str(folder)),
                remedy="name the folder of the keyring that is open",
            )
        (key,) = keyring.keys([INDEX_SLOT])
        if key is None:
            raise VaultError(
                "the key that marks names is destroyed",
                place=Place(str(keyring.file.path)),
                remedy="this is not a key database that Troth wrote: restore the newest copy",
            )
        self._keyring = keyring
        self._mac = Mac(key)

    def mark(self, kind: str, name: str) -> bytes:
        """The 32 bytes that stand for a name. Raises ``ValueError`` for a kind that is none of `KINDS`."""
        if kind not in KINDS:
            raise ValueError(f"there is no kind of handle {kind!r}; there are {', '.join(KINDS)}")
        return self._mac.digest(kind.encode() + b"\x00" + name.encode())

    def slots(self, kind: str, names: Iterable[str], *, make: bool) -> dict[str, int | None]:
        """The slot of each name; None where it has none.

        With ``make`` every name gets one, new ones in the order of the names, durable when this returns. Raises
        `VaultError` for a handle that was changed.
        """
        marks = {name: self.mark(kind, name) for name in names}
        found = self._find(marks)
        if make and len(found) < len(marks):
            with self._keyring.writing():
                missing = {name: mark for name, mark in marks.items() if name not in found}
                found |= self._find(missing)  # another process may have been there first
                found |= self._make({name: mark for name, mark in missing.items() if name not in found})
        elif make:
            self._keyring.copied()  # another process may have been killed before it had copied them
        return {name: found.get(name) for name in marks}

    def move(self, kind: str, slots: Mapping[str, int]) -> None:
        """Give names that have a handle other slots, all of them durably when this returns, or none."""
        marks = {name: self.mark(kind, name) for name in slots}
        with self._keyring.writing():
            old = self._find(marks)
            self._drop(sorted(old.values()))
            rows = [
                (mark[:MARK_BYTES], slots[name], self._tag(mark, slots[name])) for name, mark in marks.items()
            ]
            self._keyring.file.put_handles(sorted(rows))
            self._keyring.changed()

    def forget(self, kind: str, names: Iterable[str]) -> None:
        """Remove the handles of names. Their slots stay as they are; a name that comes again gets a new one."""
        short = sorted(self.mark(kind, name)[:MARK_BYTES] for name in names)
        with self._keyring.writing():
            self._drop(self._slots_of("SELECT slot FROM handle WHERE mark IN (%s)", short))

    def forget_slots(self, slots: Iterable[int]) -> int:
        """Remove whatever handles some slots have: where only the slots are known. Return how many there were."""
        with self._keyring.writing():
            found = self._slots_of("SELECT slot FROM handle WHERE slot IN (%s)", sorted(slots))
            self._drop(found)
        return len(found)

    def _slots_of(self, sql: str, values: Sequence[bytes] | Sequence[int]) -> list[int]:
        found: list[int] = []
        for at in range(0, len(values), _AT_ONCE):
            some = values[at : at + _AT_ONCE]
            rows = self._keyring.file.rows(sql % ",".join("?" * len(some)), some)
            found += [slot for (slot,) in rows]
        return found

    def _drop(self, slots: Sequence[int]) -> None:
        if slots:
            self._keyring.file.drop_handles(slots)
            self._keyring.changed()

    def marks_of(self, slots: Iterable[int]) -> list[bytes]:
        """The marks, as they stand in the tables, of whatever has some slots: where only the slots are known."""
        asked = sorted(slots)
        found: list[bytes] = []
        for at in range(0, len(asked), _AT_ONCE):
            some = asked[at : at + _AT_ONCE]
            sql = f"SELECT mark FROM handle WHERE slot IN ({','.join('?' * len(some))})"
            found += [mark for (mark,) in self._keyring.file.rows(sql, some)]
        return found

    def slots_at(self, marks: Sequence[bytes]) -> dict[bytes, int]:
        """The slots that the tables have for some marks, as they stand there; nobody has checked them."""
        found: dict[bytes, int] = {}
        for at in range(0, len(marks), _AT_ONCE):
            some = marks[at : at + _AT_ONCE]
            sql = f"SELECT mark, slot FROM handle WHERE mark IN ({','.join('?' * len(some))})"
            found.update(self._keyring.file.rows(sql, some))
        return found

    def _find(self, marks: Mapping[str, bytes]) -> dict[str, int]:
        names = {mark[:MARK_BYTES]: name for name, mark in marks.items()}
        short = sorted(names)
        found: dict[str, int] = {}
        for at in range(0, len(short), _AT_ONCE):
            some = short[at : at + _AT_ONCE]
            for mark, slot, tag in self._keyring.file.rows(_FIND % ",".join("?" * len(some)), some):
                name = names[mark]
                if not hmac.compare_digest(self._tag(marks[name], slot), tag):
                    raise VaultError(
                        f"a handle was changed: it gives slot {slot} to a name that it was not made for",
                        place=Place(str(self._keyring.file.path)),
                        remedy="restore the newest copy of the key database, and find out who wrote to it",
                    )
                found[name] = slot
        return found

    def _make(self, marks: Mapping[str, bytes]) -> dict[str, int]:
        slots = dict(zip(marks, self._keyring.allot(len(marks)), strict=True))
        rows = [
            (mark[:MARK_BYTES], slots[name], self._tag(mark, slots[name])) for name, mark in marks.items()
        ]
        self._keyring.file.put_handles(sorted(rows))
        return slots

    def _tag(self, mark: bytes, slot: int) -> bytes:
        # A slot that was changed may be any number of SQLite, or no number at all.
        told = slot.to_bytes(8, "big", signed=True) if isinstance(slot, int) else repr(slot).encode()
        return self._mac.digest(_TAG + mark + told)[:TAG_BYTES]
