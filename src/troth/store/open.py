"""Opening the store that a workspace names: ``sqlite``, or ``postgresql://…``."""

from __future__ import annotations

from pathlib import Path

from troth.errors import StoreError
from troth.store.engine import Engine
from troth.store.interface import Store
from troth.store.sealed import SealedStore
from troth.store.take_over import Sealed
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring

STORE_FILE = "store.db"
SQLITE = "sqlite"


def open_store(url: str, folder: Path, keyring: Keyring, handles: Handles) -> Store:
    """Open the store of a workspace in ``folder``; make its tables where there are none.

    ``url`` is ``sqlite`` (``store.db`` in the folder) or the address of a PostgreSQL database. The keyring and its handles
    seal what is about people; they stay open when the store is closed. Raises `StoreError`.
    """
    return SealedStore(open_engine(url, folder), keyring, handles)


def seal_store(url: str, folder: Path, keyring: Keyring, handles: Handles) -> Sealed | None:
    """Make the plain store of a workspace a sealed one; None where that was done before. Raises `StoreError`."""
    if url == SQLITE:
        from troth.store.seal_sqlite import seal_sqlite  # noqa: PLC0415 - only a migration loads it

        return seal_sqlite(folder / STORE_FILE, keyring, handles)
    from troth.store.seal_postgres import seal_postgres  # noqa: PLC0415 - an optional dependency

    return seal_postgres(url, keyring, handles)


def open_engine(url: str, folder: Path) -> Engine:
    """Open the database of a store. Raises `StoreError`."""
    if url == SQLITE:
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
