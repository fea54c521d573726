"""``troth.toml``: what a workspace is made of. Whoever can write it can point the workspace at another store."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.errors import Place, StoreError, UsageError
from troth.operations.whole_file import whole_file
from troth.vault.keys.chosen import IN_FILES, RootChoice, keeper_name

SETTINGS = "troth.toml"
WITNESSES = "witnesses"
LOG_KEY = Path("keys") / "log.key"
ML_DSA_KEY = Path("keys") / "log-mldsa44.key"
RELEASES = "releases"
FORMAT = 2
SEGMENTS = "vault/segments"
"""Where segments lie if nothing else is said."""
PLAIN_FORMAT = 1
"""Of workspaces in which nothing was sealed: they are read to be migrated, and never written."""

_ORIGIN = re.compile(r"[^\s+\x00-\x1f]{1,200}\Z")


class KeyCopyPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table ``[key-copy]``: the folder of the copy of the key database."""

    folder: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    origin: str
    store: str
    ledger: str
    segments: str = SEGMENTS
    root: RootChoice = IN_FILES
    second_root: RootChoice | None = msgspec.field(name="second-root", default=None)
    key_copy: KeyCopyPlace | None = msgspec.field(name="key-copy", default=None)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a workspace."""

    folder: Path
    origin: str
    """The name of the log, and of its key: by custom a URL without a scheme."""
    store: str
    """``sqlite``, or a ``postgresql://`` URL."""
    ledger: str
    """A folder, taken from the workspace where it is relative, or the URL of an object store."""
    root: RootChoice = IN_FILES
    """Who keeps the root of the key tree."""
    second_root: RootChoice | None = None
    """Who keeps it too, if anybody."""
    key_copy: str | None = None
    """A folder for the copy of the key database, taken from the workspace where it is relative."""
    segments: str = SEGMENTS
    """A folder, taken from the workspace where it is relative, or the URL of an object store."""

    @property
    def ledger_place(self) -> str | Path:
        """Where the files of the ledger lie."""
        return self.ledger if "://" in self.ledger else self.folder / self.ledger

    @property
    def segments_place(self) -> str | Path:
        """Where the segments of the vault lie."""
        return self.segments if "://" in self.segments else self.folder / self.segments

    @property
    def copy_place(self) -> Path | None:
        """Where the copy of the key database lies, if there is a place for it."""
        return None if self.key_copy is None else self.folder / self.key_copy


def check_origin(origin: str) -> str:
    """Give an origin back. Raises `UsageError` where it cannot name a log (C2SP tlog-checkpoint, signed-note)."""
    if not _ORIGIN.match(origin):
        raise UsageError(
            f"{origin!r} cannot name a log", remedy="use a name like example.org/log, without spaces or plus"
        )
    return origin


def format_of(folder: Path) -> int:
    """The format of the workspace in a folder. Raises `StoreError` where there is none."""
    return _read(folder / SETTINGS, folder).format


def read_settings(folder: Path, wanted: int = FORMAT) -> Settings:
    """The settings of the workspace in a folder. Raises `StoreError` where there is none, or one of another format."""
    path = folder / SETTINGS
    found = _read(path, folder)
    if found.format != wanted:
        older = f"run troth migrate --workspace {folder}, which seals what is in it"
        remedy = (
            older if found.format < wanted else f"this troth reads format {FORMAT}; use the one that wrote it"
        )
        raise StoreError(f"format {found.format} is another format", place=Place(str(path)), remedy=remedy)
    _check_keepers(found, path)
    return Settings(
        folder,
        check_origin(found.origin),
        found.store,
        found.ledger,
        found.root,
        found.second_root,
        None if found.key_copy is None else found.key_copy.folder,
        found.segments,
    )


def _read(path: Path, folder: Path) -> _File:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StoreError(
            "this is no workspace: it has no troth.toml",
            place=Place(str(folder)),
            remedy="troth init makes one",
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise StoreError(
            f"cannot be read: {problem}", place=Place(str(path)), remedy="mend the file"
        ) from None
    try:
        return msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise StoreError(
            f"not the settings of a workspace: {problem}",
            place=Place(str(path)),
            remedy="it has the keys format, origin, store and ledger, and tables that docs/formats/workspace.md names",
        ) from None


def _check_keepers(found: _File, path: Path) -> None:
    """Two keepers need two names and two folders: the key database tells them by name."""
    if found.second_root is None:
        return
    if keeper_name(found.root) == keeper_name(found.second_root):
        raise StoreError(
            f"both keepers of the root have the name {keeper_name(found.root)!r}",
            place=Place(str(path)),
            remedy="give [second-root] a name of its own: name = …",
        )
    if found.root.folder and Path(found.root.folder) == Path(found.second_root.folder):
        raise StoreError(
            f"both keepers of the root have the folder {found.root.folder!r}",
            place=Place(str(path)),
            remedy="give each a folder of its own",
        )


def write_settings(settings: Settings) -> None:
    """Write ``troth.toml``, whole or not at all."""
    with whole_file(settings.folder / SETTINGS) as partial:
        partial.write_text(
            "# A troth workspace (docs/formats/workspace.md)\n"
            f"format = {FORMAT}\n"
            f"origin = {_toml(settings.origin)}\n"
            f"store = {_toml(settings.store)}\n"
            f"ledger = {_toml(settings.ledger)}\n"
            + ("" if settings.segments == SEGMENTS else f"segments = {_toml(settings.segments)}\n")
            + _table("root", None if settings.root == IN_FILES else settings.root)
            + _table("second-root", settings.second_root)
            + ("" if settings.key_copy is None else f"\n[key-copy]\nfolder = {_toml(settings.key_copy)}\n"),
            encoding="utf-8",
        )


def _table(name: str, choice: RootChoice | None) -> str:
    """A keeper's table."""
    if choice is None:
        return ""
    entries = msgspec.to_builtins(choice)
    return f"\n[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in entries.items())


def _toml(text: str) -> str:
    """A TOML basic string: JSON's escapes are all of TOML's too."""
    return msgspec.json.encode(text).decode()
