"""What PostgreSQL refuses, in one plain line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from troth.errors import Place, StoreError

_AGAIN = "nothing of it was kept as far as we know; do it again, what was kept is not doubled"

_TOLD: tuple[tuple[type[psycopg.Error], str, str], ...] = (
    (errors.DiskFull, "the disk of the database is full", "make room there, and do it again"),
    (errors.OutOfMemory, "the database is out of memory", "do it again in smaller parts"),
    (errors.ReadOnlySqlTransaction, "the database cannot be written", "name the primary, not a read replica"),
    (errors.InsufficientPrivilege, "the database refuses this user", "grant it the schema troth"),
    (errors.DataCorrupted, "the database is damaged", "restore it from a backup"),
    (errors.IndexCorrupted, "an index of the database is damaged", "run REINDEX DATABASE, and do it again"),
    (errors.OperationalError, "the database does not answer", _AGAIN),
    (errors.DataError, "the database cannot hold a value", "mend the value; nothing was kept"),
)


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what PostgreSQL raises into `StoreError`, with the database and what to do next."""
    try:
        yield
    except psycopg.Error as problem:
        what, remedy = next(
            ((what, remedy) for kind, what, remedy in _TOLD if isinstance(problem, kind)),
            ("the database refuses", "look into the server's log, and do it again"),
        )
        said = (str(problem).strip().splitlines() or ["no reason given"])[0]
        raise StoreError(f"{what} ({said})", place=Place(place), remedy=remedy) from problem
