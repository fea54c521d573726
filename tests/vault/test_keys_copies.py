"""The copy of the keys: always as new as what was acknowledged, only what changed, and nothing that was destroyed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from copied_worlds import TABLES, CopiedWorld, same
from keys_worlds import Breaking

from key_attacker import derivable
from killing import in_memory, run_script
from troth.errors import VaultError
from troth.vault.handles import Handles
from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.keyring import open_keyring


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CopiedWorld]:
    with in_memory(tmp_path) as folder:
        yield CopiedWorld(folder / "world").create()


def test_everything_that_was_acknowledged_is_in_the_copy(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        keyring.allot(700)
        assert same(world)
        given = handles.slots("conversation", ["one", "two", "three"], make=True)
        assert same(world)
        keyring.destroy([5, 300, 301])
        assert same(world)
        handles.forget("conversation", ["two"])
        assert same(world)
        keyring.destroy(range(256, 512))
        assert same(world)
        keys = keyring.keys(range(704))
    found = world.lost_disk(world.folder.parent / "after")
    with found.opened() as keyring:
        assert keyring.keys(range(704)) == keys
        there = Handles(keyring, found.keys).slots("conversation", given, make=False)
        assert there == {**given, "two": None}


def test_only_what_changed_is_written(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        keyring.allot(20_000)
        keyring.destroy(range(1, 20_000, 97))
        before = dict(world.table("SELECT row, changed FROM node", world.copy))
        keyring.destroy([5_000])
        after = dict(world.table("SELECT row, changed FROM node", world.copy))
    changed = [row for row in after if after[row] != before.get(row)]
    levels = sorted(int(row) >> 32 for row in changed)  # type: ignore[call-overload]
    assert levels == [0, 1, 2, 3], "one page, and its path"


def test_what_was_forgotten_leaves_a_slot_and_no_mark(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        slot = handles.slots("account", ["ada"], make=True)["ada"]
        mark = handles.mark("account", "ada")[:16]
        assert mark in world.copy.read_bytes()
        handles.forget("account", ["ada"])
    assert world.table("SELECT what, number FROM removed", world.copy) == [("handle", slot)]
    for file in (*world.files(), *world.copies.iterdir()):
        assert mark not in file.read_bytes(), file


def test_a_destroyed_key_is_in_no_copy_of_any_day(world: CopiedWorld) -> None:
    days: list[bytes] = []
    with world.opened() as keyring:
        keyring.allot(600)
        keys = keyring.keys(range(601))
        days.append(world.copy.read_bytes())
        assert derivable(days, world.roots())[7] == {keys[7]}, "the attacker of this test can do what one can"
        for doomed in ([7, 8], [300], range(512, 601)):
            keyring.destroy(list(doomed))
            days.append(world.copy.read_bytes())
            assert derivable([world.copy.read_bytes()], world.roots()).keys() >= {1, 2, 400}
        found = derivable(days, world.roots())
    dead = {7, 8, 300, *range(512, 601)}
    assert found.keys().isdisjoint(dead)
    assert not any(key in day for day in days for key in keys if key), "no key is anywhere in the clear"


def test_without_the_copy_the_old_root_is_not_destroyed(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        keyring.allot(5)
        world.copies.rename(world.folder / "away")
        with pytest.raises(VaultError, match="no root was destroyed"):
            keyring.destroy([3])
        assert world.versions() == [[1, 2]]
        with pytest.raises(VaultError, match="nothing is sealed with new keys"):
            Handles(keyring, world.keys).slots("conversation", ["one"], make=True)
        assert None not in keyring.keys([1, 2, 4]), "what is there can be read"
    with pytest.raises(VaultError, match="no root was destroyed"):
        world.open()  # what was begun is finished first
    assert world.versions() == [[1, 2]]
    (world.folder / "away").rename(world.copies)
    with world.opened() as keyring:
        assert world.versions() == [[2]]
        assert same(world)
        done = keyring.destroy([3])
        assert (done.count, done.already) == (0, 1)


def test_reading_needs_no_place_for_copies(world: CopiedWorld) -> None:
    shutil.rmtree(world.copies)
    with world.opened() as keyring:
        assert keyring.keys([0])
        with pytest.raises(VaultError, match="the folder is not there"):
            keyring.allot(1)
    assert not world.copies.exists(), "a disk that is not mounted is not written past"


def test_the_power_goes_between_copy_and_destruction(world: CopiedWorld) -> None:
    keeper = Breaking(world.keeper())
    keyring = open_keyring(world.keys, [keeper], KeyCopy(world.copies))
    keyring.allot(5)
    keeper.fails.add("destroy")
    with pytest.raises(VaultError, match="the power went"):
        keyring.destroy([2])
    keyring.close()
    assert world.versions() == [[1, 2]]
    found = world.lost_disk(world.folder.parent / "after")
    with found.opened() as keyring:
        assert keyring.keys([2]) == [None]
    assert found.versions() == [[2]]


def test_what_another_process_did_not_copy_is_copied_before_it_is_used(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        other = open_keyring(
            world.keys, world.all_keepers()
        )  # it is killed between its transaction and the copy
        slots = Handles(other, world.keys).slots("conversation", ["one"], make=True)
        other.close()
        assert not same(world)
        assert handles.slots("conversation", ["one"], make=True) == slots
        assert same(world)


def test_an_older_key_database_is_refused(world: CopiedWorld) -> None:
    older = world.folder / "older.db"
    shutil.copy(world.database, older)
    with world.opened() as keyring:
        keyring.allot(3)
    shutil.copy(older, world.database)
    with pytest.raises(VaultError, match="older than its copy"):
        world.open()


def test_the_copy_of_another_keyring_is_left_alone(world: CopiedWorld) -> None:
    other = CopiedWorld(world.folder.parent / "other").create()
    before = other.copy.read_bytes()
    mixed = KeyCopy(other.copies)
    with pytest.raises(VaultError, match="another keyring"):
        open_keyring(world.keys, world.all_keepers(), mixed)
    assert other.copy.read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"no database", None])
def test_a_damaged_copy_is_named_and_written_anew(world: CopiedWorld, damage: bytes | None) -> None:
    with world.opened() as keyring:
        keyring.allot(900)
    data = world.copy.read_bytes()
    world.copy.write_bytes(data[: len(data) // 2] if damage is None else damage)
    if damage != b"":
        with pytest.raises(VaultError, match="may be removed"):
            _allot(world)
        world.copy.unlink()
    with world.opened() as keyring:
        keyring.allot(1)
    assert same(world)


def _allot(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        keyring.allot(700)


def test_a_key_database_of_before_is_migrated(world: CopiedWorld) -> None:
    with world.opened() as keyring:
        Handles(keyring, world.keys).slots("conversation", ["one", "two"], make=True)
        keyring.allot(300)
        keyring.destroy([9])
        keys = keyring.keys(range(303))
    shutil.rmtree(world.copies)
    world.copies.mkdir()
    _as_it_was(world.database)
    with world.opened() as keyring:
        assert keyring.keys(range(303)) == keys
        keyring.copied()
        assert same(world)
        assert Handles(keyring, world.keys).slots("conversation", ["one"], make=False) == {"one": 1}
        keyring.destroy([10])
        assert same(world)
    for database in (world.database, world.copy):
        assert world.table("PRAGMA integrity_check", database) == [("ok",)]


def _as_it_was(database: Path) -> None:
    """Format 1: no numbers of changes, and no name of the keyring."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for index in ("node_changed", "handle_changed", "handle_slot"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("DROP TABLE removed")
        for table, column in (("node", "changed"), ("handle", "changed"), ("state", "keyring")):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("UPDATE state SET format = 1")


@pytest.mark.parametrize(("keepers", "stride"), [(1, 2), (2, 5)])
def test_killed_at_every_few_steps_with_a_copy(tmp_path: Path, keepers: int, stride: int) -> None:
    with in_memory(tmp_path) as folder:
        script = Path(__file__).with_name("copies_kill.py")
        done = run_script(script, str(folder), str(keepers), str(stride))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 90


def test_the_tables_of_a_copy_are_all_compared(world: CopiedWorld) -> None:
    names = {
        name for (name,) in world.table("SELECT name FROM sqlite_schema WHERE type = 'table'", world.copy)
    }
    assert names == {*TABLES, "retired"}
