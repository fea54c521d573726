"""``troth migrate``: a workspace of format 1, in which nothing was sealed, becomes one of format 2.

First the vault, then the store, then ``troth.toml``: without its last step it is done again, from wherever it ended.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, UsageError, VaultError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import now
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.sequencing import Sequenced, sequence
from troth.operations.workspace.settings import (
    FORMAT,
    PLAIN_FORMAT,
    SETTINGS,
    format_of,
    read_settings,
    write_settings,
)
from troth.operations.workspace.vault import VAULT, make_vault, opened_vault
from troth.store.open import seal_store
from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.keyring import open_keyring
from troth.vault.segments.index import FILE
from troth.vault.segments.vault import create_vault


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was sealed, and where the ledger stands afterwards."""

    items: int | None
    """Events and acts; None where an interrupted migration had sealed them."""
    conversations: int | None
    ledger: Sequenced


def migrate(folder: Path, progress: Progress = silent) -> Migrated:
    """Seal a workspace of format 1. Nothing else may use it meanwhile.

    The ledger, its indexes, times and commitments stay as they are. Raises `UsageError` where the format is 2 already,
    ``StoreError`` and `VaultError` where something is in the way; then nothing is lost, and the same call goes on.
    """
    with _alone(folder):
        if format_of(folder) == FORMAT:
            raise UsageError(
                "has format 2 already", place=Place(str(folder)), remedy="there is nothing to migrate"
            )
        settings = read_settings(folder, PLAIN_FORMAT)
        keepers = open_keepers(settings, now, os.environ)
        progress("migrate", 0, None)
        _make_vault(folder, keepers)
        with opened_vault(folder, keepers, settings.copy_place) as vault:
            done = seal_store(settings.store, folder, vault.keyring, vault.handles)
        write_settings(settings)
    return Migrated(
        None if done is None else done.items,
        None if done is None else done.conversations,
        sequence(folder, progress),
    )


def _make_vault(folder: Path, keepers: Sequence[RootKeeper]) -> None:
    """Make the vault. The keyring of an interrupted migration stays, since rows are sealed with it.

    Segments there are none: no older workspace has a vault, and nothing is taken in before the end.
    """
    try:
        make_vault(folder, keepers)
    except VaultError:
        open_keyring(folder / VAULT, keepers).close()  # says what is wrong where that is not the reason
        for path in (folder / VAULT).glob(f"{FILE}*"):
            path.unlink()
        create_vault(folder / VAULT)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    format_of(folder)  # says what is wrong where this is no workspace
    settings = os.open(folder / SETTINGS, os.O_RDONLY)
    try:
        try:
            fcntl.flock(settings, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                "is being migrated by another process", place=Place(str(folder)), remedy="wait until it ends"
            ) from None
        yield
    finally:
        os.close(settings)
