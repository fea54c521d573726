"""A store in which everything about people lies sealed, in front of the tables of either database.

Whoever can read its files and has no live root learns how many events of each kind there are, when they came, and which are
about the same conversation or person; whoever can write them can withhold events, which the ledger shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from troth.store import conversations as intakes
from troth.store.about import bodies_about, bodies_saying, cut, slots_about
from troth.store.engine import ERASED_AT_ONCE, ROWS_AT_ONCE, SLOT_BYTES, Engine, Row
from troth.store.event_items import said_of
from troth.store.interface import EVENT_KINDS, Appended, Conversation, Item, Opened, Page, Salts
from troth.store.resealing import Going, Resealing
from troth.store.schema import EVENTS
from troth.store.sealed_rows import SealedRows, slot_of
from troth.store.sealers import Sealers, shortened
from troth.store.subjects import Subject
from troth.store.tables import TableStore
from troth.store.used_slots import UsedSlots
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

_RESEAL = "reseal"
"""Nothing is accepted while conversations move to other slots."""


class SealedStore(TableStore):
    """A `troth.store.interface.Store`: events, names and salts are sealed; acts of the organisation are as they are."""

    def __init__(self, engine: Engine, keyring: Keyring, handles: Handles) -> None:
        """``handles`` are those of the keyring. Closing the store leaves both open."""
        super().__init__(engine)
        self._sealers = Sealers(keyring, handles)
        self._form = SealedRows(self._sealers)
        self._used = UsedSlots(engine)

    @property
    def gone(self) -> int:
        """How many rows were left out because their keys are destroyed."""
        return self._form.gone

    def append(self, items: Sequence[Item]) -> Appended:
        """Accept items."""
        while True:
            sealed = self._form.items(items)
            if not sealed:
                return Appended(0, 0, len(items))
            events = [item for item in sealed if item.kind in EVENT_KINDS]
            used = 1 + max((slot_of(item.payload) for item in events), default=-1)
            with self._engine.writing(beside=_RESEAL):
                # Under a slot that a conversation has left meanwhile, what is new would go with that slot.
                if not self._sealers.moved(_slots_of_conversations(events)):
                    new = self._engine.accept(sealed)
                    self._used.note(used)
                    break
        self._used.keep(used)
        return Appended(new, len(sealed) - new, len(items) - len(sealed))

    def reseal(self, slots: Mapping[str, int], going: Going) -> None:
        """Seal what is recorded of some conversations anew, under the slots that they have now."""
        used = 1 + max(slots.values(), default=-1)
        with self._engine.writing(_RESEAL):
            Resealing(self._engine, self._sealers, slots).run(going)
            self._used.note(used)
        self._used.keep(used)

    def names_of(self, marks: Collection[bytes]) -> list[str]:
        """The names of those of some conversations that were committed to."""
        found: list[str] = []
        for some in cut([shortened(mark).encode() for mark in marks], ROWS_AT_ONCE):
            rows = [(name, sealed) for _, name, sealed in self._engine.conversations_named(some)]
            found += [name for name, _, _ in self._form.read_all(rows)]
        return found

    def used_slots(self) -> int:
        """How many slots the rows rest on."""
        return self._used.read()

    def opened(
        self,
        *,
        account: str | None = None,
        conversation: str | None = None,
        kinds: Collection[str] | None = None,
        key: bytes | None = None,
        since: int | None = None,
        below: int | None = None,
        owner: Subject | None = None,
    ) -> Iterator[Opened]:
        """The rows that fit, opened."""
        owner = Subject("account", account) if account is not None else owner
        whose = None if owner is None else self._sealers.mark(owner)
        talk = None if conversation is None else self._sealers.mark(Subject("conversation", conversation))
        stored = None if key is None else self._stored_key(key)
        for rows in self._rows(whose, talk, kinds, stored, since, below):
            yield from self._form.opened(rows)

    def page(
        self, kind: str, limit: int, *, since: int = 0, below: int | None = None, newest: bool = False
    ) -> Page:
        """At most so many rows of one kind, opened."""
        rows, last = self._page(kind, limit, since, below, newest=newest)
        return Page(tuple(self._form.opened(rows)), last)

    def _stored_key(self, key: bytes) -> bytes:
        """An event stands under the mark of its key, an act under the key itself."""
        stored = self._sealers.item_key(key)
        return stored if self._engine.places(None, None, stored) else key

    def events(self, below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events."""
        for rows in self._event_rows(below):
            if payloads := self._form.payloads(rows):
                yield payloads

    def events_about(self, kind: str, names: Collection[str], below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events about some subjects."""
        marks = [self._sealers.mark(Subject(kind, name)).encode() for name in names]
        for rows in bodies_about(self._engine, marks, below):
            if payloads := self._form.payloads(rows):
                yield payloads

    def events_saying(self, records: Collection[str], below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events that say what some records are."""
        also = [self._sealers.also_key(said_of(record)) for record in records]
        for rows in bodies_saying(self._engine, also, below):
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
            used = 1 + max((one.slot for one in held.values()), default=-1)
            if self._used.is_new(used):
                with self._engine.writing():
                    self._used.note(used)
                self._used.keep(used)
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
        erased = sum(self._erase(rows, self._engine.erase_items) for rows in slots_about(self._engine, names))
        for some in cut(names, ERASED_AT_ONCE):
            rows = [(row[0], row[2][:SLOT_BYTES]) for row in self._engine.conversations_named(some)]
            erased += self._erase(rows, self._engine.erase_conversations)
        return erased

    def _erase_all(self) -> int:
        """Every row: numbers are looked at in pieces, since a stream keeps its state of the database while we write."""
        slot = f"substr({{}}, 1, {SLOT_BYTES})"
        items = f"SELECT seq, {slot.format('payload')} FROM item WHERE kind IN ({EVENTS}) AND seq > ? ORDER BY seq LIMIT ?"
        talks = (
            f"SELECT number, {slot.format('salt')} FROM conversation WHERE number > ? ORDER BY number LIMIT ?"
        )
        erased = 0
        for sql, erase in ((items, self._engine.erase_items), (talks, self._engine.erase_conversations)):
            last = -1
            while rows := self._engine.rows(sql, (last, ERASED_AT_ONCE)):
                erased += self._erase(rows, erase)
                last = rows[-1][0]
        return erased

    def _erase(self, rows: Sequence[Row], erase: Callable[[Sequence[int]], None]) -> int:
        """Erase those rows of (number, slot) whose slot is dead, in one transaction; rows that are empty have none."""
        slots = {number: slot_of(slot) for number, slot in rows if slot}
        living = self._sealers.living(set(slots.values()))
        dead = [number for number, slot in slots.items() if slot not in living]
        if dead:
            with self._engine.writing():
                erase(dead)
        return len(dead)


def _slots_of_conversations(events: Sequence[Item]) -> dict[str, int]:
    """The slots of sealed events that name a conversation, by what stands for its name."""
    return {item.conversation: slot_of(item.payload) for item in events if item.conversation is not None}
