"""A change of root keepers, step by step, and its end after an interruption (``docs/root-keepers.md``).

1. The note of who keeps the root and who is to keep it.
2. The new keepers make a root of a new version.
3. One transaction of the key database goes over to it. **From here on the new keepers count.**
4. ``troth.toml`` names them.
5. The old keepers destroy what they hold, and the note says how.
6. The ledger is told, and the note is removed.

Which of 2 and 3 was reached is never guessed: the key database opens with the roots of one side only.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.disk.durable import locked, sync_folder
from troth.errors import Place, UsageError, VaultError
from troth.operations.workspace.erasure.unfinished import root_destroyed
from troth.operations.workspace.roots.keepers import kept_by, open_keepers
from troth.operations.workspace.roots.note import (
    LOCK,
    NOTE,
    Done,
    Note,
    Tables,
    check_note,
    drop_note,
    read_note,
    write_note,
)
from troth.operations.workspace.settings import Settings, read_settings, write_settings
from troth.operations.workspace.vault import VAULT
from troth.types.moment import Moment
from troth.vault.keys.chosen import RootChoice, keeper_name, open_keeper
from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.holders import check_holders
from troth.vault.keys.keeper import Evidence, RootKeeper
from troth.vault.keys.keyring import Keyring, open_keyring
from troth.vault.keys.roots import TAKEN_OVER


@dataclass(frozen=True, slots=True)
class Edge:
    """What is handed in from above: a clock (UTC), and the environment with the secrets of keepers."""

    clock: Callable[[], Moment]
    environ: Mapping[str, str]


def settled(folder: Path, edge: Edge) -> Settings:
    """The settings of a workspace, after an interrupted change of its keepers was finished or undone up to its 5th step.

    Where another process is in a change just now, it is waited for. Raises ``StoreError``, and `VaultError` where a keeper
    of before or of after cannot be reached.
    """
    if not (folder / NOTE).exists():
        return read_settings(folder)
    with _alone(folder):
        found = read_note(folder)
        if found is not None and found[0].done is None:
            _finish(folder, *found, edge)
        return read_settings(folder)


def change(folder: Path, tables: Tables, edge: Edge) -> None:
    """Give the root to other keepers, up to the 5th step.

    Raises `UsageError` where these keepers have it, and `VaultError` where one cannot be reached, or holds roots already.
    """
    with _alone(folder):
        settings = read_settings(folder)
        if (folder / NOTE).exists():
            raise UsageError("the keepers are being changed", remedy="do it again when that is finished")
        after = _with(settings, tables)
        old, new = _stores(settings), _stores(after)
        if old == new:
            raise UsageError("these are the keepers of the root", remedy="there is nothing to change")
        _check_apart(after)
        keepers = open_keepers(after, edge.clock, edge.environ)
        for store, keeper in zip(new, keepers, strict=True):
            if store not in old:
                _check_empty(keeper)
        check_holders(folder / VAULT, open_keepers(settings, edge.clock, edge.environ))
        note = Note(Tables(settings.root, settings.second_root), tables)
        with closing(_opened(settings, edge)) as keyring:
            write_note(folder, note, keyring)
            keyring.hand_over(keepers)
        _go_over(folder, note, edge)


def _finish(folder: Path, note: Note, mark: bytes, edge: Edge) -> None:
    """Go on from wherever it was interrupted."""
    settings = read_settings(folder)
    before, after = _with(settings, note.old), _with(settings, note.new)
    if _is_held_by(after, edge):
        with closing(_opened(after, edge)) as keyring:
            check_note(folder, note, mark, keyring)
        _go_over(folder, note, edge)
        return
    check_holders(folder / VAULT, open_keepers(before, edge.clock, edge.environ))
    with closing(_opened(before, edge)) as keyring:
        check_note(folder, note, mark, keyring)
    for keeper in _only(after, before, edge):
        for version in keeper.versions():
            keeper.destroy(version)
    drop_note(folder)


def _is_held_by(settings: Settings, edge: Edge) -> bool:
    """Whether the key database went over to the keepers of some settings: then theirs are the roots that open it."""
    try:
        check_holders(settings.folder / VAULT, open_keepers(settings, edge.clock, edge.environ))
    except VaultError:
        return False  # or they cannot be reached: then those of before must prove that the root is theirs
    return True


def _go_over(folder: Path, note: Note, edge: Edge) -> None:
    """The settings name the new keepers; the old root is destroyed, and how is noted."""
    settings = read_settings(folder)
    before, after = _with(settings, note.old), _with(settings, note.new)
    if settings != after:
        write_settings(after)
    sync_folder(folder)
    with closing(_opened(after, edge)) as keyring:  # that alone destroys older roots at keepers that stay
        live = keyring.stats().root_version
        told = {one.keeper: one for one in keyring.evidence() if one.how != TAKEN_OVER}
        for keeper in _only(before, after, edge):
            told[keeper.name] = _destroyed(keeper, live - 1)
        evidence = [
            told.get(keeper_name(one), _found(keeper_name(one), live - 1)) for one, _ in kept_by(before)
        ]
        done = Done((live - 1, live), tuple(map(root_destroyed, evidence)))
        write_note(folder, msgspec.structs.replace(note, done=done), keyring)


def _destroyed(keeper: RootKeeper, last: int) -> Evidence:
    """Destroy all that a keeper holds; the evidence for the last version."""
    found = [keeper.destroy(version) for version in keeper.versions()]
    return next((one for one in found if one.version == last), _found(keeper.name, last))


def _found(name: str, version: int) -> Evidence:
    return Evidence(name, version, _BEFORE, None, None)


def _only(some: Settings, others: Settings, edge: Edge) -> list[RootKeeper]:
    """The keepers of some settings that are not keepers by other settings."""
    theirs = _stores(others)
    return [
        open_keeper(choice, place, edge.clock, edge.environ)
        for (choice, place), store in zip(kept_by(some), _stores(some), strict=True)
        if store not in theirs
    ]


def _stores(settings: Settings) -> list[tuple[Path, RootChoice]]:
    """What each keeper is, however its table is written: its folder, and all else that the table says."""
    return [
        (Path(os.path.realpath(place)), msgspec.structs.replace(choice, folder="", name=keeper_name(choice)))
        for choice, place in kept_by(settings)
    ]


def _with(settings: Settings, tables: Tables) -> Settings:
    return dataclasses.replace(settings, root=tables.root, second_root=tables.second_root)


def _opened(settings: Settings, edge: Edge) -> Keyring:
    copy = None if settings.copy_place is None else KeyCopy(settings.copy_place)
    return open_keyring(settings.folder / VAULT, open_keepers(settings, edge.clock, edge.environ), copy)


def _check_apart(settings: Settings) -> None:
    """Two keepers have two names and two folders."""
    kept = kept_by(settings)
    names = {keeper_name(choice) for choice, _ in kept}
    folders = {os.path.realpath(place) for _, place in kept}
    if len(names) < len(kept) or len(folders) < len(kept):
        raise UsageError(
            "the two keepers have one name, or one folder",
            remedy="give each of them its own: name = …, folder = …",
        )


def _check_empty(keeper: RootKeeper) -> None:
    if keeper.versions():
        raise VaultError(
            f"the new keeper {keeper.name!r} holds roots already",
            remedy="give it a folder, a token or a key of its own, which nothing else uses",
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The one process that changes the keepers of a workspace; what the disk refuses is told."""
    try:
        with locked(folder / LOCK):
            yield
    except OSError as problem:
        raise VaultError(
            f"the keepers of the root cannot be changed: {problem.strerror or problem}",
            place=Place(str(folder)),
            remedy="make room or mend the permissions; what was begun is finished by the next command",
        ) from problem


_BEFORE = (
    "The keeper did not hold this version any more when the interrupted change of keepers was finished: it was destroyed "
    "before, in the keeper's way, and when is not known."
)
