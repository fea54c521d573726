"""Stores for the tests, and what they put into them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.proof.entry import commit
from troth.store.event_items import event_items
from troth.store.interface import Head, Item, Store
from troth.store.open import open_engine, open_store
from troth.store.salts import fresh_salts
from troth.store.tables import TableStore
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring, create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper

NOON = 1_757_505_600_000_000


def keepers(folder: Path) -> list[LocalKeeper]:
    return [LocalKeeper(folder / "vault" / "root", lambda: NOON)]


@contextmanager
def open_keys(folder: Path) -> Iterator[tuple[Keyring, Handles]]:
    """The keyring and the handles of a world that has them."""
    with closing(open_keyring(folder / "vault", keepers(folder))) as keyring:
        yield keyring, Handles(keyring, folder / "vault")


@contextmanager
def open_world(url: str, folder: Path) -> Iterator[Store]:
    """The store of a world: sealed where there are keys, and otherwise the tables that stand below it."""
    if not (folder / "vault").exists():
        with closing(TableStore(open_engine(url, folder))) as tables:
            yield tables  # type: ignore[misc]
        return
    with open_keys(folder) as keys, closing(open_store(url, folder, *keys)) as store:
        yield store


@dataclass(slots=True)
class World:
    """Where a store is, and the stores that were opened there."""

    url: str
    folder: Path
    opened: ExitStack = field(default_factory=ExitStack)

    def sealed(self) -> World:
        """The same with a keyring: what is opened from now on is sealed."""
        create_keyring(self.folder / "vault", keepers(self.folder))
        return self

    def open(self) -> Store:
        return self.opened.enter_context(open_world(self.url, self.folder))

    def keys(self) -> tuple[Keyring, Handles]:
        return self.opened.enter_context(open_keys(self.folder))

    def close(self) -> None:
        self.opened.close()


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
