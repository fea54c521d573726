"""The two real databases of a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_servers import postgres_server
from store_worlds import World


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def postgres(server: str, tmp_path: Path) -> Iterator[World]:
    import psycopg

    world = World(server, tmp_path)
    yield world
    world.close()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("SET client_min_messages TO warning")
        connection.execute("DROP SCHEMA IF EXISTS troth CASCADE")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[World]:
    world = World("sqlite", tmp_path)
    yield world
    world.close()


@pytest.fixture
def sealed_sqlite(sqlite: World) -> World:
    return sqlite.sealed()


@pytest.fixture
def sealed_postgres(postgres: World) -> World:
    return postgres.sealed()


@pytest.fixture(params=["sealed_sqlite", "sealed_postgres"])
def sealed(request: pytest.FixtureRequest) -> World:
    """What is sealed is tested against both databases."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["sqlite", "postgres", "sealed_sqlite", "sealed_postgres"])
def world(request: pytest.FixtureRequest) -> World:
    """The contract is tested against both databases, with and without sealing in front of them."""
    found: World = request.getfixturevalue(request.param)
    return found
