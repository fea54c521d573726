"""The keepers of a workspace's root: those that ``troth.toml`` names, in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from troth.operations.workspace.settings import Settings
from troth.types.moment import Moment
from troth.vault.keys.chosen import (
    AwsKmsRoot,
    FileRoot,
    Pkcs11Root,
    RootChoice,
    TransitRoot,
    open_keeper,
)
from troth.vault.keys.keeper import RootKeeper

Kind = Literal["file", "pkcs11", "aws-kms", "transit"]

ROOT = Path("vault") / "root"
SECOND_ROOT = Path("vault") / "second-root"


def kept_by(settings: Settings) -> list[tuple[RootChoice, Path]]:
    """The tables of the keepers, the first one first, and the folder of each; relative ones are in the workspace."""
    chosen = [(settings.root, ROOT)]
    if settings.second_root is not None:
        chosen.append((settings.second_root, SECOND_ROOT))
    return [(choice, settings.folder / (choice.folder or folder)) for choice, folder in chosen]


def kind_of(choice: RootChoice) -> Kind:
    """The kind that a table says."""
    match choice:
        case FileRoot():
            return "file"
        case Pkcs11Root():
            return "pkcs11"
        case AwsKmsRoot():
            return "aws-kms"
        case TransitRoot():
            return "transit"


def open_keepers(
    settings: Settings, clock: Callable[[], Moment], environ: Mapping[str, str]
) -> list[RootKeeper]:
    """The keepers of the root, the first one first. ``clock`` gives the present moment (UTC).

    Raises ``VaultError`` where a package or a secret is missing.
    """
    return [open_keeper(choice, folder, clock, environ) for choice, folder in kept_by(settings)]
