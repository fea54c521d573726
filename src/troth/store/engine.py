"""What the two databases do each in their own way; all else of a store is the same SQL (`troth.store.tables`)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from troth.store.interface import Item
from troth.types.moment import Moment

Row = tuple[Any, ...]
Query = tuple[str, Sequence[Any]]
"""SQL with a ``?`` for each parameter, and the parameters."""

ROWS_AT_ONCE = 2_000
"""How many rows of a stream are in memory at a time."""
ERASED_AT_ONCE = 10_000
"""How many rows are looked at, and emptied in one transaction, at a time."""
SLOT_BYTES = 8
"""Bytes before what is sealed in a row that name its slot, the highest first."""


class Engine(Protocol):
    """An open database. Every method may raise `StoreError`."""

    def writing(self, alone: str = "", beside: str = "") -> AbstractContextManager[None]:
        """A transaction: durable when the context ends, undone when it is left by an exception.

        With ``alone`` no other transaction that gives this name runs at the same time; with ``beside`` none that gives it
        as ``alone``.
        """
        ...

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        ...

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement within `writing`; returns how many rows it changed."""
        ...

    def change_each(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of some rows of parameters within `writing`."""
        ...

    def among(self, column: str, values: Sequence[str] | Sequence[int]) -> Query:
        """A condition: the column has one of the values."""
        ...

    def stream(self, queries: Sequence[Query]) -> Generator[list[Row], None, None]:
        """The rows of one query after the other, in batches, all of one state of the database."""
        ...

    def accept(self, items: Sequence[Item]) -> int:
        """Write items within `writing`; returns how many were new. Raises `HistoryError` for a clash."""
        ...

    def place(self, seqs: Sequence[int], first: int, at: Moment) -> bool:
        """Make entries of pending rows within `writing`; False where they are not all pending."""
        ...

    def places(self, account: bytes | None, conversation: bytes | None, key: bytes | None) -> list[Row]:
        """(idx, at, seq) of the items that fit all that is given, in no order; idx and at None while pending."""
        ...

    def find_conversations(self, names: Sequence[bytes]) -> list[Row]:
        """(name, commitment) of those of the conversations that have a commitment."""
        ...

    def conversation(self, name: bytes) -> Row | None:
        """(number, name, account, salt, commitment) of a conversation."""
        ...

    def conversations_of(self, account: bytes) -> list[Row]:
        """(number, name, salt) of the conversations of an account, in no order."""
        ...

    def add_conversations(self, rows: Sequence[Row]) -> None:
        """Write rows (number, name, account, salt, commitment) within `writing`."""
        ...

    def items_about(self, names: Sequence[bytes]) -> list[int]:
        """The rows of items about conversations, or about others and no conversation, of these names; in no order.

        There may be rows among them that are about others: `troth.store.about` leaves these out.
        """
        ...

    def items_saying(self, also: Sequence[bytes]) -> list[int]:
        """The rows of items that say something of one of these things, in no order."""
        ...

    def conversations_named(self, names: Sequence[bytes]) -> list[Row]:
        """(number, name, salt) of those of some conversations that have a row."""
        ...

    def erase_items(self, seqs: Sequence[int]) -> None:
        """Empty items within `writing`: payload, salt, key and names, and what was said of them."""
        ...

    def erase_conversations(self, numbers: Sequence[int]) -> None:
        """Empty rows of conversations within `writing`: salt and names. Their commitments stay."""
        ...

    def stamp(self) -> int | None:
        """Another number whenever another connection has committed; None where the database tells no such number."""
        ...

    def writer_lock(self) -> AbstractContextManager[bool]:
        """As `troth.store.interface.Store.writer_lock`."""
        ...

    def close(self) -> None:
        """Close the database."""
        ...
