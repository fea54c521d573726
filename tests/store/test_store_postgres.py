"""What is particular to PostgreSQL."""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from store_worlds import World, choices, items, log_all, said, started

from troth.errors import HistoryError, StoreError
from troth.store.interface import Appended
from troth.store.open import open_engine
from troth.store.postgres import place_of


@contextmanager
def session(world: World) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("SET search_path TO troth")
        yield connection


def test_a_row_committed_late_is_pending_before_those_that_overtook_it(postgres: World) -> None:
    store = started(postgres)
    slow, fast = choices([1, 2])
    engine = store._engine  # type: ignore[attr-defined]
    with engine.writing():
        engine.accept([slow])
        other = postgres.open()
        other.append([fast])
        assert [row.commitment for row in other.pending(9)] == [fast.commitment]
        log_all(other)

    assert [row.commitment for row in store.pending(9)] == [slow.commitment]
    log_all(store)
    assert [one.commitment for one in store.logged(0, 9)] == [fast.commitment, slow.commitment]
    assert store.pending(9) == []


def test_a_key_in_flight_is_waited_for(postgres: World) -> None:
    store, other = postgres.open(), postgres.open()
    engine = store._engine  # type: ignore[attr-defined]
    found: list[object] = []

    def append() -> None:
        try:
            found.append(other.append(items(said("r1", id="b", role="assistant"))))
        except HistoryError as problem:
            found.append(problem)

    thread = threading.Thread(target=append)
    with engine.writing():
        engine.accept(items(said("r1", id="a")))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert found == []
    thread.join()

    assert isinstance(found[0], HistoryError)
    assert len(store.pending(9)) == 1


def test_calls_with_the_same_keys_wait_for_one_another_and_never_in_a_circle(postgres: World) -> None:
    store, other = postgres.open(), postgres.open()
    low, high = sorted(choices([1, 2]), key=lambda item: item.key)
    engine = store._engine  # type: ignore[attr-defined]
    found: list[object] = []

    def append() -> None:
        try:
            found.append(other.append([high, low]))
        except StoreError as problem:
            found.append(problem)

    thread = threading.Thread(target=append)
    with engine.writing():
        engine.accept([low])
        thread.start()
        thread.join(0.3)
        engine.accept([high])
    thread.join()

    assert found == [Appended(0, 2)]


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "psycopg" or name.startswith("psycopg."):
            raise ImportError(name)
        return real(name, *rest)

    for name in [name for name in sys.modules if name.startswith("troth.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(StoreError, match=r"pip install 'troth\[postgres\]'"):
        open_engine("postgresql://127.0.0.1/none", tmp_path)


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="pip install 'troth[postgres]'")
    with pytest.raises(StoreError, match="does not answer") as told:
        open_engine("postgresql://me:secret@127.0.0.1:1/none", tmp_path)

    assert "127.0.0.1/none" in str(told.value)
    assert "secret" not in str(told.value)
    assert place_of("postgresql://[") == "postgresql://"


def test_another_kind_of_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store of the kind 'mysql://x'"):
        open_engine("mysql://x", tmp_path)


def test_a_layout_of_another_version_is_not_opened(postgres: World) -> None:
    postgres.open()
    with session(postgres) as connection:
        connection.execute("UPDATE layout SET version = 99")

    with pytest.raises(StoreError, match="layout of this store is version 99"):
        postgres.open()


def test_a_session_is_held_to_durability(postgres: World) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off").format(database))
        try:
            engine = postgres.open()._engine  # type: ignore[attr-defined]
            assert engine.rows("SELECT current_setting('synchronous_commit')") == [("on",)]
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} RESET synchronous_commit").format(database))


def test_a_session_that_the_server_ends_is_told_and_nothing_is_kept_of_the_call(postgres: World) -> None:
    store = postgres.open()
    store.append(choices([1]))
    with session(postgres) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )

    with pytest.raises(StoreError, match="what was kept is not doubled"):
        store.append(choices([2]))

    assert len(postgres.open().pending(9)) == 1


def test_a_store_that_cannot_be_written_says_so(postgres: World) -> None:
    store = postgres.open()
    store._engine._connection.execute("SET default_transaction_read_only TO on")  # type: ignore[attr-defined]

    with pytest.raises(StoreError, match="cannot be written"):
        store.append(choices([1]))
