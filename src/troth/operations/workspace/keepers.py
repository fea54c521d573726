"""The keepers of a workspace's root: those that ``troth.toml`` names, in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from troth.operations.workspace.settings import Settings
from troth.types.moment import Moment
from troth.vault.keys.chosen import open_keeper
from troth.vault.keys.keeper import RootKeeper

ROOT = Path("vault") / "root"
SECOND_ROOT = Path("vault") / "second-root"


def open_keepers(
    settings: Settings, clock: Callable[[], Moment], environ: Mapping[str, str]
) -> list[RootKeeper]:
    """The keepers of the root, the first one first. ``clock`` gives the present moment (UTC).

    A folder is taken from the workspace where it is relative. Raises ``VaultError`` where a package or a secret is missing.
    """
    chosen = [(settings.root, ROOT)]
    if settings.second_root is not None:
        chosen.append((settings.second_root, SECOND_ROOT))
    return [
        open_keeper(choice, settings.folder / (choice.folder or folder), clock, environ)
        for choice, folder in chosen
    ]
