"""The rows of events about some subjects, by what stands for their names: without reading what is about others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from troth.store.engine import ERASED_AT_ONCE, ROWS_AT_ONCE, SLOT_BYTES, Engine, Row
from troth.store.schema import EVENTS

T = TypeVar("T")

_SLOT = f"substr(i.payload, 1, {SLOT_BYTES})"
_BODY = "i.payload, i.key"


def slots_about(engine: Engine, names: Sequence[bytes]) -> Iterator[list[Row]]:
    """(row, first bytes of the payload) of the events about some subjects, in batches; no bytes where they are erased."""
    for some in cut(names, ERASED_AT_ONCE):
        asked = set(some)
        for seqs in cut(engine.items_about(some), ERASED_AT_ONCE):
            yield [row[:2] for row in _events(engine, f"i.seq, {_SLOT}", seqs) if row[-2] in asked]


def sealed_about(engine: Engine, names: Sequence[bytes]) -> Iterator[list[Row]]:
    """(row, payload, salt, key, name) of the events about some subjects, in batches."""
    for some in cut(names, ERASED_AT_ONCE):
        asked = set(some)
        for seqs in cut(engine.items_about(some), ROWS_AT_ONCE):
            rows = _events(engine, "i.seq, i.payload, i.salt, i.key", seqs)
            yield [row[:5] for row in rows if row[-2] in asked]


def bodies_about(engine: Engine, names: Sequence[bytes], below: int | None) -> Iterator[list[Row]]:
    """(payload, key) of the events about some subjects, in batches; with ``below``, of those with a smaller index."""
    for some in cut(names, ERASED_AT_ONCE):
        asked = set(some)
        for seqs in cut(engine.items_about(some), ROWS_AT_ONCE):
            rows = (row for row in _events(engine, _BODY, seqs) if row[-2] in asked)
            yield [row[:2] for row in rows if _is_below(row[-1], below)]


def bodies_saying(engine: Engine, also: Sequence[bytes], below: int | None) -> Iterator[list[Row]]:
    """The same of the events that say something of one of some things."""
    for some in cut(also, ERASED_AT_ONCE):
        for seqs in cut(engine.items_saying(some), ROWS_AT_ONCE):
            yield [row[:2] for row in _events(engine, _BODY, seqs) if _is_below(row[-1], below)]


def _events(engine: Engine, columns: str, seqs: Sequence[int]) -> list[Row]:
    """Columns of those of some items that are events; then what stands for whom they are about, and their index."""
    chosen, parameters = engine.among("i.seq", seqs)
    sql = (
        f"SELECT {columns}, coalesce(i.conversation, i.account), e.idx FROM item i LEFT JOIN entry e ON e.seq = i.seq"
        f" WHERE {chosen} AND i.kind IN ({EVENTS})"
    )
    return engine.rows(sql, parameters)


def _is_below(index: int | None, below: int | None) -> bool:
    return below is None or (index is not None and index < below)


def cut(some: Collection[T], size: int) -> Iterator[list[T]]:
    """The same in pieces of a size, each value once."""
    every = list(dict.fromkeys(some))
    return (every[at : at + size] for at in range(0, len(every), size))
