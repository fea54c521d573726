"""Stores for the tests, and what they put into them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.proof.entry import commit
from troth.store.event_items import event_items
from troth.store.interface import Head, Item, Store
from troth.store.open import open_store
from troth.store.salts import fresh_salts

NOON = 1_757_505_600_000_000


@dataclass(slots=True)
class World:
    """Where a store is, and the stores that were opened there."""

    url: str
    folder: Path
    opened: list[Store] = field(default_factory=list)

    def open(self) -> Store:
        store = open_store(self.url, self.folder)
        self.opened.append(store)
        return store

    def close(self) -> None:
        for store in self.opened:
            store.close()


def event(**fields: object) -> Event:
    return read_event({"at": "2025-09-05T10:00:00Z", **fields}, Place("test"))


def choice(number: int, account: str = "ada", **fields: object) -> Event:
    given = {"event": "choice.made", "choice": "improve_models", "value": "granted", "id": f"e{number}"}
    return event(**{**given, "account": account, **fields})


def said(record: str, **fields: object) -> Event:
    return event(event="record.said", record=record, conversation="c1", account="ada", **fields)


def items(*events: Event) -> list[Item]:
    return event_items(events, fresh_salts)


def choices(numbers: Sequence[int]) -> list[Item]:
    return items(*(choice(number) for number in numbers))


def act(kind: str, content: str) -> Item:
    """An item that is no event."""
    payload = b'{"act":"%b"}' % content.encode()
    (salt,) = fresh_salts(1)
    return Item(hashlib.sha256(payload).digest(), kind, payload, salt, commit(salt, payload))


def batch(commitments: list[bytes]) -> Item:
    return act("intake", hashlib.sha256(b"".join(commitments)).hexdigest())


def head(size: int, mark: int = 0, at: int = NOON) -> Head:
    """Some head of a ledger of a size."""
    root = hashlib.sha256(b"%d %d" % (size, mark)).digest()
    return Head(size, root, b"checkpoint %d %d" % (size, mark), at)


def started(world: World) -> Store:
    """A store whose ledger has begun."""
    store = world.open()
    store.start(head(0))
    return store


def log_all(store: Store, at: int = NOON, limit: int = 1000) -> None:
    """Give everything that is pending its place."""
    old = store.head()
    assert old is not None
    rows = store.pending(limit)
    store.assign([row.seq for row in rows], old.size, at, old, head(old.size + len(rows), at=at))
