"""Damaged, swapped, replayed and foreign key databases and roots: refused, named, and the rest unharmed."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from keys_worlds import World

from key_attacker import derivable
from killing import in_memory
from troth.errors import VaultError
from troth.vault.keys.keyring import create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper
from troth.vault.keys.nodes import Address, Top, entries_of, read_top, top_bytes

SLOTS = 1400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Pages of every sort: whole, cut, gone, and one that is not full. A copy of before the last destruction is kept."""
    with in_memory(tmp_path) as folder:
        world = World(folder / "world").create()
        with world.opened() as keyring:
            keyring.allot(SLOTS)
            keyring.destroy([3, 300, 301, *range(512, 768)])
        shutil.copytree(world.folder, folder / "before")
        with world.opened() as keyring:
            keyring.destroy([5, 302, 800])
        yield world


def before(world: World) -> World:
    return World(world.folder.parent / "before")


def read_all(world: World) -> list[bytes | None]:
    with world.opened() as keyring:
        return keyring.keys(range(SLOTS))


@contextmanager
def sql(world: World) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(world.database, isolation_level=None)) as connection:
        yield connection


def sealed(world: World, address: Address) -> bytes:
    with sql(world) as connection:
        (found,) = connection.execute("SELECT sealed FROM node WHERE row = ?", (address.row,)).fetchone()
    return found


def put(world: World, address: Address, blob: bytes) -> None:
    with sql(world) as connection:
        connection.execute("REPLACE INTO node VALUES (?, ?, 0)", (address.row, blob))


# --- bits ------------------------------------------------------------------------------------------


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def check_flip(world: World, path: Path, bit: int, keys: list[bytes | None]) -> bool:
    """Whether it was refused. Otherwise every key that is given is the right one, and the root is there still."""
    data = path.read_bytes()
    path.write_bytes(flipped(data, bit))
    refused = False
    try:
        with world.opened() as keyring:
            for slot in (0, 3, 4, 5, 299, 300, 303, 600, 800, 801, 1024, 1399):
                try:
                    assert keyring.keys([slot]) == [keys[slot]], f"bit {bit} of {path.name}: slot {slot}"
                except VaultError:
                    refused = True
    except VaultError:
        refused = True
    assert world.versions() == [[3]], "nothing but a rotation destroys a root"
    return refused


def test_no_flipped_bit_of_the_key_database_gives_a_wrong_key(world: World) -> None:
    keys = read_all(world)
    data = world.database.read_bytes()
    chosen = random.Random(11)
    used = [at for at in range(len(data)) if data[at]]  # most of a small database is empty
    refused = 0
    for _ in range(350):
        bit = chosen.choice(used) * 8 + chosen.randrange(8)
        refused += check_flip(world, world.database, bit, keys)
        for path in world.files():
            if path.name.startswith("keys.db"):
                path.unlink()
        world.database.write_bytes(data)
    assert refused > 100
    assert read_all(world) == keys


def test_every_flipped_bit_of_a_root_is_refused(world: World) -> None:
    keys = read_all(world)
    (root,) = world.root_folder().iterdir()
    data = root.read_bytes()
    for bit in range(0, len(data) * 8, 3):
        assert check_flip(world, root, bit, keys), bit
        root.write_bytes(data)
    for wrong in (b"", data[:-1], data + b"\x00"):
        root.write_bytes(wrong)
        with pytest.raises(VaultError, match="damaged"):
            world.open()
    root.write_bytes(data)
    assert read_all(world) == keys


def test_no_flipped_bit_of_a_write_ahead_log_brings_a_key_back(world: World) -> None:
    keys = read_all(world)
    with closing(sqlite3.connect(world.database, isolation_level=None)) as reader, world.opened() as keyring:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM state").fetchall()  # so that the log cannot be written back
        keyring.destroy([7, 1300])
        shutil.copytree(world.folder, world.folder.parent / "copied")
    keys[7] = keys[1300] = None
    copied = World(world.folder.parent / "copied")
    data = {path: path.read_bytes() for path in copied.files()}
    log = copied.keys / "keys.db-wal"
    assert len(data[log]) > 4096
    chosen, refused = random.Random(13), 0
    for _ in range(100):
        for path in copied.files():
            path.unlink()
        for path, whole in data.items():
            path.write_bytes(whole)
        log.write_bytes(flipped(data[log], chosen.randrange(8 * len(data[log]))))
        try:
            assert read_all(copied) == keys
        except VaultError:
            refused += 1
        assert copied.versions() == [[4]]
    assert refused > 50


def test_one_damaged_page_is_named_and_the_others_are_read(world: World) -> None:
    keys = read_all(world)
    blob = sealed(world, Address(0, 1))
    put(world, Address(0, 1), flipped(blob, 100))
    with world.opened() as keyring:
        with pytest.raises(VaultError, match="page 1 of the key tree does not open"):
            keyring.keys([4, 310])
        others = [*range(256), *range(512, SLOTS)]
        assert keyring.keys(others) == [keys[slot] for slot in others]
        with pytest.raises(VaultError, match="page 1 "):
            keyring.destroy([4, 310])
        assert keyring.keys([4]) == [keys[4]], "nothing of the batch was destroyed"
        assert keyring.destroy([4]).count == 1, "and without the page it goes"
    put(world, Address(0, 1), blob)
    keys[4] = None
    assert read_all(world) == keys


# --- in the wrong place, or of the wrong time -------------------------------------------------------


def test_swapped_pages_are_named(world: World) -> None:
    one, two = (sealed(world, Address(0, number)) for number in (0, 1))
    put(world, Address(0, 0), two)
    put(world, Address(0, 1), one)
    with world.opened() as keyring:
        with pytest.raises(VaultError, match="page 1 of the key tree does not open"):
            keyring.keys([300])
        with pytest.raises(VaultError, match="page 0 of the key tree does not open"):
            keyring.keys([1])


@pytest.mark.parametrize(
    "address",
    [Address(0, 1), Address(1, 0), Address(2, 0), Address(3, 0)],
    ids=lambda one: f"level{one.level}",
)
def test_a_node_of_before_is_named(world: World, address: Address) -> None:
    put(world, address, sealed(before(world), address))
    name = "page 1" if address.level == 0 else f"node 0 of level {address.level}"
    with pytest.raises(VaultError, match=name), world.opened() as keyring:
        keyring.keys([310])


@pytest.mark.parametrize(
    "address",
    [Address(0, 1), Address(1, 0), Address(2, 0), Address(3, 0)],
    ids=lambda one: f"level{one.level}",
)
def test_a_missing_node_is_named(world: World, address: Address) -> None:
    with sql(world) as connection:
        connection.execute("DELETE FROM node WHERE row = ?", (address.row,))
    with pytest.raises(VaultError, match="missing"), world.opened() as keyring:
        keyring.keys([310])


def test_an_older_key_database_is_refused_and_the_live_root_survives(world: World) -> None:
    keys = read_all(world)
    newest = world.database.read_bytes()
    world.database.write_bytes(before(world).database.read_bytes())
    with pytest.raises(VaultError, match=r"of version 2 of the root, and the keeper 'local' holds 3"):
        world.open()
    assert world.versions() == [[3]]
    old = derivable(before(world).data(), world.roots())
    assert old == {}, "the live root opens nothing in it"
    world.database.write_bytes(newest)
    assert read_all(world) == keys


def test_an_older_key_database_that_claims_the_live_version_is_refused(world: World) -> None:
    world.database.write_bytes(before(world).database.read_bytes())
    with sql(world) as connection:
        connection.execute("UPDATE state SET root = 3")
    with pytest.raises(VaultError, match="does not open the key database"):
        world.open()
    assert world.versions() == [[3]]


@pytest.mark.parametrize("version", [-1, 1, 2, 4, 2**40])
def test_a_changed_version_destroys_nothing(world: World, version: int) -> None:
    with sql(world) as connection:
        connection.execute("UPDATE state SET root = ?", (version,))
    with pytest.raises(VaultError, match="restore the copy"):
        world.open()
    assert world.versions() == [[3]]


def test_old_roots_that_are_put_back_are_destroyed(world: World) -> None:
    keys = read_all(world)
    shutil.copy(before(world).root_folder() / "root.2", world.root_folder() / "root.2")
    assert world.versions() == [[2, 3]]
    assert read_all(world) == keys
    assert world.versions() == [[3]]


def test_a_root_far_above_is_not_taken_for_a_leftover(world: World) -> None:
    world.keeper().make(5)
    with pytest.raises(VaultError, match="holds 3, 5"):
        world.open()
    assert world.versions() == [[3, 5]]


# --- other roots, other files ----------------------------------------------------------------------


def test_the_root_of_another_keyring_is_refused(world: World) -> None:
    other = World(world.folder.parent / "other").create()
    with other.opened() as keyring:
        keyring.allot(5)
        keyring.destroy([1])
        keyring.destroy([2])
    with pytest.raises(VaultError, match="does not open the key database"):
        open_keyring(world.keys, other.all_keepers())
    assert other.versions() == [[3]]
    other.keeper().make(4)
    with pytest.raises(VaultError, match="does not open the key database"):
        open_keyring(world.keys, other.all_keepers())
    assert other.versions() == [[3, 4]], "what stands beside a root that does not fit is nobody's leftover"
    keeper = LocalKeeper(world.root_folder(), lambda: 0, "else")
    with pytest.raises(VaultError, match="never sealed under a root of the keeper 'else'"):
        open_keyring(world.keys, [keeper])
    assert world.versions() == [[3]]


def test_both_keepers_must_fit(tmp_path: Path) -> None:
    world, other = World(tmp_path / "one", keepers=2).create(), World(tmp_path / "two", keepers=2).create()
    with pytest.raises(VaultError, match="keeper 'local1' holds does not open"):
        open_keyring(world.keys, [world.keeper(0), other.keeper(1)])
    with pytest.raises(VaultError, match="keeper 'local1' holds none"):
        open_keyring(world.keys, [world.keeper(0), LocalKeeper(tmp_path / "empty", lambda: 0, "local1")])
    assert world.versions() == other.versions() == [[1], [1]]


def test_no_root_no_key(world: World) -> None:
    shutil.rmtree(world.root_folder())
    with pytest.raises(VaultError, match="holds none"):
        world.open()


def test_no_key_database_is_no_new_keyring(world: World) -> None:
    world.database.unlink()
    with pytest.raises(VaultError, match="no key database"):
        world.open()
    with pytest.raises(VaultError, match="holds roots"):
        world.create()
    assert world.versions() == [[3]]


@pytest.mark.parametrize("content", [b"", b"Dear Sir or Madam, " * 500, b"SQLite format 3\x00" + bytes(4080)])
def test_a_file_that_is_no_key_database_is_refused(world: World, content: bytes) -> None:
    world.database.write_bytes(content)
    with pytest.raises(VaultError, match="key database"):
        world.open()
    with pytest.raises(VaultError):
        create_keyring(world.keys, world.all_keepers())
    assert world.versions() == [[3]]


@pytest.mark.parametrize("empty", ["no bytes", "no tables"])
def test_an_empty_file_beside_a_first_root_is_no_unfinished_keyring(tmp_path: Path, empty: str) -> None:
    world = World(tmp_path).create()
    world.database.unlink()
    if empty == "no bytes":
        world.database.touch()
    else:
        with sql(world) as connection:
            connection.execute("CREATE TABLE other (x)")
            connection.execute("DROP TABLE other")
    for _ in range(2):
        with pytest.raises(VaultError, match="holds roots already"):
            world.create()
    assert world.versions() == [[1]]


def test_another_format_is_refused(world: World) -> None:
    with sql(world) as connection:
        connection.execute("UPDATE state SET format = 3")
    with pytest.raises(VaultError, match="another format"):
        world.open()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE state SET root = 'three'",
        "UPDATE state SET changes = 'many'",
        "DELETE FROM state",
        "DROP TABLE state",
        "DROP TABLE node",
        "UPDATE node SET sealed = 5",
        "UPDATE node SET sealed = 'text'",
        "UPDATE node SET sealed = x''",
        "UPDATE root SET sealed = 5",
        "UPDATE root SET sealed = x'00'",
        "UPDATE root SET keeper = x'00'",
        "DELETE FROM root",
    ],
)
def test_rows_of_another_sort_are_refused(world: World, change: str) -> None:
    with sql(world) as connection:
        connection.execute(change)
    with pytest.raises(VaultError) as told, world.opened() as keyring:
        keyring.keys([310])
    assert told.value.remedy
    assert world.versions() == [[3]]


@pytest.mark.parametrize("value", ["5", "x'00'", "'text'", "(SELECT sealed FROM root)"])
def test_damaged_evidence_is_refused_and_keeps_no_key_back(world: World, value: str) -> None:
    with sql(world) as connection:
        connection.execute(f"UPDATE retired SET sealed = {value}")
    with world.opened() as keyring:
        assert keyring.keys([4]) != [None]
        with pytest.raises(VaultError, match="evidence of the destruction of version 2"):
            keyring.destroy([5])
        assert keyring.destroy([6]).evidence[0].version == 3


@pytest.mark.parametrize(
    "reading",
    [
        lambda: read_top(bytes(15)),
        lambda: read_top(top_bytes(Top(1, 0, bytearray()))),
        lambda: read_top(top_bytes(Top(1, 0, bytearray(b"\x01" + bytes(32))))),
        lambda: entries_of(Address(1, 7), bytes(33), 1),
        lambda: entries_of(Address(1, 7), b"\x04" + bytes(32), 1),
        lambda: entries_of(Address(1, 7), b"\x01" + bytes(65), 1),
    ],
)
def test_nodes_that_open_and_say_nonsense_are_named(reading: Callable[[], object]) -> None:
    with pytest.raises(VaultError, match=r"node \d of level \d of the key tree does not say what it should"):
        reading()


# --- a full disk -----------------------------------------------------------------------------------


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_nothing_is_half_done(world: World) -> None:
    with world.opened() as keyring:
        keys = keyring.keys(range(SLOTS))
        with largest_file(12_000), pytest.raises(VaultError) as allotting:
            keyring.allot(500_000)
        with largest_file(12_000), pytest.raises(VaultError) as destroying:
            keyring.destroy(range(1, SLOTS))
        for told in (allotting, destroying):
            assert any(words in str(told.value) for words in ("disk is full", "disk does not read or write"))
        assert keyring.keys(range(SLOTS)) == keys
        assert keyring.stats().slots == SLOTS + 1
        assert keyring.destroy([9]).count == 1
    assert world.versions() == [[4]], "the root that was made for nothing is gone"
    keys[9] = None
    assert read_all(world) == keys


def test_no_room_for_a_root_is_told(world: World) -> None:
    with world.opened() as keyring:
        keys = keyring.keys(range(SLOTS))
        keeper = world.keeper()
        with largest_file(40), pytest.raises(VaultError, match=r"root.9: the root cannot be written"):
            keeper.make(9)
        assert world.versions() == [[3]]
        assert keyring.keys(range(SLOTS)) == keys


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        (tmp_path / "keys").write_text("a file is in its place")
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(VaultError, match="key database cannot be used"):
        World(tmp_path).create()
