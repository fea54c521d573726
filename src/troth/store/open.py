"""Opening the store that a workspace names: ``sqlite``, or ``postgresql://…``."""

from __future__ import annotations

from pathlib import Path

from troth.errors import StoreError
from troth.store.engine import Engine
from troth.store.interface import Store
from troth.store.tables import TableStore

STORE_FILE = "store.db"


def open_store(url: str, folder: Path) -> Store:
    """Open the store of a workspace in ``folder``; make its tables where there are none.

    ``url`` is ``sqlite`` (``store.db`` in the folder) or the address of a PostgreSQL database. Raises `StoreError`.
    """
    return TableStore(_engine(url, folder))


def _engine(url: str, folder: Path) -> Engine:
    if url == "sqlite":
        from troth.store.sqlite import Sqlite  # noqa: PLC0415 - each command loads one database only

        return Sqlite(folder / STORE_FILE)
    if url.startswith(("postgresql://", "postgres://")):
        try:
            from troth.store.postgres import Postgres  # noqa: PLC0415 - an optional dependency
        except ImportError as problem:
            raise StoreError(
                "the library for PostgreSQL is not installed", remedy="pip install 'troth[postgres]'"
            ) from problem
        return Postgres(url)
    raise StoreError(f"there is no store of the kind {url!r}", remedy='write "sqlite" or "postgresql://…"')
