"""A workspace in use: its settings, its store, its vault, its ledger and its signers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, StoreError, VaultError
from troth.ledger.complete import Completeness
from troth.ledger.log import vkeys_of
from troth.ledger.memory import Heads, heads_folder
from troth.ledger.published import check_vkeys
from troth.ledger.signers import Signer, load_signer
from troth.ledger.storage import Storage, open_storage
from troth.operations.workspace.backup.restoring import check_open
from troth.operations.workspace.erasure.unfinished import finish_interrupted
from troth.operations.workspace.roots.change import Edge, settled
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.roots.told import tell_of_keepers
from troth.operations.workspace.settings import LOG_KEY, ML_DSA_KEY, WITNESSES, Settings
from troth.operations.workspace.vault import opened_vault
from troth.proof.note import ED25519, ML_DSA_44
from troth.proof.policy import Policy, read_policy
from troth.store.interface import Store
from troth.store.open import open_store
from troth.types.moment import Moment
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring
from troth.vault.segments.vault import Vault


def now() -> Moment:
    """The time of this machine's clock."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace."""

    settings: Settings
    store: Store
    storage: Storage
    signers: tuple[Signer, ...]
    """The log's own keys, Ed25519 first."""
    heads: Heads
    """The newest head of each ledger, remembered outside of the workspace."""
    completeness: Completeness
    """Whether this process has seen that no file of the ledger is missing."""
    witnesses: Policy | None
    """Who is asked to cosign checkpoints, and what quorum is hoped for; None where there is no such file."""
    keyring: Keyring
    handles: Handles
    vault: Vault


@contextmanager
def opened(folder: Path, *, closed: bool = False, restoring: bool = False) -> Iterator[Workspace]:
    """Open the workspace in a folder. Raises `StoreError`, ``VaultError`` and `LedgerError` where it cannot be used.

    One that was restored and is closed opens only for what may be done all the same (``closed``); one that is being
    restored, only for the restore.
    """
    settings = settled(folder, Edge(now, os.environ))
    if not restoring:
        check_open(folder, closed=closed)
    signers = _signers(settings)
    storage = open_storage(settings.ledger_place)
    check_vkeys(storage, vkeys_of(signers))
    witnesses = _witnesses(folder / WITNESSES)
    heads = Heads(heads_folder(os.environ, Path.home()))
    with (
        opened_vault(
            folder, open_keepers(settings, now, os.environ), settings.copy_place, settings.segments_place
        ) as sealed,
        closing(open_store(settings.store, folder, sealed.keyring, sealed.handles)) as store,
    ):
        found = Workspace(
            settings,
            store,
            storage,
            signers,
            heads,
            Completeness(storage),
            witnesses,
            sealed.keyring,
            sealed.handles,
            sealed.vault,
        )
        _check_keys(found)
        finish_interrupted(found)
        tell_of_keepers(found)
        yield found


def _check_keys(workspace: Workspace) -> None:
    """Raise `VaultError` where the key database is older than what is sealed with its keys: it would give them out again.

    The others are asked first: what they say was given out before they said so.
    """
    used = max(workspace.vault.used_slots(), workspace.store.used_slots())
    given = workspace.keyring.stats().slots
    if used > given:
        raise VaultError(
            f"the key database has given out {given:,} slots, and {used:,} are in use: it is an older copy",
            place=Place(str(workspace.keyring.file.path)),
            remedy="restore the newest copy of the key database: this one would give keys out twice (docs/backup.md)",
        )


def _signers(settings: Settings) -> tuple[Signer, ...]:
    paths = [(settings.folder / LOG_KEY, ED25519)]
    if (settings.folder / ML_DSA_KEY).exists():
        paths.append((settings.folder / ML_DSA_KEY, ML_DSA_44))
    return tuple(load_signer(path, settings.origin, kind) for path, kind in paths)


def _witnesses(path: Path) -> Policy | None:
    try:
        return read_policy(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise StoreError(
            f"cannot be read: {problem}", place=Place(str(path)), remedy="mend the file"
        ) from None
