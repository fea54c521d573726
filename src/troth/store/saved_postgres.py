"""The rows of a store in PostgreSQL, out of one snapshot into a SQLite file, and back into an empty database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from troth.errors import Place, StoreError
from troth.store.engine import ROWS_AT_ONCE, Row
from troth.store.postgres import SCHEMA, Postgres, place_of
from troth.store.postgres_failures import told as told_postgres
from troth.store.schema import VERSION, check_version
from troth.store.sqlite_failures import told as told_sqlite

_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ?"
    " ORDER BY table_name, ordinal_position"
)
_LAYOUT = "layout"


def save_postgres(url: str, target: Path) -> None:
    """Write every table of a store as it is at one moment into a new file. Raises `StoreError`."""
    with closing(Postgres(url)) as source, told_sqlite(target), closing(sqlite3.connect(target)) as copy:
        tables = _tables(source)
        queries = [(f"SELECT '{name}', {', '.join(columns)} FROM {name}", ()) for name, columns in tables]
        for name, columns in tables:
            copy.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        for rows in source.stream(queries):  # one snapshot for all of them
            name = rows[0][0]
            places = ", ".join("?" * (len(rows[0]) - 1))
            copy.executemany(f"INSERT INTO {name} VALUES ({places})", (row[1:] for row in rows))
        copy.commit()


def load_postgres(url: str, saved: Path) -> None:
    """Fill an empty database with the tables of a file, in one transaction; nothing, where that was done before.

    Raises `StoreError` where it holds another store.
    """
    place = place_of(url)
    with told_sqlite(saved), closing(sqlite3.connect(saved)) as source:
        ((version,),) = source.execute(f"SELECT version FROM {_LAYOUT}").fetchall()
        check_version(version, VERSION, str(saved))
        heads = source.execute("SELECT size, root FROM head").fetchall()
        with closing(Postgres(url)) as target:
            tables = _tables(target)
            if target.rows("SELECT size, root FROM head") == heads:
                return
            _check_empty(target, place)
        with told_postgres(place), psycopg.connect(url) as connection:
            connection.execute(f"SET search_path TO {SCHEMA}".encode())
            for name, columns in tables:
                if name != _LAYOUT:
                    _fill(connection, source, name, columns)
            connection.execute(
                "SELECT setval('item_number', coalesce((SELECT max(seq) FROM item), 0) + 1, false)"
            )


def check_no_store(url: str) -> None:
    """Raise `StoreError` unless a database can be reached, and holds no store."""
    with closing(Postgres(url)) as database:
        _check_empty(database, place_of(url))


def _fill(
    connection: psycopg.Connection[Row], source: sqlite3.Connection, name: str, columns: list[str]
) -> None:
    connection.execute(f"DELETE FROM {name}".encode())
    listed = ", ".join(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} ({listed}) FROM STDIN".encode()) as copy:
        for row in _rows(source, f"SELECT {listed} FROM {name}"):
            copy.write_row(row)


def _rows(source: sqlite3.Connection, sql: str) -> Iterator[Row]:
    cursor = source.execute(sql)
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _tables(database: Postgres) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for name, column in database.rows(_COLUMNS, (SCHEMA,)):
        found.setdefault(name, []).append(column)
    return list(found.items())


def _check_empty(database: Postgres, place: str) -> None:
    ((used,),) = database.rows("SELECT EXISTS (SELECT 1 FROM head) OR EXISTS (SELECT 1 FROM item)")
    if used:
        raise StoreError(
            "the database holds a store already",
            place=Place(place),
            remedy="name an empty one with --store, or move its schema away: ALTER SCHEMA troth RENAME TO …",
        )
