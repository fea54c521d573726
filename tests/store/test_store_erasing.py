"""Erasing many at once leaves, byte for byte, the rows that erasing one after the other leaves; and nothing else changes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from store_worlds import World, batch, choice, event, items, log_all, said, started
from test_store_sealed import destroy, mark, payloads, rows

from troth.errors import StoreError
from troth.history.event import Event
from troth.store import about
from troth.store.interface import Store
from troth.store.salts import fresh_salts

Name = tuple[str, str]
ACCOUNTS, TALKS, RECORDS = ("ada", "ben", "eve"), tuple(f"talk-{n}" for n in range(6)), ("r0", "r1", "r2")
EVERYBODY: tuple[Name, ...] = (
    *(("account", name) for name in ACCOUNTS),
    *(("conversation", name) for name in TALKS),
    *(("record", name) for name in RECORDS),
    ("organisation", "firm"),
    ("hold", "case"),
)
COLUMNS = {
    "item": "seq, key, kind, salt, commitment, account, conversation, payload",
    "conversation": "number, name, account, salt, commitment",
    "said": "seq, also, bare",
}


def some_event(rng: random.Random, number: int) -> Event:
    who, talk, record = rng.choice(ACCOUNTS), rng.choice(TALKS), rng.choice(RECORDS)
    return rng.choice(
        (
            lambda: choice(number, who),
            lambda: event(event="conversation.flagged", conversation=talk, id=f"f{number}"),
            lambda: event(event="conversation.joined", conversation=talk, account=who, id=f"j{number}"),
            lambda: event(event="record.deleted", record=record, id=f"d{number}"),
            lambda: said(f"said-{number}", id=f"s{number}"),
            lambda: event(event="organisation.changed", organisation="firm", plan="team", id=f"o{number}"),
            lambda: event(event="hold.placed", hold="case", accounts=[who], id=f"h{number}"),
        )
    )()


def random_store(world: World, rng: random.Random) -> Store:
    """Events that are logged, conversations, and events that are pending."""
    store = started(world)
    store.append(items(*(some_event(rng, number) for number in range(rng.randint(0, 60)))))
    store.intake(
        [(name, rng.choice((*ACCOUNTS, None))) for name in TALKS if rng.random() < 0.7], fresh_salts, batch
    )
    log_all(store)
    store.append(items(*(some_event(rng, number) for number in range(100, 100 + rng.randint(0, 8)))))
    return store


def contents(world: World) -> dict[str, list[tuple[Any, ...]]]:
    with rows(world) as run:
        return {
            table: [
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                for row in run(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
            ]
            for table, columns in COLUMNS.items()
        }


def put_back(world: World, before: dict[str, list[tuple[Any, ...]]]) -> None:
    with rows(world) as run:
        for table, columns in COLUMNS.items():
            run(f"DELETE FROM {table}")
            places = ", ".join("?" * len(columns.split(", ")))
            for row in before[table]:
                run(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)


def expected(
    world: World, before: dict[str, list[tuple[Any, ...]]], asked: Sequence[Name]
) -> dict[str, list[tuple[Any, ...]]]:
    """What must be left, row by row, by what a row says of itself alone."""
    keyring, _ = world.keys()
    names = {mark(world, *one)[:16].hex().encode() for one in asked}

    def dead(sealed: bytes) -> bool:
        return bool(sealed) and keyring.keys([int.from_bytes(sealed[:8])]) == [None]

    def item(row: tuple[Any, ...]) -> tuple[Any, ...]:
        seq, _, kind, _, commitment, account, talk, payload = row
        if kind == "intake" or (talk or account) not in names or not dead(payload):
            return row
        return seq, f"erased {seq}".encode(), kind, b"", commitment, None, None, b""

    def conversation(row: tuple[Any, ...]) -> tuple[Any, ...]:
        number, name, _, salt, commitment = row
        if name not in names or not dead(salt):
            return row
        return number, f"erased {number}".encode(), None, b"", commitment

    items_left = [item(row) for row in before["item"]]
    emptied = {row[0] for row in items_left if row[7] == b""}
    return {
        "item": items_left,
        "conversation": [conversation(row) for row in before["conversation"]],
        "said": [row for row in before["said"] if row[0] not in emptied],
    }


@pytest.mark.parametrize("seed", range(5))
def test_many_at_once_is_one_after_the_other(
    sealed: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    store = random_store(sealed, rng)
    for kind, name in rng.sample(EVERYBODY, rng.randint(0, 8)):
        destroy(sealed, kind, name)
    asked = rng.sample(EVERYBODY, rng.randint(0, len(EVERYBODY)))
    marks = [mark(sealed, *one) for one in asked]
    before = contents(sealed)
    left = expected(sealed, before, asked)
    for module in ("about", "sealed"):  # some rows at a time, whatever the number
        monkeypatch.setattr(f"troth.store.{module}.ERASED_AT_ONCE", rng.choice((1, 3, 10_000)))

    erased = store.erase_rows(marks)

    assert contents(sealed) == left
    assert erased == sum(
        a != b for table in ("item", "conversation") for a, b in zip(before[table], left[table], strict=True)
    )
    assert store.erase_rows(marks) == 0
    put_back(sealed, before)
    assert sum(store.erase_rows([one]) for one in marks) == erased
    assert contents(sealed) == left
    put_back(sealed, before)
    store.erase_rows(None)
    assert contents(sealed) == expected(sealed, before, EVERYBODY)


def test_an_error_in_the_middle_leaves_whole_batches_and_the_rest_for_the_next_time(
    sealed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = started(sealed)
    store.append(items(*(choice(number) for number in range(40))))
    destroy(sealed, "account", "ada")
    monkeypatch.setattr(about, "ERASED_AT_ONCE", 10)
    real, calls = type(store._engine).erase_items, []  # type: ignore[attr-defined]

    def failing(engine: Any, seqs: Sequence[int]) -> None:
        real(engine, seqs)
        calls.append(seqs)
        if len(calls) == 3:
            raise StoreError("the disk is full", remedy="make room")

    monkeypatch.setattr(type(store._engine), "erase_items", failing)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="the disk is full"):
        store.erase_rows([mark(sealed, "account", "ada")])
    emptied = [row for row in contents(sealed)["item"] if row[7] == b""]
    assert len(emptied) == 20
    assert store.erase_rows([mark(sealed, "account", "ada")]) == 20
    assert payloads(store) == []


# --- reading what is about some ---------------------------------------------------------------------------------------


def told(batches: Iterator[list[bytes]]) -> list[bytes]:
    return sorted(payload for some in batches for payload in some)


@pytest.mark.parametrize("seed", range(3))
def test_the_events_about_some_are_exactly_theirs(sealed: World, seed: int) -> None:
    rng = random.Random(seed)
    store = random_store(sealed, rng)
    head = store.head()
    assert head is not None
    for below in (None, head.size // 2):
        every = told(store.events(below))
        for kind, field in (
            ("conversation", "conversation"),
            ("account", "account"),
            ("record", "record"),
            ("hold", "hold"),
        ):
            names = [name for one, name in EVERYBODY if one == kind and rng.random() < 0.6]
            wanted = [one for one in every if any(f'"{field}":"{name}"'.encode() in one for name in names)]
            if kind != "conversation":  # what names a conversation is about that
                wanted = [one for one in wanted if b'"conversation":"' not in one]
            assert told(store.events_about(kind, names, below)) == wanted


def test_what_says_a_record_is_found_by_the_record(sealed: World) -> None:
    store = started(sealed)
    store.append(items(*(said(f"r{number}") for number in range(20))))
    log_all(store)
    store.append(items(said("r99")))

    assert [b'"record":"r7"' in one for one in told(store.events_saying(["r7", "none"], None))] == [True]
    assert told(store.events_saying(["r99"], 20)) == []
    assert len(told(store.events_saying(["r99"], None))) == 1
    destroy(sealed, "conversation", "c1")
    assert told(store.events_saying(["r7"], None)) == []


def test_rows_from_an_index_on(world: World) -> None:
    store = started(world)
    given = items(*(choice(number) for number in range(10)))
    store.append(given[:8])
    log_all(store)
    store.append(given[8:])

    assert [row.index for row in store.opened(since=3, below=6)] == [3, 4, 5]
    assert [row.index for row in store.opened(since=6)] == [6, 7, None, None]
    assert [row.index for row in store.opened(account="ada", since=6)] == [6, 7, None, None]
    assert [row.index for row in store.opened(kinds=("choice",), account="ada", since=5, below=7)] == [5, 6]
    assert list(store.opened(kinds=("hold",), since=0)) == []
