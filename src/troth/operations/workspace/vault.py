"""The vault of a workspace: its keyring, handles and segments, made and opened together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.errors import StoreError
from troth.vault.handles import Handles
from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.keyring import Keyring, create_keyring, open_keyring
from troth.vault.segments.vault import Vault, create_vault

VAULT = "vault"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sealed in a workspace, and what opens it."""

    keyring: Keyring
    handles: Handles
    vault: Vault


def make_vault(folder: Path, keepers: Sequence[RootKeeper]) -> None:
    """Make the vault of a new workspace. Raises ``VaultError``, and `StoreError` where its folder cannot be made."""
    try:
        (folder / VAULT).mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise StoreError(
            f"{folder / VAULT} cannot be made: {problem.strerror}", remedy="choose another place"
        ) from None
    create_keyring(folder / VAULT, keepers)
    create_vault(folder / VAULT)


@contextmanager
def opened_vault(
    folder: Path,
    keepers: Sequence[RootKeeper],
    copies: Path | None = None,
    segments: str | Path | None = None,
) -> Iterator[Sealed]:
    """Open the vault of a workspace, with a folder for key copies, and the place of its segments where it is another.

    Raises ``VaultError`` where it cannot be used.
    """
    copy = None if copies is None else KeyCopy(copies)
    with closing(open_keyring(folder / VAULT, keepers, copy)) as keyring:
        handles = Handles(keyring, folder / VAULT)
        with closing(Vault(folder / VAULT, keyring, handles, segments)) as vault:
            yield Sealed(keyring, handles, vault)
