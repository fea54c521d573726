"""A store in PostgreSQL: its rows in one snapshot, and into an empty database again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from backup_worlds import Disks
from store_servers import postgres_server

from troth.errors import StoreError, UsageError


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def database(server: str, name: str) -> str:
    """A new database of the server."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))


def test_rows_go_into_an_empty_database(place: Path, server: str) -> None:
    disks = Disks(place / "disks", store=database(server, "before")).begin()
    disks.backup()
    held, events = disks.readable(), disks.events()
    disks.lose()
    with pytest.raises(StoreError, match="holds a store already"):
        disks.restore()
    empty = database(server, "after")
    done = disks.restore(store=empty)  # it goes on where it was: the files are there
    assert done.rows == 0
    assert (disks.readable(), disks.events()) == (held, events)
    assert disks.audited() == []


def test_what_was_erased_stays_erased_in_the_new_database(place: Path, server: str) -> None:
    disks = Disks(place / "disks", store=database(server, "one")).begin()
    disks.backup()
    disks.erase(1)
    disks.lose()
    done = disks.restore_lost(store=database(server, "two"))
    assert (done.destroyed, done.closed) == (1, True)
    assert done.rows > 0
    assert set(disks.readable(closed=True)) == {"talk-0", "talk-2"}
    disks.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "late", "plan": "pro"})
    assert disks.audited() == []


def test_a_store_in_a_file_needs_no_database(place: Path) -> None:
    disks = Disks(place / "disks").begin()
    disks.backup()
    disks.lose()
    with pytest.raises(UsageError, match="needs no database"):
        disks.restore(store="postgresql://nowhere/x")
