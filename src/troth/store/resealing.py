"""What is recorded of a conversation, sealed anew under another slot, before the slot that it had is destroyed.

The rows stay where they are, and whoever reads them sees each once, under the old key or the new. An event that says what a
record was which goes stays under the old key, and goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from troth.store.about import sealed_about
from troth.store.engine import SLOT_BYTES, Engine, Row
from troth.store.event_items import bare_of
from troth.store.sealed_rows import SAID, open_body, slot_of
from troth.store.sealers import Sealers
from troth.store.subjects import Subject
from troth.vault.sealing import Sealer, context, fingerprint

Going = Callable[[Collection[str]], Collection[str]]
"""Those of some records that go."""


class _Event(msgspec.Struct, frozen=True):
    event: str
    record: str | None = None

    @property
    def says(self) -> str | None:
        """The record that it says what it is, if it does."""
        return self.record if self.event == "record.said" else None


class _Payload(msgspec.Struct, frozen=True):
    event: _Event


_DECODER = msgspec.json.Decoder(_Payload)


class Resealing:
    """Seals anew what is recorded of some conversations, within `Engine.writing`; done again, it goes on."""

    def __init__(self, engine: Engine, sealers: Sealers, slots: Mapping[str, int]) -> None:
        """``slots`` are the new ones, by conversation."""
        self._engine, self._sealers = engine, sealers
        self._slots = {
            sealers.mark(Subject("conversation", name)).encode(): slot for name, slot in slots.items()
        }
        self._new = dict(sealers.of_slots(set(slots.values())))

    def run(self, going: Going) -> None:
        """Raises `StoreError` for a row that was changed in the store; what is under a dead key is left alone."""
        for rows in sealed_about(self._engine, list(self._slots)):
            self._items(rows, going)
        self._conversations()

    def _items(self, rows: Sequence[Row], going: Going) -> None:
        left = [row for row in rows if row[1] and slot_of(row[1]) != self._slots[row[4]]]
        old = self._sealers.of_slots({slot_of(row[1]) for row in left})
        opened = [(row, _opened(row, sealer)) for row in left if (sealer := old.get(slot_of(row[1])))]
        events = [_DECODER.decode(payload).event for _, (payload, _) in opened]
        gone = set(going({event.says for event in events if event.says is not None}))
        bodies, said = [], []
        for ((seq, _, _, key, about), (payload, salt)), event in zip(opened, events, strict=True):
            if event.says in gone:
                continue
            slot = self._slots[about]
            sealer, name = self._new[slot], key.hex()
            body = slot.to_bytes(SLOT_BYTES) + sealer.seal(context("event", name), payload)
            bodies.append((body, sealer.seal(context("salt", name), salt), seq))
            if event.says is not None:
                said.append((fingerprint(sealer.seal(SAID, bare_of(payload))), seq))
        self._engine.change_each("UPDATE item SET payload = ?, salt = ? WHERE seq = ?", bodies)
        self._engine.change_each("UPDATE said SET bare = ? WHERE seq = ?", said)

    def _conversations(self) -> None:
        rows = []
        for number, name, sealed in self._engine.conversations_named(list(self._slots)):
            slot, what = self._slots[name], context("name", name.decode())
            if not sealed or slot_of(sealed) == slot:
                continue
            old = self._sealers.of_slots({slot_of(sealed)}).get(slot_of(sealed))
            if old is not None:
                told = open_body(old, what, sealed[SLOT_BYTES:], "a conversation")
                rows.append((slot.to_bytes(SLOT_BYTES) + self._new[slot].seal(what, told), number))
        self._engine.change_each("UPDATE conversation SET salt = ? WHERE number = ?", rows)


def _opened(row: Row, sealer: Sealer) -> tuple[bytes, bytes]:
    """The payload and the salt of a row of `sealed_about`."""
    _, payload, salt, key, _ = row
    name = key.hex()
    told = open_body(sealer, context("event", name), payload[SLOT_BYTES:], "an event")
    return told, open_body(sealer, context("salt", name), salt, "an event")
