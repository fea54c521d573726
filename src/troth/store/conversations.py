"""Commitments to conversations: made in batches at intake, one live one for each conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from troth.errors import StoreError
from troth.proof.entry import commit_conversation
from troth.proof.payloads import LARGEST_BATCH
from troth.store.engine import Engine
from troth.store.interface import Conversation, Item, Salts
from troth.store.names import bytes_of, name_bytes

LOOKED_UP_AT_ONCE = 10_000


def intake(
    engine: Engine,
    conversations: Iterable[tuple[str, str | None]],
    salts: Salts,
    batch: Callable[[list[bytes]], Item],
) -> int:
    """Commit to those conversations that have no commitment, at most `LARGEST_BATCH` in one transaction."""
    unknown = _without_commitment(engine, conversations)
    made = 0
    while pairs := list(islice(unknown, LARGEST_BATCH)):
        some: dict[str, str | None] = {}
        for name, account in pairs:
            some.setdefault(name, account)
        made += _commit_to(engine, some, salts, batch)
    return made


def _without_commitment(
    engine: Engine, conversations: Iterable[tuple[str, str | None]]
) -> Iterator[tuple[str, str | None]]:
    """Looked up before the transaction, so that few new ones among many known ones still make one batch."""
    source = iter(conversations)
    while some := list(islice(source, LOOKED_UP_AT_ONCE)):
        known = commitments(engine, [name for name, _ in some])
        yield from (pair for pair in some if pair[0] not in known)


def _commit_to(
    engine: Engine, some: dict[str, str | None], salts: Salts, batch: Callable[[list[bytes]], Item]
) -> int:
    with engine.writing("intake"):
        known = commitments(engine, list(some))  # another process may have been faster
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
        engine.add_conversations([
            (first + at, name_bytes(name), bytes_of(account), salt, commitment)
            for at, ((name, account), salt, commitment) in enumerate(zip(new, drawn, made, strict=True))
        ])  # fmt: skip
        return len(new)


def conversation(engine: Engine, name: str) -> Conversation | None:
    """The live commitment of a conversation, with its batch."""
    found = engine.conversation(name_bytes(name))
    if found is None:
        return None
    number, _, account, salt, commitment = found
    sql = "SELECT first, size, key FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
    ((first, size, key),) = engine.rows(sql, (number,))
    owner = None if account is None else account.decode()
    return Conversation(name, owner, salt, commitment, key, number - first, size)


def batch_commitments(engine: Engine, batch: bytes) -> list[bytes]:
    """The commitments of a batch, by position."""
    sql = (
        "SELECT c.commitment FROM batch b JOIN conversation c"
        " ON c.number >= b.first AND c.number < b.first + b.size WHERE b.key = ? ORDER BY c.number"
    )
    return [commitment for (commitment,) in engine.rows(sql, (batch,))]


def commitments(engine: Engine, names: Sequence[str]) -> dict[str, bytes]:
    """The commitments of those of the conversations that have one."""
    found: dict[str, bytes] = {}
    for at in range(0, len(names), LOOKED_UP_AT_ONCE):
        asked = [name_bytes(name) for name in names[at : at + LOOKED_UP_AT_ONCE]]
        found.update((name.decode(), commitment) for name, commitment in engine.find_conversations(asked))
    return found
