"""The store of a workspace: what it holds, and the one interface behind which SQLite and PostgreSQL stand.

Whoever can write the store can change events, but not without the ledger showing it: every event is committed to
there, and a changed one no longer opens its commitment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from troth.types.moment import Moment

if TYPE_CHECKING:
    from troth.store.news import News, Seen
    from troth.store.subjects import Subject

EVENT_KINDS = ("choice", "deletion", "hold", "event")
"""The kinds of entries whose payload is an event of the history."""

Salts = Callable[[int], Sequence[bytes]]
"""Gives so many fresh salts of 32 bytes: `troth.store.salts.fresh_salts`."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be accepted: a payload, its salt, and the commitment that the ledger will hold.

    Two items with one ``key`` are the same item, and must have the same payload. Two items with one ``also``
    (the same record, said under two ids) are two items, and must have the same ``bare``.
    """

    key: bytes
    """32 bytes: what makes the item the same item when it comes again."""
    kind: str
    """One of `troth.proof.entry.KINDS`."""
    payload: bytes
    """Canonical JSON (RFC 8785)."""
    salt: bytes
    """32 bytes, from `Salts`."""
    commitment: bytes
    """`troth.proof.entry.commit` of salt and payload."""
    account: str | None = None
    conversation: str | None = None
    also: bytes | None = None
    """32 bytes: the thing that the payload speaks of, where all that is said of it must be the same."""
    bare: bytes | None = None
    """Digest of what must be the same wherever ``also`` is; there if, and only if, ``also`` is."""
    quoted: bytes | None = None
    """Where ``payload`` is sealed, the payload from which errors quote. It is not stored."""


@dataclass(frozen=True, slots=True)
class Appended:
    """How many items of a call were new, and how many had been accepted before."""

    new: int
    repeated: int
    gone: int = 0
    """Items that were not kept: the key of what they are about is destroyed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A row that was accepted and has no place in the ledger yet. ``seq`` grows; it has gaps."""

    seq: int
    kind: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Logged:
    """A row with its place in the ledger: what its entry is made of. It stays when the payload is erased."""

    index: int
    at: Moment
    kind: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A row with all that opens its commitment. ``index`` and ``at`` are None while it is pending."""

    index: int | None
    at: Moment | None
    kind: str
    payload: bytes
    salt: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the index of the last one that was looked at where there may be more; None at the end."""

    rows: tuple[Opened, ...]
    last: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest state of the ledger: it decides what the ledger is (``docs/ledger.md``)."""

    size: int
    root: bytes
    checkpoint: bytes
    """The signed note, with cosignatures where there are any."""
    at: Moment
    """The time of the newest entry; of an empty ledger, when it was started."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The live commitment of a conversation: its salt, and where it stands in its intake batch."""

    conversation: str
    account: str | None
    salt: bytes
    commitment: bytes
    batch: bytes
    """The key of the item of kind ``intake`` that commits to the batch."""
    position: int
    batch_size: int


class Store(Protocol):
    """A store, as one thread of one process has it open; other threads and processes open their own.

    **Durable**: what a call that writes has done is on disk before it returns, and survives the end of the process
    and of the power. **All or nothing**: a call that raises has changed nothing. **Many at once**: any number of
    processes may call anything at the same time; each call sees all that calls that returned before it wrote.
    **Twice**: each method says what happens the second time. Every method may raise `StoreError`, which says that
    the store cannot be read or written, and what to do about it. Iterators read one state of the store, that of
    their first step, whatever is written meanwhile, and hold a batch of rows in memory at a time.
    **Erased**: what is about a person lies sealed under a key of its own. Where that is destroyed, in whatever process, a
    row is left out by everything that opens rows, and counted as ``gone``; nobody can tell what it said any more.
    Every method that seals or opens may raise ``VaultError``, and `StoreError` for a row that was changed.
    """

    @property
    def gone(self) -> int:
        """How many rows this store has left out since it was opened because their keys are destroyed."""
        ...

    def append(self, items: Sequence[Item]) -> Appended:
        """Accept items, in the given order. An item that was accepted before is counted as repeated and left alone.

        One about a conversation or person whose key is destroyed is not kept, and counted as gone.
        Raises `HistoryError` where an item's key was used with another payload, or its ``also`` with another
        ``bare``, before or within the call; it names which, and nothing of the call is kept.
        """
        ...

    def pending(self, limit: int) -> list[Pending]:
        """The first rows without an index, in the order in which they were accepted, and at most ``limit``.

        Everything is among them whose append had returned when the call began, whatever else was being appended.
        """
        ...

    def head(self) -> Head | None:
        """The head of the ledger; None in a workspace whose ledger was not started."""
        ...

    def start(self, head: Head) -> None:
        """Write the first head, of size 0. Raises `StoreError` where there is a head."""
        ...

    def assign(self, seqs: Sequence[int], first: int, at: Moment, old: Head, new: Head) -> None:
        """Give pending rows the indexes ``first``, ``first`` + 1, … and a time, and move the head from old to new.

        One transaction. Raises `LedgerError`, with nothing changed, where the head is not ``old`` any more (its size
        or root), or a row is not pending. ``first`` is ``old.size``, and ``new.size`` counts the rows.
        """
        ...

    def cosign(self, head: Head) -> None:
        """Replace the checkpoint of the head by that of ``head``. Nothing, where size or root have moved on."""
        ...

    def logged(self, start: int, stop: int) -> Iterator[Logged]:
        """The rows with ``start`` ≤ index < ``stop``, in the order of the index."""
        ...

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
        """The rows that fit all that is given, in the order of the index, and then the pending ones.

        ``account`` and ``conversation`` are those of the item; ``owner`` is an organisation, a hold or a record whose own
        rows are meant, in the place of an account. With ``since`` no rows with a smaller index than it, with ``below`` only
        those, and none that is pending. Rows that are gone are left out.
        """
        ...

    def page(
        self, kind: str, limit: int, *, since: int = 0, below: int | None = None, newest: bool = False
    ) -> Page:
        """At most ``limit`` rows of the ledger of one kind, an act or a hold, in the order of the index; no other is read.

        With ``since`` and ``below`` as in `opened`; with ``newest`` in reverse. Without both of the latter, those that are
        pending follow at the end, however many. Rows that are gone count, and are left out.
        """
        ...

    def events(self, below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the `EVENT_KINDS`, in batches: those with a smaller index, or, with None, all there are.

        Rows that are gone are left out.
        """
        ...

    def events_about(self, kind: str, names: Collection[str], below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events about some subjects of one kind (`troth.vault.handles.KINDS`), in batches.

        An event that names a conversation is about that, and not about its account. With ``below`` only those with a
        smaller index. Nothing about others is read; rows that are gone are left out.
        """
        ...

    def events_saying(self, records: Collection[str], below: int | None) -> Iterator[list[bytes]]:
        """The payloads of the events that say what some records are (``record.said``), in batches; else as above."""
        ...

    def intake(
        self,
        conversations: Iterable[tuple[str, str | None]],
        salts: Salts,
        batch: Callable[[list[bytes]], Item],
    ) -> int:
        """Commit to conversations (id, account) that have no live commitment yet; returns how many those were.

        They are committed to in the given order, at most 65,536 at a time: ``batch`` makes the item of kind
        ``intake`` from their commitments, and item and rows are written in one transaction of their own. A
        conversation that has a commitment keeps it, also where two processes take it in at once. One whose key is
        destroyed is passed over.
        """
        ...

    def conversation(self, conversation: str) -> Conversation | None:
        """The live commitment of a conversation, or None; None too where its key is destroyed."""
        ...

    def conversations_of(self, account: str) -> list[str]:
        """The conversations that were taken in as an account's, in the order of intake, without those that are gone."""
        ...

    def batch_commitments(self, batch: bytes, start: int = 0, stop: int | None = None) -> list[bytes]:
        """The commitments of an intake batch, from one position to before another; empty where there is no such batch."""
        ...

    def commitments(self, conversations: Sequence[str]) -> dict[str, bytes]:
        """The commitments of those of the conversations that have one, gone or not, until their rows are erased."""
        ...

    def add_lineage(self, item: Item, child: str, parents: Collection[str]) -> None:
        """Record that an artefact was made from others or from releases; item and rows in one transaction.

        The same parents again change nothing. Raises `StoreError` where the child is recorded with other parents,
        has none, or would become its own ancestor.
        """
        ...

    def descendants(self, names: Collection[str]) -> list[tuple[str, str]]:
        """Every (child, parent) on a way down from the names, over any depth, sorted."""
        ...

    def artefacts(self) -> list[tuple[str, str]]:
        """Every (child, parent), sorted."""
        ...

    def add_release(self, item: Item, manifest: str, folder: str) -> None:
        """Record a finished release: the digest of its manifest, and its folder. Again, it changes nothing."""
        ...

    def releases(self) -> list[tuple[str, str]]:
        """Every release (manifest, folder), in the order in which they were added."""
        ...

    def move_release(self, manifest: str, folder: str) -> None:
        """Say where a release lies now. Raises `StoreError` where it was never added."""
        ...

    def erase_rows(self, marks: Collection[bytes] | None) -> int:
        """Remove what rows say of conversations and persons whose keys are destroyed; returns how many rows.

        ``marks`` (``Handles.mark``) name the conversations, accounts, organisations, holds and records whose rows are
        looked at; None looks at every row, which takes as long as reading the store. Body, salt, names and the key by
        which it is known again go; index, time, kind and commitment stay, so that the ledger can be mended. A row whose
        key lives is left alone. In one transaction for each 10,000 rows: interrupted, it is done again.
        """
        ...

    def used_slots(self) -> int:
        """How many slots must have been given out, by what was accepted: with fewer, the key database is an older one."""
        ...

    def reseal(self, slots: Mapping[str, int], going: Callable[[Collection[str]], Collection[str]]) -> None:
        """Seal what is recorded of some conversations anew, under the slots that these have now: one transaction.

        Of an event that says what a record is, ``going`` tells whether the record goes; then it stays as it is. What is
        under a new slot already stays too, so that it can be done again. Raises `StoreError` for a row that was changed.
        """
        ...

    def names_of(self, marks: Collection[bytes]) -> list[str]:
        """The names of those of some conversations (``Handles.mark``) that were committed to and are not gone."""
        ...

    def writer_lock(self) -> AbstractContextManager[bool]:
        """The lock of the ledger's writer: True, and ours to the end of the context; False where another has it.

        It never waits. It is let go when its holder ends, however that ends.
        """
        ...

    def stamp(self) -> int | None:
        """Another number whenever somebody else has written; None where that cannot be told, and `news` must be asked."""
        ...

    def news(self, seen: Seen | None, now: float) -> News:
        """What was accepted since ``seen``; with None everything. ``now``: seconds of a clock that never goes back."""
        ...

    def mark(self, subject: Subject) -> bytes:
        """What stands for a name in `News`."""
        ...

    def close(self) -> None:
        """Close the store. A second time it does nothing."""
        ...
