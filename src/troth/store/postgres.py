"""A store in a PostgreSQL database, in a schema ``troth`` of its own: one workspace for each database.

Whoever can write the schema can change events, but not without the ledger showing it; whoever can read it reads
every event and every salt.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from troth.errors import Place, StoreError
from troth.store.clash import key_clash, said_clash
from troth.store.engine import ROWS_AT_ONCE, Query, Row
from troth.store.interface import Item
from troth.store.names import bytes_of
from troth.store.postgres_failures import told
from troth.store.schema import HOLDS_INDEX, POSTGRES, POSTGRES_USED, VERSION, check_version
from troth.types.moment import Moment

SCHEMA = "troth"
"""The schema of the tables."""

_LOCKS = {"": 0, "layout": 1, "writer": 2, "intake": 3, "lineage": 4, "release": 5, "reseal": 6}
_LOCK_SPACE = 0x74726F74
"""The first half of the number of each advisory lock."""

# Numbers are drawn in the given order; rows are written in the order of keys, so that two calls with the same keys
# wait for one another and never in a circle.
_ACCEPT = """
WITH given AS MATERIALIZED (
  SELECT nextval('item_number') AS seq, g.* FROM unnest(%b::bytea[], %b::text[], %b::bytea[], %b::bytea[], %b::bytea[],
    %b::bytea[], %b::bytea[]) AS g (key, kind, salt, commitment, account, conversation, payload)
), fresh AS (
  INSERT INTO item (seq, key, kind, salt, commitment, account, conversation, payload)
  SELECT * FROM given ORDER BY key ON CONFLICT (key) DO NOTHING RETURNING seq
), waiting AS (
  INSERT INTO pending SELECT seq FROM fresh
)
SELECT count(*) FROM fresh
"""
_SAY = """
INSERT INTO said (also, bare, seq)
SELECT g.also, g.bare, i.seq FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[]) AS g (also, bare, key)
JOIN item i USING (key) ORDER BY also ON CONFLICT DO NOTHING
"""
_PLACE = """
WITH taken AS (DELETE FROM pending WHERE seq = ANY(%s) RETURNING seq)
INSERT INTO entry (idx, seq, at, kind, commitment)
SELECT %s + g.nth - 1, i.seq, %s, i.kind, i.commitment
FROM unnest(%s::bigint[]) WITH ORDINALITY AS g (seq, nth) JOIN taken USING (seq) JOIN item i USING (seq)
"""
_ITEMS_ABOUT = """
WITH asked AS MATERIALIZED (SELECT DISTINCT name FROM unnest(%b::bytea[]) AS n (name))
SELECT i.seq FROM asked JOIN item i ON i.conversation = asked.name
UNION ALL
SELECT i.seq FROM asked JOIN item i ON i.account = asked.name WHERE i.conversation IS NULL
"""
_ADD_CONVERSATIONS = """
INSERT INTO conversation (number, name, account, salt, commitment)
SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])
"""


class Postgres:
    """An open PostgreSQL database; an `Engine`."""

    def __init__(self, url: str, layout: int = VERSION, schema: str = SCHEMA) -> None:
        """``schema`` holds the tables; its name is plain letters."""
        self._url = url
        self._layout = layout
        self._schema = schema
        self._place = place_of(url)
        self._idle: list[psycopg.Connection[Row]] = []
        self._closed = False
        self._names = (f"rows_{number}" for number in count())
        with told(self._place):
            self._connection = psycopg.connect(url, autocommit=True)
            try:
                self._prepare(self._connection)
                self._lay_out()
            except BaseException:
                self._connection.close()
                raise

    def _connect(self) -> psycopg.Connection[Row]:
        connection: psycopg.Connection[Row] = psycopg.connect(self._url, autocommit=True)
        self._prepare(connection)
        return connection

    def _prepare(self, connection: psycopg.Connection[Row]) -> None:
        """Hold the session to what the store promises, whatever the server's defaults are."""
        connection.execute(f"SET search_path TO {self._schema}".encode())
        connection.execute("SET client_encoding TO 'UTF8'")
        connection.execute("SET default_transaction_isolation TO 'read committed'")
        if self._setting(connection, "synchronous_commit") == "off":
            connection.execute("SET synchronous_commit TO on")
        if self._setting(connection, "fsync") == "off":
            raise StoreError(
                "this PostgreSQL runs with fsync = off: it would lose events that were acknowledged",
                place=Place(self._place),
                remedy="set fsync = on in postgresql.conf, and reload it",
            )

    @staticmethod
    def _setting(connection: psycopg.Connection[Row], name: str) -> object:
        found = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        return found[0] if found else None

    def _lay_out(self) -> None:
        laid_out = f"SELECT to_regclass('{self._schema}.layout') IS NOT NULL"
        if not self.rows(laid_out)[0][0]:
            with self.writing("layout"):
                self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}".encode())
                if not self.rows(laid_out)[0][0]:
                    for statement in POSTGRES:
                        self._connection.execute(statement.encode())
        found = self.rows("SELECT version FROM layout")
        check_version(found[0][0] if found else None, self._layout, self._place)
        if not self.rows(f"SELECT to_regclass('{self._schema}.used') IS NOT NULL")[0][0]:
            with self.writing("layout"):
                self._connection.execute(POSTGRES_USED.encode())
        indexed = f"SELECT to_regclass('{self._schema}.entry_holds') IS NOT NULL"
        if self._layout == VERSION and not self.rows(indexed)[0][0]:
            with self.writing("layout"):
                self.change(HOLDS_INDEX)

    @contextmanager
    def writing(self, alone: str = "", beside: str = "") -> Iterator[None]:
        """See `Engine`."""
        with told(self._place), self._connection.transaction():
            for lock, name in (("pg_advisory_xact_lock", alone), ("pg_advisory_xact_lock_shared", beside)):
                if name:
                    self._connection.execute(f"SELECT {lock}(%s, %s)".encode(), (_LOCK_SPACE, _LOCKS[name]))
            yield

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See `Engine`."""
        with told(self._place):
            return self._connection.execute(_sql(sql), parameters, binary=True).fetchall()

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Engine`."""
        return self._connection.execute(_sql(sql), parameters).rowcount

    def change_each(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """See `Engine`."""
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(_sql(sql), rows)

    def among(self, column: str, values: Sequence[str] | Sequence[int]) -> Query:
        """See `Engine`."""
        return f"{column} = ANY(?)", [list(values)]

    def stream(self, queries: Sequence[Query]) -> Generator[list[Row], None, None]:
        """See `Engine`. On a connection of its own, so that writing can go on meanwhile."""
        with told(self._place):
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                with connection.transaction():
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    for sql, parameters in queries:
                        yield from self._batches(connection, sql, parameters)
            finally:
                if self._closed or connection.closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _batches(
        self, connection: psycopg.Connection[Row], sql: str, parameters: Sequence[Any]
    ) -> Iterator[list[Row]]:
        with connection.cursor(name=next(self._names)) as cursor:
            cursor.execute(_sql(sql), parameters, binary=True)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def accept(self, items: Sequence[Item]) -> int:
        """See `Engine`."""
        columns = zip(
            *(
                (
                    i.key,
                    i.kind,
                    i.salt,
                    i.commitment,
                    bytes_of(i.account),
                    bytes_of(i.conversation),
                    i.payload,
                )
                for i in items
            ),
            strict=True,
        )
        ((new,),) = self._connection.execute(_ACCEPT, [list(column) for column in columns]).fetchall()
        if new != len(items):
            self._check_keys(items)
        if any(item.also is not None for item in items):
            self._say([item for item in items if item.also is not None])
        return int(new)

    def _check_keys(self, items: Sequence[Item]) -> None:
        """Look again, at what others have committed meanwhile too."""
        keys = [item.key for item in items]
        payloads: dict[bytes, bytes] = dict(
            self._binary("SELECT key, payload FROM item WHERE key = ANY(%b)", keys)
        )
        for item in items:
            if payloads[item.key] != item.payload:
                raise key_clash(item)

    def _say(self, items: Sequence[Item]) -> None:
        also = [item.also for item in items]
        self._connection.execute(_SAY, (also, [item.bare for item in items], [item.key for item in items]))
        said: dict[bytes | None, bytes] = dict(
            self._binary("SELECT also, bare FROM said WHERE also = ANY(%b)", also)
        )
        for item in items:
            if said[item.also] != item.bare:
                raise said_clash(item)

    def _binary(self, sql: str, values: list[Any]) -> list[Row]:
        return self._connection.execute(sql.encode(), (values,), binary=True).fetchall()

    def place(self, seqs: Sequence[int], first: int, at: Moment) -> bool:
        """See `Engine`."""
        rows = list(seqs)
        if len(set(rows)) != len(rows):
            return False
        return self._connection.execute(_PLACE, (rows, first, at, rows)).rowcount == len(rows)

    def places(self, account: bytes | None, conversation: bytes | None, key: bytes | None) -> list[Row]:
        """See `Engine`."""
        given = {"key": key, "conversation": conversation, "account": account}
        wanted = {column: value for column, value in given.items() if value is not None}
        fits = " AND ".join(f"i.{column} = ?" for column in wanted)
        sql = f"SELECT e.idx, e.at, i.seq FROM item i LEFT JOIN entry e ON e.seq = i.seq WHERE {fits}"
        return self.rows(sql, list(wanted.values()))

    def find_conversations(self, names: Sequence[bytes]) -> list[Row]:
        """See `Engine`."""
        sql = (
            "SELECT name, commitment FROM conversation"
            " WHERE sha256(name) = ANY(ARRAY(SELECT sha256(asked) FROM unnest(%b::bytea[]) AS asked))"
        )
        with told(self._place):
            return self._binary(sql, list(names))

    def conversation(self, name: bytes) -> Row | None:
        """See `Engine`."""
        sql = (
            "SELECT number, name, account, salt, commitment FROM conversation WHERE sha256(name) = sha256(?)"
        )
        found = self.rows(sql, (name,))
        return found[0] if found else None

    def conversations_of(self, account: bytes) -> list[Row]:
        """See `Engine`."""
        return self.rows("SELECT number, name, salt FROM conversation WHERE account = ?", (account,))

    def add_conversations(self, rows: Sequence[Row]) -> None:
        """See `Engine`."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._connection.execute(_ADD_CONVERSATIONS, columns)

    def items_about(self, names: Sequence[bytes]) -> list[int]:
        """See `Engine`."""
        with told(self._place):
            return [seq for (seq,) in self._binary(_ITEMS_ABOUT, list(names))]

    def items_saying(self, also: Sequence[bytes]) -> list[int]:
        """See `Engine`."""
        with told(self._place):
            return [seq for (seq,) in self._binary("SELECT seq FROM said WHERE also = ANY(%b)", list(also))]

    def conversations_named(self, names: Sequence[bytes]) -> list[Row]:
        """See `Engine`."""
        sql = (
            "SELECT number, name, salt FROM conversation"
            " WHERE sha256(name) = ANY(ARRAY(SELECT sha256(asked) FROM unnest(%b::bytea[]) AS asked))"
        )
        with told(self._place):
            return self._binary(sql, list(names))

    def erase_items(self, seqs: Sequence[int]) -> None:
        """See `Engine`."""
        self.change(
            "UPDATE item SET key = convert_to('erased ' || seq, 'UTF8'), salt = '', payload = '', account = NULL,"
            " conversation = NULL WHERE seq = ANY(?)",
            (list(seqs),),
        )
        self.change("DELETE FROM said WHERE seq = ANY(?)", (list(seqs),))

    def erase_conversations(self, numbers: Sequence[int]) -> None:
        """See `Engine`."""
        self.change(
            "UPDATE conversation SET name = convert_to('erased ' || number, 'UTF8'), salt = '', account = NULL"
            " WHERE number = ANY(?)",
            (list(numbers),),
        )

    def stamp(self) -> int | None:
        """See `Engine`."""
        return None

    @contextmanager
    def writer_lock(self) -> Iterator[bool]:
        """See `Engine`. An advisory lock of a session of its own: the server frees it when the process dies.

        It is given back before the session is closed: the server notices the end of a session only after a moment.
        """
        with told(self._place):
            connection = self._connect()
        with closing(connection):
            with told(self._place):
                sql = "SELECT pg_try_advisory_lock(%s, %s)"
                ((held,),) = connection.execute(sql, (_LOCK_SPACE, _LOCKS["writer"])).fetchall()
            try:
                yield held
            finally:
                if held:
                    with told(self._place):
                        connection.execute("SELECT pg_advisory_unlock_all()")

    def close(self) -> None:
        """See `Engine`."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        self._connection.close()


def place_of(url: str) -> str:
    """The address of a database without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "postgresql://"
    host, name = parts.get("host") or "", parts.get("dbname") or ""
    return f"postgresql://{host}/{name}"


@cache
def _sql(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()
