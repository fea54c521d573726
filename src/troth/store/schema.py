"""The tables of a store, in the words of SQLite and of PostgreSQL, and the version of their layout.

Names and ids, and what stands for them, are bytes, so that every character is allowed and no collation is
involved. Rows of ``item`` are never deleted; what they say may be. Whoever can write the tables can change events, but
not without the ledger showing it.
"""

from __future__ import annotations

from troth.errors import Place, StoreError
from troth.store.interface import EVENT_KINDS
from troth.store.sqlite_marks import tables

VERSION = 2
"""Of the layout. A store with another one is not opened."""
PLAIN = 1
"""The layout of stores in which nothing was sealed: read by a migration, and never written."""

EVENTS = ", ".join(f"'{kind}'" for kind in EVENT_KINDS)
"""The `EVENT_KINDS` as a list in SQL."""

_USED = (
    "CREATE TABLE IF NOT EXISTS used (one {integer} PRIMARY KEY CHECK (one = 1), slots {integer} NOT NULL)"
)
"""One row: how many slots the rows rest on. Stores of before have no such table: it is made on opening."""
HOLDS_INDEX = "CREATE INDEX IF NOT EXISTS entry_holds ON entry (idx) WHERE kind = 'hold'"
"""Holds are few, and asked for at every erasure. A store that was made without it gets it when it is opened."""

_BOTH = (
    _USED,
    "CREATE TABLE layout (version {integer} NOT NULL)",
    f"INSERT INTO layout VALUES ({VERSION})",
    "CREATE TABLE item (seq {integer} PRIMARY KEY, key {bytes} NOT NULL, kind text NOT NULL,"
    " salt {bytes} NOT NULL, commitment {bytes} NOT NULL, account {bytes}, conversation {bytes},"
    " payload {bytes} NOT NULL)",
    "CREATE TABLE entry (idx {integer} PRIMARY KEY, seq {integer} NOT NULL UNIQUE, at {integer} NOT NULL,"
    " kind text NOT NULL, commitment {bytes} NOT NULL)",
    f"CREATE INDEX entry_acts ON entry (kind, idx) WHERE kind NOT IN ({EVENTS})",
    HOLDS_INDEX,
    "CREATE TABLE head (one {integer} PRIMARY KEY CHECK (one = 1), size {integer} NOT NULL,"
    " root {bytes} NOT NULL, checkpoint {bytes} NOT NULL, at {integer} NOT NULL)",
    "CREATE TABLE batch (first {integer} PRIMARY KEY, size {integer} NOT NULL, key {bytes} NOT NULL UNIQUE)",
    "CREATE TABLE conversation (number {integer} PRIMARY KEY, name {bytes} NOT NULL, account {bytes},"
    " salt {bytes} NOT NULL, commitment {bytes} NOT NULL)",
    "CREATE TABLE lineage (child text NOT NULL, parent text NOT NULL, PRIMARY KEY (child, parent))",
    "CREATE INDEX lineage_parent ON lineage (parent)",
    "CREATE TABLE release (manifest text PRIMARY KEY, folder text NOT NULL, number {integer} NOT NULL)",
)
"""The rows of an intake batch are ``size`` conversations from number ``first`` on, in the order of position."""

SQLITE = (
    *(statement.format(integer="INTEGER", bytes="BLOB") for statement in _BOTH),
    "CREATE TABLE said (seq INTEGER PRIMARY KEY, also BLOB NOT NULL, bare BLOB NOT NULL)",
    # One writer at a time hands out rows in the order of commits, so that what is pending is a tail of them.
    "CREATE VIEW pending AS SELECT seq FROM item WHERE seq > (SELECT coalesce(max(seq), 0) FROM entry)",
    *tables("key"),
    *tables("name"),
    *tables("conversation"),
)

POSTGRES = (
    *(statement.format(integer="bigint", bytes="bytea") for statement in _BOTH),
    # In the plain layout it was item_seq: a process that still writes in plain after a migration finds none, and fails.
    "CREATE SEQUENCE item_number",
    # A lower row may be committed after a higher one, so that each waits under its own number.
    "CREATE TABLE pending (seq bigint PRIMARY KEY)",
    "CREATE TABLE said (also bytea PRIMARY KEY, bare bytea NOT NULL, seq bigint NOT NULL)",
    "CREATE INDEX said_seq ON said (seq)",
    "CREATE UNIQUE INDEX item_key ON item (key)",
    "CREATE INDEX item_account ON item USING hash (account)",
    "CREATE INDEX item_conversation ON item USING hash (conversation)",
    "CREATE UNIQUE INDEX conversation_name ON conversation (sha256(name))",
    "CREATE INDEX conversation_account ON conversation USING hash (account)",
)


SQLITE_USED = _USED.format(integer="INTEGER")
POSTGRES_USED = _USED.format(integer="bigint")


def check_version(found: object, wanted: int, place: str) -> None:
    """Raise `StoreError` unless the layout of a store is the wanted one."""
    if found != wanted:
        older = "run troth migrate with its workspace, which seals what is in it"
        raise StoreError(
            f"the layout of this store is version {found}, and not {wanted}",
            place=Place(place),
            remedy=older if found == PLAIN else "use the version of Troth that made it",
        )
