"""``troth backup``: everything of a workspace but its root and its signing keys, copied while others write.

The order (``docs/backup.md``): the ledger before its store, the segments after their index, the keys after all of these.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.disk.durable import locked
from troth.errors import LedgerError, Place, StoreError, VaultError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.backup.files_list import (
    FORMAT,
    INDEX_FILE,
    KEYS_FILE,
    LEDGER,
    SEGMENTS,
    STORE_FILE,
    STORE_ROWS,
    BackedUpFile,
    BackedUpKeys,
    BackupList,
)
from troth.operations.workspace.backup.objects import BackupObjects, Copying
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.settings import SETTINGS, WITNESSES
from troth.store.open import SQLITE
from troth.store.saved import save_store
from troth.types.moment import Moment, format_moment
from troth.vault.segments.files import segment_name
from troth.vault.segments.index import FILE as INDEX
from troth.vault.segments.index import LIVE

_LOCK = "backup.lock"
_PATIENCE = 60.0
"""Seconds to wait for who writes the ledger."""
_PAUSE = 0.02
_TRIES = 100
"""How often the index of the segments is taken anew because segments were compacted meanwhile."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was copied."""

    digest: str
    """The name of the backup."""
    at: Moment
    """When it was begun (UTC)."""
    entries: int
    """Entries of the ledger that its store knows."""
    root_version: int
    """The version of the root that opens its key state: another one opens nothing."""
    files: int
    size: int
    """Bytes of all files."""
    copied: int
    """Bytes of them that were not there before."""
    removed: int
    """Objects that the backup of before had and this one does not need."""
    elsewhere: tuple[str, ...]
    """What is not in it: parts of the workspace in object stores, and where they lie."""


def backup(workspace: Path, to: str, *, check: bool = False, progress: Progress = silent) -> BackedUp:
    """Back a workspace up into a folder or object store, in the place of the backup that is there.

    That one stays whole until the new one is. With ``check`` everything that is used again is read again. Raises
    `StoreError`, `VaultError` and `LedgerError` where something cannot be read or written, or a segment is damaged, and
    ``VerificationError`` where the list that is there is damaged.
    """
    with opened(workspace, closed=True) as found, locked(workspace / _LOCK):
        objects = BackupObjects(to)
        copying = Copying(objects, check=check)
        with tempfile.TemporaryDirectory(prefix="troth-backup-") as folder, _told():
            made = _Backup(found, copying, Path(folder), progress).run()
        removed = copying.finish(made)
    return BackedUp(
        made.digest,
        made.moment,
        made.entries,
        made.keys.root,
        len(made.files),
        made.size,
        copying.copied,
        removed,
        made.elsewhere,
    )


class _Backup:
    """One call."""

    def __init__(self, workspace: Workspace, copying: Copying, folder: Path, progress: Progress) -> None:
        self._workspace, self._copying, self._folder, self._progress = workspace, copying, folder, progress
        self._files: list[BackedUpFile] = []
        self._elsewhere: list[str] = []

    def run(self) -> BackupList:
        """Copy everything in its order."""
        at = now()
        settings = self._workspace.settings
        for name in (SETTINGS, WITNESSES):
            if (settings.folder / name).exists():
                self._add([self._copying.file(name, settings.folder / name)])
        self._ledger()
        is_file = settings.store == SQLITE
        saved = self._folder / STORE_FILE
        head = save_store(settings.store, settings.folder, saved)
        self._add([self._copying.file(STORE_FILE if is_file else STORE_ROWS, saved)])
        self._vault()
        keys = self._keys()
        checkpoint = head.checkpoint.decode()
        files = tuple(sorted(self._files, key=lambda file: file.path))
        return BackupList(
            FORMAT,
            format_moment(at),
            settings.origin,
            head.size,
            head.root.hex(),
            checkpoint,
            keys,
            tuple(self._elsewhere),
            files,
        )

    def _add(self, files: list[BackedUpFile]) -> None:
        self._files += files
        self._progress("backup", len(self._files), None)

    def _ledger(self) -> None:
        """Full files first, which never change; then, where nobody writes, the rest of one state."""
        if "://" in self._workspace.settings.ledger:
            self._elsewhere.append(f"ledger: {self._workspace.settings.ledger}")
            return
        storage, done = self._workspace.storage, set[str]()
        for full in (True, False):
            with self._still() if not full else _nothing():
                names = [name for name in storage.list("") if name not in done]
                wanted = [name for name in names if not full or _is_full(name)]
                same = {name: self._copying.same(LEDGER + name) for name in wanted if _is_full(name)}
                self._add([file for file in same.values() if file is not None])
                new = [name for name in wanted if same.get(name) is None]
                self._add(self._copying.small(self._read(name) for name in new))
                done.update(wanted)

    def _read(self, name: str) -> tuple[str, bytes]:
        data = self._workspace.storage.read(name)
        if data is None:
            place = self._workspace.storage.place(name)
            raise LedgerError(
                "the file went while it was copied", place=place, remedy="take the backup again"
            )
        return LEDGER + name, data

    @contextmanager
    def _still(self) -> Iterator[None]:
        """The ledger's writer's place: nobody writes the ledger while the context is open."""
        until = time.monotonic() + _PATIENCE
        while True:
            with self._workspace.store.writer_lock() as held:
                if held:
                    yield
                    return
            if time.monotonic() > until:
                raise LedgerError(
                    "another process holds the ledger and does not let go",
                    remedy="look for a process that writes to this workspace, and take the backup again",
                )
            time.sleep(_PAUSE)

    def _vault(self) -> None:
        """The index, and every segment that it names; where one was compacted away meanwhile, both are taken anew."""
        place = self._workspace.settings.segments_place
        saved = self._folder / INDEX
        copied: dict[str, BackedUpFile] = {}
        for _ in range(_TRIES):
            segments = self._index(saved)
            if isinstance(place, str):
                self._elsewhere.append(f"segments: {place}")
            elif not self._segments(place, segments, copied):
                continue
            self._add([copied[name] for name in segments if name in copied])
            self._add([self._copying.file(INDEX_FILE, saved)])
            return
        raise VaultError(
            "segments are compacted faster than they are copied",
            remedy="take the backup again when it is quieter",
        )

    def _index(self, saved: Path) -> dict[str, str]:
        """Save the index; give the names of its segments with their digests."""
        saved.unlink(missing_ok=True)
        source_file = self._workspace.settings.folder / INDEX_FILE
        with closing(sqlite3.connect(source_file)) as source, closing(sqlite3.connect(saved)) as copy:
            source.backup(copy)
            query = "SELECT number, digest FROM segment WHERE state = ? ORDER BY number"
            return {segment_name(number): digest.hex() for number, digest in copy.execute(query, (LIVE,))}

    def _segments(self, place: Path, segments: dict[str, str], copied: dict[str, BackedUpFile]) -> bool:
        """Copy those that are not copied yet; False where one is not there any more."""
        for name, digest in segments.items():
            if name in copied:
                continue
            path = SEGMENTS + name
            try:
                file = self._copying.same(path, digest) or self._copying.file(path, place / name)
            except FileNotFoundError:
                if self._is_live(name):
                    raise
                return False
            if file.sha256 != digest:
                raise VaultError(
                    "the segment is damaged: it is not what the index says",
                    place=Place(str(place / name)),
                    remedy="restore it from the backup of before, which is still whole",
                )
            copied[name] = file
            self._progress("backup", len(self._files) + len(copied), None)
        return True

    def _is_live(self, name: str) -> bool:
        """Whether the index still names a segment: then its file is missing."""
        return name in self._index(self._folder / "again.db")

    def _keys(self) -> BackedUpKeys:
        target = self._folder / "keys.db"
        saved = self._workspace.keyring.save(target)
        self._add([self._copying.file(KEYS_FILE, target)])
        state = saved.state
        return BackedUpKeys(state.keyring.hex(), state.root, state.changes, saved.slots, saved.destroyed)


def _is_full(name: str) -> bool:
    """Whether a file of the ledger is a full tile or bundle, which never changes."""
    return name.startswith("tile/") and ".p/" not in name


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as problem:
        where = getattr(problem, "filename", None)
        raise StoreError(
            f"the workspace cannot be copied: {getattr(problem, 'strerror', None) or problem}",
            place=None if where is None else Place(str(where)),
            remedy="mend that, and take the backup again; the backup of before is still whole",
        ) from problem
