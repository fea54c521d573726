"""Opening the service's tables: ``service.db`` beside the store, or a schema of its own in the same PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from troth.disk.durable import sync_folder
from troth.errors import Place, StoreError
from troth.web.tables.schema import SCHEMA

FILE = "service.db"
SQLITE = "sqlite"
PATIENCE = 30
"""Seconds to wait for others that write."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x74726F75
"""The number of the advisory lock under which migrations run."""


class Tables:
    """The open tables. Any number of threads may use them."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = Place(place)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with. Raises `StoreError`."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: durable when the context ends, undone when it is left by an exception. Raises `StoreError`."""
        with (
            self._told(),
            self._engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as problem:
            raise StoreError(
                f"the service's tables cannot be used: {type(problem).__name__}",
                place=self._place,
                remedy="look after the database; what was not acknowledged was not kept, or is known when sent again",
            ) from problem


def open_tables(store: str, folder: Path) -> Tables:
    """Open the tables of the workspace in a folder, and bring them to the newest layout. ``store`` is as in ``troth.toml``.

    Raises `StoreError`.
    """
    engine, place = _sqlite(folder) if store == SQLITE else _postgres(store)
    tables = Tables(engine, place)
    try:
        with tables.writing() as connection:
            _migrate(connection)
    except BaseException:
        tables.close()
        raise
    return tables


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _sqlite(folder: Path) -> tuple[Engine, str]:
    file = folder / FILE
    try:
        if not file.exists():
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            sync_folder(folder)
    except OSError as problem:
        raise StoreError(
            f"cannot be made: {problem.strerror}", place=Place(str(file)), remedy="mend the folder"
        ) from None
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine, str(file)


def _prepare_sqlite(connection: DBAPIConnection, _: Any) -> None:
    connection.isolation_level = None
    for setting in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "secure_delete = ON"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {setting}")
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # Who means to write takes the place of the one writer at once: to change over later may fail.
    writes = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: str) -> tuple[Engine, str]:
    from troth.store.postgres import place_of  # noqa: PLC0415 - an optional dependency

    address = "postgresql+psycopg://" + url.partition("://")[2]
    engine = create_engine(address, pool_pre_ping=True, pool_size=8)
    event.listen(engine, "connect", _prepare_postgres)
    return engine, place_of(url)


def _prepare_postgres(connection: DBAPIConnection, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET search_path TO {SCHEMA}")
    cursor.execute("SET synchronous_commit TO on")
    cursor.close()
    connection.commit()
