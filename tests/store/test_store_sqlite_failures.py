"""SQLite files that are damaged, foreign, full, locked or not ours to write."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from store_worlds import World, choices, started
from store_writers import append_until_full, at_once

import troth.store.sqlite as engine
from troth.errors import StoreError
from troth.store.interface import Appended, Store
from troth.store.open import open_engine


def connection_of(store: Store) -> sqlite3.Connection:
    found: sqlite3.Connection = store._engine._connection  # type: ignore[attr-defined]
    return found


def one_line(told: pytest.ExceptionInfo[StoreError]) -> str:
    assert told.value.remedy
    assert "\n" not in str(told.value)
    return str(told.value)


def test_the_file_is_for_its_owner_alone_and_durable(sqlite: World) -> None:
    store = sqlite.open()

    assert stat.S_IMODE((sqlite.folder / "store.db").stat().st_mode) == 0o600
    connection = connection_of(store)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_full_disk_is_told_nothing_is_acknowledged_and_the_store_opens_again(sqlite: World) -> None:
    store = started(sqlite)
    store.append(choices(range(10)))
    connection = connection_of(store)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    with pytest.raises(StoreError, match="the disk is full") as told:
        store.append(choices(range(10, 1_000)))

    assert "make room" in one_line(told)
    assert len(store.pending(2_000)) == 10
    connection.execute("PRAGMA max_page_count = 1000000")
    assert store.append(choices(range(1_000))) == Appended(990, 10)
    assert len(sqlite.open().pending(2_000)) == 1_000


def test_a_file_that_may_not_grow_is_told_and_nothing_is_acknowledged(sqlite: World) -> None:
    sqlite.open().append(choices(range(10)))

    ((acknowledged, told),) = at_once(sqlite.url, sqlite.folder, append_until_full, 1)

    assert "the disk" in told
    assert "\n" not in told
    store = sqlite.open()
    assert len(store.pending(20_000)) == 10 + acknowledged
    assert store.append(choices(range(10_000))) == Appended(9_990 - acknowledged, 10 + acknowledged)


def test_a_file_that_is_no_store_is_named(sqlite: World) -> None:
    (sqlite.folder / "store.db").write_bytes(b"not a database, but long enough to be one" * 100)

    with pytest.raises(StoreError, match="this is not a store") as told:
        sqlite.open()

    assert "store.db" in one_line(told)


def test_another_database_is_no_store(sqlite: World) -> None:
    with sqlite3.connect(sqlite.folder / "store.db") as other:
        other.execute("CREATE TABLE cookies (taste text)")
    other.close()

    with pytest.raises(StoreError, match="is version None"):
        sqlite.open()


@pytest.mark.parametrize(("version", "remedy"), [(1, "run troth migrate"), (3, "use the version of Troth")])
def test_a_layout_of_another_version_is_not_opened(sqlite: World, version: int, remedy: str) -> None:
    sqlite.open()
    with sqlite3.connect(sqlite.folder / "store.db") as other:
        other.execute("UPDATE layout SET version = ?", (version,))
    other.close()

    with pytest.raises(StoreError, match=f"layout of this store is version {version}, and not 2") as told:
        sqlite.open()

    assert remedy in one_line(told)


def test_a_damaged_page_is_told_in_one_line(sqlite: World) -> None:
    store = started(sqlite)
    store.append(choices(range(2_000)))
    store.close()
    file = sqlite.folder / "store.db"
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)

    with pytest.raises(StoreError, match="damaged") as told:
        list(sqlite.open().opened())

    assert "restore the store from a backup" in one_line(told)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened") as told:
        open_engine("sqlite", tmp_path / "nowhere")

    assert "check its path" in one_line(told)


def test_a_store_that_another_process_keeps_to_itself_is_told(
    sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0.1)
    store, other = sqlite.open(), sqlite.open()
    connection_of(other).execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another process keeps the store to itself") as told:
        store.append(choices([1]))

    assert "wait" in one_line(told)
    connection_of(other).execute("ROLLBACK")
    assert store.append(choices([1])) == Appended(1, 0)


def test_a_store_that_may_not_be_written_is_told(sqlite: World) -> None:
    store = sqlite.open()
    connection_of(store).execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError, match="cannot be written"):
        store.append(choices([1]))


def test_a_store_of_another_thread_is_refused(sqlite: World) -> None:
    store = sqlite.open()
    found: list[str] = []

    def use() -> None:
        try:
            store.append(choices([1]))
        except StoreError as problem:
            found.append(str(problem))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()

    assert "opened by another thread" in found[0]
    assert store.pending(1) == []


def test_an_append_that_fails_half_way_forgets_what_it_had_indexed(
    sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = sqlite.open()
    store.append(choices(range(5)))
    keys = store._engine._keys  # type: ignore[attr-defined]
    real = keys.add

    def fail(*given: object) -> None:
        real(*given)
        raise sqlite3.OperationalError("in the middle")

    monkeypatch.setattr(keys, "add", fail)
    with pytest.raises(StoreError, match="in the middle"):
        store.append(choices(range(5, 10)))
    monkeypatch.undo()
    assert sqlite.open().append(choices(range(20, 23))) == Appended(3, 0)

    assert store.append(choices(range(20, 23))) == Appended(0, 3)
    assert store.append(choices(range(10))) == Appended(5, 5)


def test_any_damage_to_the_schema_is_told_in_one_line(sqlite: World) -> None:
    """SQLite says damaged names in its messages, also where they are no text any more."""
    started(sqlite).close()
    path = sqlite.folder / "store.db"
    good = path.read_bytes()
    names = [place for place in range(len(good)) if good.startswith(b"CREATE TABLE", place)]
    for place in names[:6]:
        path.write_bytes(good[: place + 8] + b"\xff\xfe" + good[place + 10 :])
        with pytest.raises(StoreError) as told:
            open_engine("sqlite", sqlite.folder)
        one_line(told)
    path.write_bytes(good)
    open_engine("sqlite", sqlite.folder).close()
