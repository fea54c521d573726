"""Making, listing and revoking the service's keys from outside of it, on the machine of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from troth.operations.workspace.settings import read_settings
from troth.web.access.secret import Secret, open_secret
from troth.web.tables.open import Tables, open_tables


@contextmanager
def opened_tables(folder: Path) -> Iterator[tuple[Tables, Secret]]:
    """The tables of the workspace in a folder, and the service's secret. Raises ``StoreError``."""
    store = read_settings(folder).store
    secret = open_secret(folder)
    tables = open_tables(store, folder)
    try:
        yield tables, secret
    finally:
        tables.close()
