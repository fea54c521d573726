"""A store over the tables of one database: everything that is the same SQL in SQLite and in PostgreSQL.

It writes and reads rows as they are given; `troth.store.sealed` stands in front of it, and seals what is about people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

from troth.errors import LedgerError, StoreError
from troth.proof.entry import KINDS
from troth.store import conversations as intakes
from troth.store import lineage
from troth.store.engine import ROWS_AT_ONCE, Engine, Query, Row
from troth.store.interface import (
    EVENT_KINDS,
    Appended,
    Conversation,
    Head,
    Item,
    Logged,
    Opened,
    Page,
    Pending,
    Salts,
)
from troth.store.names import bytes_of, name_bytes
from troth.store.news import News, Seen, look
from troth.store.plain import PLAIN
from troth.store.schema import EVENTS
from troth.store.subjects import Subject
from troth.types.moment import Moment

HOLD = "hold"
"""The one kind of events that has an index."""
_LOGGED = (
    "SELECT e.idx, e.at, e.kind, i.payload, i.salt, e.commitment, i.key"
    " FROM entry e JOIN item i ON i.seq = e.seq"
)
_PENDING = (
    "SELECT NULL, NULL, i.kind, i.payload, i.salt, i.commitment, i.key"
    " FROM pending p JOIN item i ON i.seq = p.seq"
)


class TableStore:
    """Tables over an `Engine`, of which nothing is erased; each method does what `troth.store.interface.Store` says."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, items: Sequence[Item]) -> Appended:
        """Accept items."""
        if not items:
            return Appended(0, 0)
        with self._engine.writing():
            new = self._engine.accept(items)
        return Appended(new, len(items) - new)

    def pending(self, limit: int) -> list[Pending]:
        """The first rows without an index."""
        sql = (
            "SELECT i.seq, i.kind, i.commitment FROM pending p JOIN item i ON i.seq = p.seq"
            " ORDER BY p.seq LIMIT ?"
        )
        return [Pending(*row) for row in self._engine.rows(sql, (limit,))]

    def head(self) -> Head | None:
        """The head of the ledger."""
        found = self._engine.rows("SELECT size, root, checkpoint, at FROM head")
        return Head(*found[0]) if found else None

    def start(self, head: Head) -> None:
        """Write the first head."""
        if head.size:
            raise StoreError("a ledger starts with size 0", remedy="start it, and then assign indexes")
        sql = (
            "INSERT INTO head (one, size, root, checkpoint, at) VALUES (1, 0, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        with self._engine.writing():
            if not self._engine.change(sql, (head.root, head.checkpoint, head.at)):
                raise StoreError(
                    "the ledger of this store was started before",
                    remedy="use the workspace as it is, or start another one with a store of its own",
                )

    def assign(self, seqs: Sequence[int], first: int, at: Moment, old: Head, new: Head) -> None:
        """Give pending rows their indexes, and move the head."""
        if first != old.size or new.size != old.size + len(seqs):
            raise LedgerError(
                f"{len(seqs)} rows from index {first} do not lead from size {old.size} to {new.size}",
                remedy="nothing was changed; plan again from the head and the pending rows",
            )
        sql = "UPDATE head SET size = ?, root = ?, checkpoint = ?, at = ? WHERE size = ? AND root = ?"
        moved = (new.size, new.root, new.checkpoint, new.at, old.size, old.root)
        with self._engine.writing():
            if not self._engine.change(sql, moved):
                raise LedgerError(
                    f"another writer has moved the ledger on from size {old.size}",
                    remedy="nothing was changed; see to it that one writer runs, and start it again",
                )
            if not self._engine.place(seqs, first, at):
                raise LedgerError(
                    "the rows to be logged are not those that are pending",
                    remedy="nothing was changed; plan again from the pending rows",
                )

    def cosign(self, head: Head) -> None:
        """Replace the checkpoint of the head."""
        with self._engine.writing():
            sql = "UPDATE head SET checkpoint = ? WHERE size = ? AND root = ?"
            self._engine.change(sql, (head.checkpoint, head.size, head.root))

    def logged(self, start: int, stop: int) -> Iterator[Logged]:
        """The rows of a range of indexes."""
        sql = "SELECT idx, at, kind, commitment FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
        for rows in self._engine.stream([(sql, (start, stop))]):
            for row in rows:
                yield Logged(*row)

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
        """The rows that fit, with what opens them."""
        whose = account if owner is None else owner.name
        for rows in self._rows(whose, conversation, kinds, key, since, below):
            for row in rows:
                yield Opened(*row[:6])

    def _rows(
        self,
        account: str | None,
        conversation: str | None,
        kinds: Collection[str] | None,
        key: bytes | None,
        since: int | None,
        below: int | None,
    ) -> Iterator[list[Row]]:
        """As `opened`, in batches: the fields of an `Opened`, and the item's key."""
        if account is None and conversation is None and key is None:
            yield from self._engine.stream(self._of_kinds(kinds, since, below))
            return
        places = self._engine.places(bytes_of(account), bytes_of(conversation), key)
        chosen = [place for place in places if _within(place[0], since, below)]
        chosen.sort(key=lambda place: (place[0] is None, place[0], place[2]))
        for at in range(0, len(chosen), ROWS_AT_ONCE):
            yield self._bodies(chosen[at : at + ROWS_AT_ONCE], kinds)

    def _of_kinds(self, kinds: Collection[str] | None, since: int | None, below: int | None) -> list[Query]:
        logged, waiting = "", ""
        parameters: Sequence[Any] = ()
        if kinds is not None:
            logged, parameters = self._engine.among("e.kind", sorted(kinds))
            waiting, _ = self._engine.among("i.kind", sorted(kinds))
            if not set(EVENT_KINDS) & set(kinds):  # the index of these knows that it serves them
                logged += f" AND e.kind NOT IN ({EVENTS})"
            elif set(kinds) == {HOLD}:  # and so does this one
                logged += f" AND e.kind = '{HOLD}'"
        ends = {"e.idx >= ?": since, "e.idx < ?": below}
        bounds = {condition: index for condition, index in ends.items() if index is not None}
        where = [condition for condition in (logged, *bounds) if condition]
        sql = f"{_LOGGED}{' WHERE ' if where else ''}{' AND '.join(where)} ORDER BY e.idx"
        queries: list[Query] = [(sql, [*parameters, *bounds.values()])]
        if below is None:
            queries.append((f"{_PENDING}{' WHERE ' if waiting else ''}{waiting} ORDER BY p.seq", parameters))
        return queries

    def page(
        self, kind: str, limit: int, *, since: int = 0, below: int | None = None, newest: bool = False
    ) -> Page:
        """At most so many rows of one kind."""
        rows, last = self._page(kind, limit, since, below, newest=newest)
        return Page(tuple(Opened(*row[:6]) for row in rows), last)

    def _page(
        self, kind: str, limit: int, since: int, below: int | None, *, newest: bool
    ) -> tuple[list[Row], int | None]:
        """As `page`: the fields of an `Opened` and the item's key; then the last index where there may be more."""
        own = f"e.kind = '{_indexed(kind)}'" + ("" if kind == HOLD else f" AND e.kind NOT IN ({EVENTS})")
        upper, bounds = ("", [since]) if below is None else (" AND e.idx < ?", [since, below])
        order = "DESC" if newest else "ASC"
        logged = f"{_LOGGED} WHERE {own} AND e.idx >= ?{upper} ORDER BY e.idx {order} LIMIT ?"
        queries: list[Query] = [(logged, [*bounds, limit])]
        if below is None and not newest:
            queries.append((f"{_PENDING} WHERE i.kind = ? ORDER BY p.seq", [kind]))
        found: list[Row] = []
        with closing(self._engine.stream(queries)) as batches:
            for rows in batches:
                found += rows
                # Where the last one has an index, the page is full of the ledger, and nothing that is pending is read.
                if len(found) >= limit and found[limit - 1][0] is not None:
                    return found[:limit], found[limit - 1][0]
        return found, None

    def _bodies(self, places: list[Row], kinds: Collection[str] | None) -> list[Row]:
        """The bodies of rows whose places were read before, so that all are of one state."""
        chosen, parameters = self._engine.among("i.seq", [seq for _, _, seq in places])
        sql = (
            "SELECT i.seq, i.kind, i.payload, i.salt, coalesce(e.commitment, i.commitment), i.key"
            f" FROM item i LEFT JOIN entry e ON e.seq = i.seq WHERE {chosen}"
        )
        bodies = {row[0]: row[1:] for row in self._engine.rows(sql, parameters)}
        return [
            (index, at, *bodies[seq]) for index, at, seq in places if kinds is None or bodies[seq][0] in kinds
        ]

    def events(self, below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events."""
        for rows in self._event_rows(below):
            yield [payload for payload, _ in rows]

    def _event_rows(self, below: int | None) -> Iterator[list[Row]]:
        """(payload, key) of the events, in batches."""
        sql: Query = (f"SELECT payload, key FROM item WHERE kind IN ({EVENTS})", ())
        if below is not None:
            sql = (
                "SELECT i.payload, i.key FROM entry e JOIN item i ON i.seq = e.seq"
                f" WHERE e.idx < ? AND e.kind IN ({EVENTS}) ORDER BY e.idx",
                (below,),
            )
        yield from self._engine.stream([sql])

    def intake(
        self,
        conversations: Iterable[tuple[str, str | None]],
        salts: Salts,
        batch: Callable[[list[bytes]], Item],
    ) -> int:
        """Commit to conversations."""
        return intakes.intake(self._engine, conversations, salts, batch, PLAIN)

    def conversation(self, conversation: str) -> Conversation | None:
        """The live commitment of a conversation."""
        return intakes.conversation(self._engine, conversation, PLAIN)

    def conversations_of(self, account: str) -> list[str]:
        """The conversations of an account."""
        return [name.decode() for _, name, _ in sorted(self._engine.conversations_of(name_bytes(account)))]

    def batch_commitments(self, batch: bytes, start: int = 0, stop: int | None = None) -> list[bytes]:
        """The commitments of an intake batch."""
        return intakes.batch_commitments(self._engine, batch, start, stop)

    def commitments(self, conversations: Sequence[str]) -> dict[str, bytes]:
        """The commitments of conversations."""
        return intakes.commitments(self._engine, conversations, PLAIN)

    def add_lineage(self, item: Item, child: str, parents: Collection[str]) -> None:
        """Record what an artefact was made from."""
        lineage.add(self._engine, item, child, parents)

    def descendants(self, names: Collection[str]) -> list[tuple[str, str]]:
        """What was made from the names."""
        return lineage.descendants(self._engine, names)

    def artefacts(self) -> list[tuple[str, str]]:
        """Every artefact and its parents."""
        return lineage.artefacts(self._engine)

    def add_release(self, item: Item, manifest: str, folder: str) -> None:
        """Record a finished release."""
        sql = (
            "INSERT INTO release (manifest, folder, number)"
            " SELECT ?, ?, coalesce(max(number), 0) + 1 FROM release WHERE true ON CONFLICT DO NOTHING"
        )
        with self._engine.writing("release"):
            if self._engine.change(sql, (manifest, folder)):
                self._engine.accept([item])

    def releases(self) -> list[tuple[str, str]]:
        """Every release."""
        found = self._engine.rows("SELECT manifest, folder FROM release ORDER BY number")
        return [(manifest, folder) for manifest, folder in found]

    def move_release(self, manifest: str, folder: str) -> None:
        """Say where a release lies now."""
        with self._engine.writing():
            if not self._engine.change(
                "UPDATE release SET folder = ? WHERE manifest = ?", (folder, manifest)
            ):
                raise StoreError(
                    f"the store knows no release {manifest}",
                    remedy="name one that was built in this workspace",
                )

    def used_slots(self) -> int:
        """None: nothing is sealed here."""
        return 0

    def writer_lock(self) -> AbstractContextManager[bool]:
        """The lock of the ledger's writer."""
        return self._engine.writer_lock()

    def stamp(self) -> int | None:
        """Another number whenever somebody else has written."""
        return self._engine.stamp()

    def news(self, seen: Seen | None, now: float) -> News:
        """What was accepted since somebody looked."""
        return look(self._engine, seen, now)

    def mark(self, subject: Subject) -> bytes:
        """A name stands for itself."""
        return name_bytes(subject.name)

    def close(self) -> None:
        """Close the store."""
        self._engine.close()


def _indexed(kind: str) -> str:
    """A kind whose rows an index finds. Raises ``ValueError`` for the events of people, of which there are too many."""
    if kind not in KINDS or (kind in EVENT_KINDS and kind != HOLD):
        raise ValueError(f"no index finds the rows of kind {kind!r}")
    return kind


def _within(index: int | None, since: int | None, below: int | None) -> bool:
    """Whether an index lies between two; what is pending lies behind all there are."""
    if index is None:
        return below is None
    return (since is None or index >= since) and (below is None or index < below)
