"""Commitments to conversations: made in batches at intake, one live one for each conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from troth.errors import StoreError
from troth.proof.entry import commit_conversation
from troth.proof.payloads import LARGEST_BATCH
from troth.store.engine import Engine, Row
from troth.store.interface import Conversation, Item, Salts

LOOKED_UP_AT_ONCE = 10_000


class Form(Protocol):
    """How a conversation is written into its row."""

    def name(self, conversation: str) -> bytes:
        """What stands for its name in the table. Raises `StoreError` for a name that is no text."""
        ...

    def rows(self, first: int, taken: Sequence[tuple[str, str | None]], salts: Sequence[bytes]) -> list[Row]:
        """(number, name, account, salt) of conversations with an account each, numbered from ``first``."""
        ...

    def read(self, row: Row) -> tuple[str | None, bytes] | None:
        """The account and the salt of a row of `Engine.conversation`; None where nothing opens it any more."""
        ...


def intake(
    engine: Engine,
    conversations: Iterable[tuple[str, str | None]],
    salts: Salts,
    batch: Callable[[list[bytes]], Item],
    form: Form,
) -> int:
    """Commit to those conversations that have no commitment, at most `LARGEST_BATCH` in one transaction."""
    unknown = _without_commitment(engine, conversations, form)
    made = 0
    while pairs := list(islice(unknown, LARGEST_BATCH)):
        some: dict[str, str | None] = {}
        for name, account in pairs:
            some.setdefault(name, account)
        made += _commit_to(engine, some, salts, batch, form)
    return made


def _without_commitment(
    engine: Engine, conversations: Iterable[tuple[str, str | None]], form: Form
) -> Iterator[tuple[str, str | None]]:
    """Looked up before the transaction, so that few new ones among many known ones still make one batch."""
    source = iter(conversations)
    while some := list(islice(source, LOOKED_UP_AT_ONCE)):
        known = commitments(engine, [name for name, _ in some], form)
        yield from (pair for pair in some if pair[0] not in known)


def _commit_to(
    engine: Engine,
    some: dict[str, str | None],
    salts: Salts,
    batch: Callable[[list[bytes]], Item],
    form: Form,
) -> int:
    with engine.writing("intake"):
        known = commitments(engine, list(some), form)  # another process may have been faster
        new = [(name, account) for name, account in some.items() if name not in known]
        if not new:
            return 0
        drawn = salts(len(new))
        made = [commit_conversation(salt, name) for salt, (name, _) in zip(drawn, new, strict=True)]
        item = batch(made)
        if engine.accept([item]) != 1:
            raise StoreError(
                "this intake batch was accepted before", remedy="draw fresh salts, and try again"
            )
        ((first,),) = engine.rows("SELECT coalesce(max(first + size), 0) FROM batch")
        engine.change("INSERT INTO batch (first, size, key) VALUES (?, ?, ?)", (first, len(new), item.key))
        rows = form.rows(first, new, drawn)
        engine.add_conversations([(*row, commitment) for row, commitment in zip(rows, made, strict=True)])
        return len(new)


def conversation(engine: Engine, name: str, form: Form) -> Conversation | None:
    """The live commitment of a conversation, with its batch."""
    found = engine.conversation(form.name(name))
    opened = None if found is None else form.read(found)
    if found is None or opened is None:
        return None
    number, commitment = found[0], found[4]
    sql = "SELECT first, size, key FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
    ((first, size, key),) = engine.rows(sql, (number,))
    return Conversation(name, *opened, commitment, key, number - first, size)


def batch_commitments(engine: Engine, batch: bytes, start: int, stop: int | None) -> list[bytes]:
    """The commitments of a batch, by position."""
    found = engine.rows("SELECT first, size FROM batch WHERE key = ?", (batch,))
    if not found:
        return []
    ((first, size),) = found
    end = size if stop is None else min(stop, size)
    sql = "SELECT commitment FROM conversation WHERE number >= ? AND number < ? ORDER BY number"
    return [commitment for (commitment,) in engine.rows(sql, (first + start, first + end))]


def commitments(engine: Engine, names: Sequence[str], form: Form) -> dict[str, bytes]:
    """The commitments of those of the conversations that have one."""
    found: dict[str, bytes] = {}
    for at in range(0, len(names), LOOKED_UP_AT_ONCE):
        asked = {form.name(name): name for name in names[at : at + LOOKED_UP_AT_ONCE]}
        found.update((asked[name], commitment) for name, commitment in engine.find_conversations(list(asked)))
    return found
