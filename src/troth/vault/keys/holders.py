"""Whether some keepers, and no others, hold the root that opens a key database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.key_file import KeyFile
from troth.vault.keys.keyring import check_keyring
from troth.vault.keys.roots import Roots


def check_holders(folder: Path, keepers: Sequence[RootKeeper]) -> None:
    """Raise ``VaultError`` unless the live root is with each of these keepers, and with no others. Changes nothing."""
    file = KeyFile(folder)
    try:
        Roots(file, keepers, os.urandom).check_all_here()
    finally:
        file.close()
    check_keyring(folder, keepers)
