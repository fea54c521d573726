"""The tables of a key database, and how those of an older version are brought to this one (``docs/formats/keys.md``)."""

from __future__ import annotations

FORMAT = 2
FIRST_FORMAT = 1
"""Before rows had the number of their change: it is migrated when it is opened."""
ID_BYTES = 16
"""Of the random name of a keyring."""

UNFINISHED = 0
"""Stands for the root version of a keyring whose making was interrupted."""

_CHANGED = (
    "CREATE TABLE removed (changed INTEGER NOT NULL, what TEXT NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (changed, what, number)) WITHOUT ROWID",
    "CREATE INDEX node_changed ON node (changed)",
    "CREATE INDEX handle_changed ON handle (changed)",
    "CREATE INDEX handle_slot ON handle (slot)",
)
"""What finds the rows that came and went since a change; what went is told by a number, never by a mark."""

TABLES = (
    "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, root INTEGER NOT NULL,"
    " changes INTEGER NOT NULL, keyring BLOB NOT NULL)",
    "CREATE TABLE node (row INTEGER PRIMARY KEY, sealed BLOB NOT NULL, changed INTEGER NOT NULL)",
    "CREATE TABLE root (keeper TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE retired (keeper TEXT PRIMARY KEY, version INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE handle (mark BLOB PRIMARY KEY, slot INTEGER NOT NULL, tag BLOB NOT NULL, changed INTEGER NOT NULL)"
    " WITHOUT ROWID",
    *_CHANGED,
)

MIGRATION = (
    "ALTER TABLE state ADD COLUMN keyring BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE node ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE handle ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
    *_CHANGED,
)
