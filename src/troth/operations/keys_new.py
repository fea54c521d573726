"""``troth keys new``: a key to sign releases with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.errors import UsageError
from troth.release.keys import key_id, load_public_key, new_key


@dataclass(frozen=True, slots=True)
class NewKey:
    """The two files of a key, and its id."""

    private: Path
    public: Path
    id: str


def make_key(name: str, folder: Path) -> NewKey:
    """Make ``NAME.key`` and ``NAME.pub`` in a folder. Raises `UsageError` where either exists."""
    if not name or Path(name).name != name:
        raise UsageError(f"{name!r} is no name of a file", remedy="give a name, and its folder with --dir")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", remedy="make it first")
    private, public = new_key(folder / name)
    return NewKey(private, public, key_id(load_public_key(public)))
