"""``troth init``: a new workspace."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, StoreError, UsageError
from troth.ledger.log import create_log
from troth.ledger.signers import load_signer, new_log_key
from troth.ledger.storage import open_storage
from troth.operations.workspace.opened import now
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.settings import (
    LOG_KEY,
    ML_DSA_KEY,
    RELEASES,
    SEGMENTS,
    Settings,
    check_origin,
    write_settings,
)
from troth.operations.workspace.vault import make_vault, opened_vault
from troth.proof.note import ED25519, ML_DSA_44
from troth.store.open import open_store
from troth.vault.keys.chosen import IN_FILES, FileRoot

SQLITE = "sqlite"


@dataclass(frozen=True, slots=True)
class Made:
    """A workspace that was made."""

    folder: Path
    origin: str
    vkeys: tuple[str, ...]
    """The log's public keys, for everybody who is to check anything."""


def init_workspace(
    folder: Path,
    origin: str | None = None,
    store: str = SQLITE,
    ledger: str = "ledger",
    *,
    ml_dsa: bool = False,
    root: Path | None = None,
    key_copy: Path | None = None,
    segments: str = SEGMENTS,
) -> Made:
    """Make a workspace in a new or empty folder. ``troth.toml`` comes last: without it there is none.

    ``segments`` is a folder, or the URL of an object store, for what is said. ``root`` is a folder for the root keys, and
    ``key_copy`` one for copies of the key database; both belong elsewhere than the workspace. Raises `UsageError` where
    the folder is not empty, `StoreError` and ``VaultError`` where it cannot be written.
    """
    settings = Settings(
        folder,
        check_origin(origin or f"localhost/troth-{secrets.token_hex(6)}"),
        store,
        ledger,
        root=IN_FILES if root is None else FileRoot(str(root.absolute())),
        key_copy=None if key_copy is None else str(key_copy.absolute()),
        segments=segments,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError("is not empty", place=Place(str(folder)), remedy="name a new folder")
        (folder / LOG_KEY.parent).mkdir(mode=0o700)
        (folder / RELEASES).mkdir()
        if settings.copy_place is not None:
            settings.copy_place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if isinstance(settings.segments_place, Path):
            settings.segments_place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise StoreError(
            f"{folder} cannot be made: {problem.strerror}", remedy="choose another place"
        ) from None
    paths = [(LOG_KEY, ED25519), *([(ML_DSA_KEY, ML_DSA_44)] if ml_dsa else [])]
    for path, kind in paths:
        new_log_key(folder / path, kind)
    signers = [load_signer(folder / path, settings.origin, kind) for path, kind in paths]
    make_vault(folder, open_keepers(settings, now, os.environ))
    at = now()
    head = create_log(open_storage(settings.ledger_place), signers, at)
    keepers = open_keepers(settings, now, os.environ)
    with opened_vault(folder, keepers, settings.copy_place, settings.segments_place) as sealed:
        sealed.keyring.copied()
        opened = open_store(store, folder, sealed.keyring, sealed.handles)
        try:
            opened.start(head)
        finally:
            opened.close()
    write_settings(settings)
    return Made(folder, settings.origin, tuple(str(signer.vkey) for signer in signers))
