"""A plain store in PostgreSQL becomes a sealed one: new tables, and in one transaction the old ones go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg

from troth.errors import Place, StoreError
from troth.store.engine import Row
from troth.store.postgres import SCHEMA, Postgres, place_of
from troth.store.postgres_failures import told
from troth.store.schema import PLAIN
from troth.store.take_over import Sealed, take_over
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

_NEW = "troth_sealing"
_OLD = "troth_plain"


def seal_postgres(url: str, keyring: Keyring, handles: Handles) -> Sealed | None:
    """Seal a store; None where that was done before.

    Interrupted at any step, it is done again. Raises `StoreError`; while another process writes the ledger, too.
    """
    if _layout(url) != PLAIN:
        return None
    with closing(Postgres(url, PLAIN)) as source, source.writer_lock() as alone:
        if not alone:
            raise StoreError(
                "another process writes the ledger",
                place=Place(place_of(url)),
                remedy="end everything that uses the workspace, and migrate again",
            )
        with source.writing():
            source.change(f"DROP SCHEMA IF EXISTS {_NEW} CASCADE")
        with source.writing():
            source.change(
                "LOCK TABLE item, entry, pending, said, head, batch, conversation IN EXCLUSIVE MODE"
            )
            source.change("LOCK TABLE lineage, release IN EXCLUSIVE MODE")

            def rows(sql: str) -> Iterator[list[Row]]:
                return source.stream([(sql, ())])

            with closing(Postgres(url, schema=_NEW)) as target:
                done = take_over(rows, target, keyring, handles)
            source.change(f"ALTER SCHEMA {SCHEMA} RENAME TO {_OLD}")
            source.change(f"ALTER SCHEMA {_NEW} RENAME TO {SCHEMA}")
            # In the same transaction, so that who waits to write in plain fails: the layout has another sequence.
            source.change(f"DROP SCHEMA {_OLD} CASCADE")
        return done


def _layout(url: str) -> object:
    with told(place_of(url)), psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(f"SELECT version FROM {SCHEMA}.layout".encode()).fetchone()
        return found[0] if found else None
