"""What is so after each step of a sequence: what the workspace gives, and what an attacker gets who has every file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
from erasure_attack import attacked, root_versions
from erasure_said import name_of, words_of
from erasure_steps import PEOPLE, TALKS, TURNS
from erasure_world import World, told_of

from troth.errors import VaultError
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.settings import read_settings, write_settings
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, read_payload
from troth.vault.keys.chosen import FileRoot


def check(world: World) -> None:
    """Readable is what may be, known is what happened; and where keys were destroyed, nobody gets at more."""
    with opened(world.workspace) as found:
        _check_workspace(world, found)
    if root_versions(world.roots) != world.versions:
        check_everything(world)
        world.versions = root_versions(world.roots)


def check_everything(world: World) -> None:
    """Who has every file and copy and the live root opens what is stored, or was lost, and nothing that was destroyed."""
    attack = attacked([world.folder], world.roots)
    stored, lost = ({one.name for one in some} for some in (world.model.stored, world.model.lost))
    assert stored <= attack.opened <= stored | lost
    destroyed = world.keys - world.living
    assert attack.keys.isdisjoint(destroyed)
    everything = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())
    assert not any(key in everything for key in destroyed), "a destroyed key stands in a file"
    for talk in TALKS:
        for turn in range(TURNS):
            assert words_of(talk, turn).encode()[:29] not in everything, "something stands in a file in plain"


def _check_workspace(world: World, found: Workspace) -> None:
    rows = [row for batch in found.vault.records() for row in batch.to_pylist()]
    assert {(row["record"], row["text"]) for row in rows} == told_of(world.model.stored)
    assert len(rows) == len(world.model.stored)
    payloads = [payload for some in found.store.events(None) for payload in some]
    known = sorted(name_of(msgspec.json.decode(payload)["event"]) for payload in payloads)
    assert known == sorted(one.name for one in world.model.events)
    world.living = set(_living(found))
    world.keys |= world.living


def _living(found: Workspace) -> Iterator[bytes]:
    """The keys of what has one now."""
    records = [f"{talk}/{turn}" for talk in TALKS for turn in range(TURNS)]
    for kind, names in (("conversation", list(TALKS)), ("account", PEOPLE), ("record", records)):
        slots = [slot for slot in found.handles.slots(kind, names, make=False).values() if slot is not None]
        yield from (key for key in found.keyring.keys(slots) if key is not None)


def check_end(world: World) -> None:
    """Each intent has one end; a copy with the live root opens only where no key was destroyed since."""
    check_everything(world)
    ended: list[int] = []
    intents: list[int | None] = []
    with opened(world.workspace) as found:
        for row in found.store.opened(kinds=("erasure",)):
            told = read_payload(row.kind, row.payload)
            if isinstance(told, ErasureIntended):
                intents.append(row.index)
            elif isinstance(told, ErasureDone | ErasureAbandoned):
                ended.append(told.intent)
    assert intents == ended
    for copy, versions, stored in world.copies:
        _give_root(world, copy)
        same = versions == root_versions(world.roots)
        try:
            with opened(copy) as found:
                readable = {
                    name for batch in found.vault.records() for name in batch.column("record").to_pylist()
                }
            assert same
            assert readable == {one.name for one in stored}
        except VaultError:
            assert not same, "nothing was destroyed since, and the copy does not open"


def _give_root(world: World, copy: Path) -> None:
    """A copy gets the live root, and no place for copies of its own keys."""
    shutil.copytree(world.roots, copy / "roots")
    settings = read_settings(copy)
    write_settings(replace(settings, root=FileRoot("roots"), key_copy=None))
