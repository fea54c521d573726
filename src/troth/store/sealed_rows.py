"""Events and conversations as rows in which names are marks and all else is sealed (``docs/formats/workspace.md``).

Whoever can write such rows can make events unreadable or leave them out, which the ledger shows; they cannot make one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from troth.errors import StoreError, VerificationError
from troth.proof.entry import SALT_BYTES
from troth.store.engine import SLOT_BYTES, Row
from troth.store.interface import EVENT_KINDS, Item, Opened
from troth.store.sealers import Held, Sealers
from troth.store.subjects import Subject, owner_of, subject_of
from troth.vault.sealing import Sealer, context, fingerprint

SAID = context("event", "said")
"""In what is sealed of what an event says of its record, to be compared with what another says of it."""


def slot_of(sealed: bytes) -> int:
    """The slot under whose key a value of a row is sealed."""
    return int.from_bytes(sealed[:SLOT_BYTES])


class SealedRows:
    """Seals rows and opens them; also a `troth.store.conversations.Form`."""

    def __init__(self, sealers: Sealers) -> None:
        self._sealers = sealers
        self.gone = 0
        """Rows that were left out because their key is destroyed."""

    def items(self, items: Sequence[Item]) -> list[Item]:
        """Items as they are stored: acts of the organisation as they are, events sealed, without those that are gone."""
        about = [subject_of(item) if item.kind in EVENT_KINDS else None for item in items]
        held = self._sealers.of_subjects({one for one in about if one is not None})
        return [
            item if subject is None else self._item(item, held[subject])
            for item, subject in zip(items, about, strict=True)
            if subject is None or subject in held
        ]

    def _item(self, item: Item, held: Held) -> Item:
        key = self._sealers.item_key(item.key)
        owner = owner_of(item)
        also = None if item.also is None else self._sealers.also_key(item.also)
        bare = None if item.bare is None else fingerprint(held.sealer.seal(SAID, item.bare))
        place = held.slot.to_bytes(SLOT_BYTES)
        return replace(
            item,
            key=key,
            payload=place + held.sealer.seal(context("event", key.hex()), item.payload),
            salt=held.sealer.seal(context("salt", key.hex()), item.salt),
            account=None if owner is None else self._sealers.mark(owner),
            conversation=None
            if item.conversation is None
            else self._sealers.mark(Subject("conversation", item.conversation)),
            also=also,
            bare=bare,
            quoted=item.payload,
        )

    def opened(self, rows: Sequence[Row]) -> list[Opened]:
        """Rows of `TableStore` opened; those that are gone are counted and left out."""
        sealers = self._of(row[3] for row in rows if row[2] in EVENT_KINDS)
        found = []
        for index, at, kind, payload, salt, commitment, key in rows:
            if kind not in EVENT_KINDS:
                found.append(Opened(index, at, kind, payload, salt, commitment))
                continue
            sealer = sealers.get(slot_of(payload))
            if sealer is None or not payload:
                self.gone += 1
                continue
            what = f"the event at index {index}" if index is not None else "a pending event"
            told = open_body(sealer, context("event", key.hex()), payload[SLOT_BYTES:], what)
            drawn = open_body(sealer, context("salt", key.hex()), salt, what)
            found.append(Opened(index, at, kind, told, drawn, commitment))
        return found

    def payloads(self, rows: Sequence[Row]) -> list[bytes]:
        """Rows of (payload, key) of events opened; those that are gone are counted and left out."""
        sealers = self._of(row[0] for row in rows)
        found = []
        for payload, key in rows:
            sealer = sealers.get(slot_of(payload))
            if sealer is None or not payload:
                self.gone += 1
            else:
                found.append(open_body(sealer, context("event", key.hex()), payload[SLOT_BYTES:], "an event"))
        return found

    def _of(self, sealed: Iterable[bytes]) -> dict[int, Sealer]:
        slots = {slot_of(one) for one in sealed if one}
        return dict(self._sealers.of_slots(slots)) if slots else {}

    def name(self, conversation: str) -> bytes:
        """The mark of a conversation's name."""
        return self._sealers.mark(Subject("conversation", conversation)).encode()

    def rows(self, first: int, taken: Sequence[tuple[str, str | None]], salts: Sequence[bytes]) -> list[Row]:
        """Rows of conversations: marks, and salt, name and account sealed in one piece."""
        subjects = [Subject("conversation", name) for name, _ in taken]
        held = self._sealers.of_subjects(subjects)
        if len(held) < len(set(subjects)):
            raise StoreError(
                "a conversation was erased while it was taken in",
                remedy="nothing of the batch was kept; do it again, without it",
            )
        return [
            self._row(number, held[subject], account, subject, salt)
            for number, (subject, (_, account), salt) in enumerate(
                zip(subjects, taken, salts, strict=True), first
            )
        ]

    def _row(self, number: int, held: Held, account: str | None, subject: Subject, salt: bytes) -> Row:
        name = self._sealers.mark(subject)
        told = msgspec.json.encode((subject.name, account))
        sealed = held.slot.to_bytes(SLOT_BYTES) + held.sealer.seal(context("name", name), salt + told)
        owner = None if account is None else self._sealers.mark(Subject("account", account)).encode()
        return number, name.encode(), owner, sealed

    def read(self, row: Row) -> tuple[str | None, bytes] | None:
        """The account and the salt of a conversation; None where its key is destroyed, which is counted."""
        found = self.read_all([(row[1], row[3])])
        return None if not found else (found[0][1], found[0][2])

    def read_all(self, rows: Sequence[Row]) -> list[tuple[str, str | None, bytes]]:
        """(name, account, salt) of rows of (mark, sealed); those that are gone are counted and left out."""
        sealers = self._of(sealed for _, sealed in rows)
        found = []
        for mark, sealed in rows:
            sealer = sealers.get(slot_of(sealed))
            if sealer is None or not sealed:
                self.gone += 1
                continue
            plain = open_body(sealer, context("name", mark.decode()), sealed[SLOT_BYTES:], "a conversation")
            name, account = msgspec.json.decode(plain[SALT_BYTES:], type=tuple[str, str | None])
            found.append((name, account, plain[:SALT_BYTES]))
        return found


def open_body(sealer: Sealer, what: bytes, sealed: bytes, told: str) -> bytes:
    """What is sealed, where ``told`` names it in errors. Raises `StoreError` where it was changed."""
    try:
        return sealer.open(what, sealed)
    except VerificationError as problem:
        raise StoreError(
            f"{told} was changed in the store: {problem.what}",
            remedy="restore a backup of the store, and let troth audit-log say what the ledger holds",
        ) from problem
