"""``troth.toml``: what a workspace is made of. Whoever can write it can point the workspace at another store."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.errors import Place, StoreError, UsageError
from troth.operations.whole_file import whole_file

SETTINGS = "troth.toml"
WITNESSES = "witnesses"
LOG_KEY = Path("keys") / "log.key"
ML_DSA_KEY = Path("keys") / "log-mldsa44.key"
RELEASES = "releases"
FORMAT = 1

_ORIGIN = re.compile(r"[^\s+\x00-\x1f]{1,200}\Z")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    origin: str
    store: str
    ledger: str


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

    @property
    def ledger_place(self) -> str | Path:
        """Where the files of the ledger lie."""
        return self.ledger if "://" in self.ledger else self.folder / self.ledger


def check_origin(origin: str) -> str:
    """Give an origin back. Raises `UsageError` where it cannot name a log (C2SP tlog-checkpoint, signed-note)."""
    if not _ORIGIN.match(origin):
        raise UsageError(
            f"{origin!r} cannot name a log", remedy="use a name like example.org/log, without spaces or plus"
        )
    return origin


def read_settings(folder: Path) -> Settings:
    """The settings of the workspace in a folder. Raises `StoreError` where there is none."""
    path = folder / SETTINGS
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
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise StoreError(
            f"not the settings of a workspace: {problem}",
            place=Place(str(path)),
            remedy="it has the keys format, origin, store and ledger",
        ) from None
    if found.format != FORMAT:
        remedy = f"this troth reads format {FORMAT}; use the one that wrote it"
        raise StoreError(f"format {found.format} is another format", place=Place(str(path)), remedy=remedy)
    return Settings(folder, check_origin(found.origin), found.store, found.ledger)


def write_settings(settings: Settings) -> None:
    """Write ``troth.toml``, whole or not at all."""
    with whole_file(settings.folder / SETTINGS) as partial:
        partial.write_text(
            "# A troth workspace (docs/formats/workspace.md)\n"
            f"format = {FORMAT}\n"
            f"origin = {_toml(settings.origin)}\n"
            f"store = {_toml(settings.store)}\n"
            f"ledger = {_toml(settings.ledger)}\n",
            encoding="utf-8",
        )


def _toml(text: str) -> str:
    """A TOML basic string: JSON's escapes are all of TOML's too."""
    return msgspec.json.encode(text).decode()
