"""A store in which everything about people lies sealed, in front of the tables of either database.

Whoever can read its files and has no live root learns how many events of each kind there are, when they came, and which are
about the same conversation or person; whoever can write them can withhold events, which the ledger shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

from troth.store import conversations as intakes
from troth.store.engine import ROWS_AT_ONCE, Engine, Row
from troth.store.interface import Appended, Conversation, Item, Opened, Salts
from troth.store.schema import EVENTS
from troth.store.sealed_rows import SealedRows, slot_of
from troth.store.sealers import Sealers, shortened
from troth.store.subjects import Subject
from troth.store.tables import TableStore
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring


class SealedStore(TableStore):
    """A `troth.store.interface.Store`: events, names and salts are sealed; acts of the organisation are as they are."""

    def __init__(self, engine: Engine, keyring: Keyring, handles: Handles) -> None:
        """``handles`` are those of the keyring. Closing the store leaves both open."""
        super().__init__(engine)
        self._sealers = Sealers(keyring, handles)
        self._form = SealedRows(self._sealers)

    @property
    def gone(self) -> int:
        """How many rows were left out because their keys are destroyed."""
        return self._form.gone

    def append(self, items: Sequence[Item]) -> Appended:
        """Accept items."""
        sealed = self._form.items(items)
        done = super().append(sealed)
        return Appended(done.new, done.repeated, len(items) - len(sealed))

    def opened(
        self,
        *,
        account: str | None = None,
        conversation: str | None = None,
        kinds: Collection[str] | None = None,
        key: bytes | None = None,
        below: int | None = None,
        owner: Subject | None = None,
        start: int = 0,
    ) -> Iterator[Opened]:
        """The rows that fit, opened."""
        owner = Subject("account", account) if account is not None else owner
        whose = None if owner is None else self._sealers.mark(owner)
        talk = None if conversation is None else self._sealers.mark(Subject("conversation", conversation))
        stored = None if key is None else self._stored_key(key)
        for rows in self._rows(whose, talk, kinds, stored, below, start):
            yield from self._form.opened(rows)

    def _stored_key(self, key: bytes) -> bytes:
        """An event stands under the mark of its key, an act under the key itself."""
        stored = self._sealers.item_key(key)
        return stored if self._engine.places(None, None, stored) else key

    def events(self, below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events."""
        for rows in self._event_rows(below):
            if payloads := self._form.payloads(rows):
                yield payloads

    def intake(
        self,
        conversations: Iterable[tuple[str, str | None]],
        salts: Salts,
        batch: Callable[[list[bytes]], Item],
    ) -> int:
        """Commit to conversations."""
        return intakes.intake(self._engine, self._living(conversations), salts, batch, self._form)

    def _living(self, conversations: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, str | None]]:
        """Conversations with a slot, given before any transaction begins, whose key is not destroyed."""
        source = iter(conversations)
        while some := list(islice(source, intakes.LOOKED_UP_AT_ONCE)):
            held = self._sealers.of_subjects([Subject("conversation", name) for name, _ in some])
            yield from (pair for pair in some if Subject("conversation", pair[0]) in held)

    def conversation(self, conversation: str) -> Conversation | None:
        """The live commitment of a conversation."""
        return intakes.conversation(self._engine, conversation, self._form)

    def conversations_of(self, account: str) -> list[str]:
        """The conversations of an account."""
        whose = self._sealers.mark(Subject("account", account)).encode()
        rows = [(mark, sealed) for _, mark, sealed in sorted(self._engine.conversations_of(whose))]
        return [
            name
            for at in range(0, len(rows), ROWS_AT_ONCE)
            for name, _, _ in self._form.read_all(rows[at : at + ROWS_AT_ONCE])
        ]

    def commitments(self, conversations: Sequence[str]) -> dict[str, bytes]:
        """The commitments of conversations."""
        return intakes.commitments(self._engine, conversations, self._form)

    def mark(self, subject: Subject) -> bytes:
        """What stands for a name in the tables."""
        return self._sealers.mark(subject).encode()

    def erase_rows(self, marks: Collection[bytes] | None) -> int:
        """Remove what rows say of subjects whose keys are destroyed."""
        if marks is None:
            return self._erase_all()
        names = [shortened(mark).encode() for mark in marks]
        items = sorted({seq for name in names for seq in self._items_about(name)})
        talks = {row[0]: row[3] for name in names if (row := self._engine.conversation(name)) is not None}
        for name in names:
            talks.update((number, sealed) for number, _, sealed in self._engine.conversations_of(name))
        return self._erase(
            [row for some in _cut(items) for row in self._payloads(some)], self._engine.erase_items
        ) + self._erase(sorted(talks.items()), self._engine.erase_conversations)

    def _items_about(self, name: bytes) -> Iterator[int]:
        for account, conversation in ((name, None), (None, name)):
            yield from (seq for _, _, seq in self._engine.places(account, conversation, None))

    def _payloads(self, seqs: list[int]) -> list[Row]:
        chosen, parameters = self._engine.among("seq", seqs)
        sql = f"SELECT seq, payload FROM item WHERE {chosen} AND kind IN ({EVENTS})"
        return self._engine.rows(sql, parameters)

    def _erase_all(self) -> int:
        """Every row: numbers are looked at in pieces, since a stream keeps its state of the database while we write."""
        items = f"SELECT seq, payload FROM item WHERE kind IN ({EVENTS}) AND seq > ? ORDER BY seq LIMIT ?"
        talks = "SELECT number, salt FROM conversation WHERE number > ? ORDER BY number LIMIT ?"
        erased = 0
        for sql, erase in ((items, self._engine.erase_items), (talks, self._engine.erase_conversations)):
            last = -1
            while rows := self._engine.rows(sql, (last, ROWS_AT_ONCE)):
                erased += self._erase(rows, erase)
                last = rows[-1][0]
        return erased

    def _erase(self, rows: Sequence[Row], erase: Callable[[Sequence[int]], None]) -> int:
        """Erase those rows of (number, sealed) whose slot is dead."""
        erased = 0
        for at in range(0, len(rows), ROWS_AT_ONCE):
            slots = {number: slot_of(sealed) for number, sealed in rows[at : at + ROWS_AT_ONCE] if sealed}
            living = self._sealers.living(set(slots.values()))
            dead = [number for number, slot in slots.items() if slot not in living]
            if dead:
                with self._engine.writing():
                    erase(dead)
            erased += len(dead)
        return erased


def _cut(seqs: list[int]) -> Iterator[list[int]]:
    return (seqs[at : at + ROWS_AT_ONCE] for at in range(0, len(seqs), ROWS_AT_ONCE))
