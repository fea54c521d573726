"""What a restore is asked for, and what becomes of the settings that stand in the backup."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from troth.errors import Place, UsageError, VerificationError
from troth.ledger.published import CHECKPOINT
from troth.operations.workspace.backup.files_list import (
    LEDGER,
    SEGMENTS,
    SETTINGS_FILE,
    STORE_ROWS,
    BackupList,
)
from troth.operations.workspace.backup.objects import BackupObjects
from troth.operations.workspace.roots.keepers import ROOT, SECOND_ROOT
from troth.operations.workspace.settings import SETTINGS, Settings, check_origin, read_settings
from troth.vault.keys.chosen import RootChoice


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Which backup goes where, and where what is in no backup lies now."""

    source: str
    """A folder, or the URL of an object store."""
    to: Path
    """A new or empty folder."""
    keys: Path | None = None
    """A folder with the log's signing keys."""
    root: Path | None = None
    """Where the files of the first keeper lie now."""
    second_root: Path | None = None
    key_copy: Path | None = None
    """The place of key copies; that of the settings, if nothing else is said."""
    store: str | None = None
    """Another PostgreSQL database than before."""
    ledger: str | None = None
    """Another place for the files of the ledger: with ``origin`` only."""
    checkpoints: tuple[Path, ...] = ()
    """Checkpoints of the log from elsewhere: how far it is known to have gone."""
    lost_entries_accepted: bool = False
    origin: str | None = None
    """The name under which the log goes on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a backup: its settings, and what outlived the disk."""

    settings: Settings
    ledger: str | Path | None
    """The place of the log of before, where it is not in the backup or outlived the disk."""
    outlived: tuple[str, ...]
    """The beginnings of the paths of what did, which are not written."""
    anew: bool
    """Whether the log gets another name: its files are made anew."""

    def place(self, path: str) -> Path | None:
        """Where a file of the backup belongs; None where it is not to be written."""
        if path.startswith((SETTINGS_FILE, *self.outlived, *((LEDGER,) if self.anew else ()))):
            return None
        for prefix, place in ((LEDGER, self.settings.ledger_place), (SEGMENTS, self.settings.segments_place)):
            if path.startswith(prefix):
                return None if isinstance(place, str) else place / path.removeprefix(prefix)
        return self.settings.folder / path


def plan_of(
    objects: BackupObjects, backup: BackupList, request: RestoreRequest, outlived: tuple[str, ...] | None
) -> Plan:
    """What becomes of a backup; an interrupted attempt has seen what ``outlived`` the disk. Raises `UsageError`."""
    before = replace(_settings_of(objects, backup), folder=request.to)
    settings = _settings(before, backup, request)
    there = _outlived(before) if outlived is None else outlived
    ledger = before.ledger_place if isinstance(before.ledger_place, str) or LEDGER in there else None
    return Plan(settings, ledger, there, anew=request.origin is not None)


def _outlived(settings: Settings) -> tuple[str, ...]:
    """What lies in folders outside of the workspace, and is still there."""
    found: list[str] = []
    for prefix, place, sign in (
        (LEDGER, settings.ledger_place, CHECKPOINT),
        (SEGMENTS, settings.segments_place, ""),
    ):
        if isinstance(place, Path) and not place.is_relative_to(settings.folder):
            there = (place / sign).exists() if sign else place.is_dir() and any(place.iterdir())
            found += [prefix] if there else []
    return tuple(found)


def _settings(before: Settings, backup: BackupList, request: RestoreRequest) -> Settings:
    if request.store is not None and backup.file(STORE_ROWS) is None:
        raise UsageError(
            "the store of this backup is a file, and needs no database", remedy="leave --store out"
        )
    if request.ledger is not None and request.origin is None:
        raise UsageError(
            "another place for the ledger goes with another name",
            remedy="give --origin NAME, or leave --ledger out",
        )
    ledger = before.ledger
    if request.origin is not None:
        if request.origin == before.origin:
            raise UsageError(
                "the log has that name already", remedy="give --origin another one, or leave it out"
            )
        ledger = request.ledger or LEDGER.rstrip("/")
    second = before.second_root
    if request.second_root is not None and second is None:
        raise UsageError("the workspace has one keeper of its root", remedy="leave --second-root out")
    settings = replace(
        before,
        origin=check_origin(request.origin or before.origin),
        store=request.store or before.store,
        ledger=ledger,
        root=_moved(before.root, request.root),
        second_root=None if second is None else _moved(second, request.second_root),
        key_copy=before.key_copy if request.key_copy is None else str(request.key_copy.absolute()),
    )
    _check_roots(settings)
    return settings


def _settings_of(objects: BackupObjects, backup: BackupList) -> Settings:
    file = backup.file(SETTINGS_FILE)
    if file is None:
        raise VerificationError("the backup has no settings", place=objects.place, remedy="take another one")
    with tempfile.TemporaryDirectory(prefix="troth-restore-") as folder:
        data = b"".join(objects.piece(name, file.path) for name in file.pieces)
        (Path(folder) / SETTINGS).write_bytes(data)
        return read_settings(Path(folder))


def _moved(choice: RootChoice, folder: Path | None) -> RootChoice:
    return choice if folder is None else msgspec.structs.replace(choice, folder=str(folder.absolute()))


def _check_roots(settings: Settings) -> None:
    """The files of a keeper lay within the workspace, or they did not; the root is never in a backup."""
    chosen = [(settings.root, ROOT, "--root")]
    if settings.second_root is not None:
        chosen.append((settings.second_root, SECOND_ROOT, "--second-root"))
    for choice, folder, option in chosen:
        place = settings.folder / (choice.folder or folder)
        if not place.is_dir():
            raise UsageError(
                "the live root is not here, and no backup has it: without it nothing of this backup opens",
                place=Place(str(place)),
                remedy=f"say with {option} DIR where the files of its keeper are now",
            )
