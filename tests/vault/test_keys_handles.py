"""Handles: each name of a kind finds its slot, and the file does not tell the names."""

from __future__ import annotations

import hmac
import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from keys_worlds import World

from killing import in_memory
from troth.errors import VaultError
from troth.vault.handles import KINDS, Handles


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with in_memory(tmp_path) as folder:
        yield World(folder).create()


def test_a_name_gets_a_slot_once_and_keeps_it(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        assert handles.slots("conversation", ["b", "a"], make=False) == {"b": None, "a": None}
        assert handles.slots("conversation", ["b", "a", "b"], make=True) == {"b": 1, "a": 2}
        assert handles.slots("conversation", ["a", "c", "b"], make=True) == {"a": 2, "c": 3, "b": 1}
        assert keyring.stats().slots == 4
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        assert handles.slots("conversation", iter(["c", "d"]), make=False) == {"c": 3, "d": None}
        assert handles.slots("conversation", [], make=True) == {}


def test_kinds_do_not_share_names(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        slots = [handles.slots(kind, ["x"], make=True)["x"] for kind in KINDS]
        assert slots == list(range(1, 1 + len(KINDS)))
        assert len({handles.mark(kind, "x") for kind in KINDS}) == len(KINDS)
        with pytest.raises(ValueError, match="no kind of handle 'person'"):
            handles.slots("person", ["x"], make=True)


def test_a_mark_is_the_hmac_under_the_key_of_slot_0(world: World) -> None:
    with world.opened() as keyring:
        (key,) = keyring.keys([0])
        told = hmac.new(key or b"", b"account\x00J\xc3\xb6rg", "sha256").digest()
        assert Handles(keyring, world.keys).mark("account", "Jörg") == told


def test_marks_outlive_destructions(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        mark = handles.mark("account", "a")
        slot = handles.slots("account", ["a"], make=True)["a"]
        keyring.destroy([slot or 0])
        assert keyring.keys([slot or 0]) == [None]
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        assert handles.mark("account", "a") == mark
        assert handles.slots("account", ["a"], make=True) == {"a": slot}


def test_a_forgotten_name_that_comes_again_gets_a_new_slot(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        handles.slots("hold", ["h1", "h2"], make=True)
        mark = handles.mark("hold", "h1")
        handles.forget("hold", ["h1", "unheard of"])
        assert handles.slots("hold", ["h1", "h2"], make=False) == {"h1": None, "h2": 2}
        assert not any(mark[:16] in data for data in world.data() if not data.startswith(b"\x18")), (
            "in no file but the index of the log"
        )
        assert handles.slots("hold", ["h1"], make=True) == {"h1": 3}


def test_thousands_at_once(world: World) -> None:
    names = [f"c-{number}" for number in range(5000)]
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        made = handles.slots("conversation", names, make=True)
        assert list(made.values()) == list(range(1, 5001))
        assert handles.slots("conversation", reversed(names), make=False) == made
        files = b"".join(world.data())
        assert not any(name.encode() in files for name in names[1000:])


@pytest.mark.parametrize("change", ["slot = 2", "slot = 'two'", "tag = x'0000000000000000'", "mark = :other"])
def test_a_handle_that_somebody_changed_is_refused(world: World, change: str) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        handles.slots("conversation", ["mine", "theirs"], make=True)
        other = handles.mark("conversation", "another")[:16]
    with closing(sqlite3.connect(world.database, isolation_level=None)) as connection:
        connection.execute(
            f"UPDATE handle SET {change} WHERE slot = 1", {"other": other} if ":" in change else {}
        )
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        with pytest.raises(VaultError, match="a handle was changed"):
            handles.slots("conversation", ["mine", "another"], make=True)
        assert handles.slots("conversation", ["theirs"], make=False) == {"theirs": 2}


def test_handles_belong_to_one_keyring(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other").create()
    with world.opened() as keyring:
        for folder in (other.keys, tmp_path / "nowhere"):
            with pytest.raises(VaultError, match="another keyring"):
                Handles(keyring, folder)


def test_what_fails_leaves_neither_slot_nor_handle(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)

        def half_done() -> None:
            with keyring.writing():
                handles.slots("conversation", ["a", "b"], make=True)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half_done()
        assert handles.slots("conversation", ["a"], make=False) == {"a": None}
        assert keyring.stats().slots == 1
        assert handles.slots("conversation", ["b"], make=True) == {"b": 1}


def _name(world: World, names: list[str], answers: multiprocessing.Queue) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        for name in names:
            answers.put((name, handles.slots("conversation", [name], make=True)[name]))


def test_two_processes_that_name_the_same_agree(world: World) -> None:
    fork = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue = fork.Queue()
    names = [f"c-{number}" for number in range(60)]
    crew = [fork.Process(target=_name, args=(world, order, answers)) for order in (names, names[::-1])]
    for one in crew:
        one.start()
    told = [answers.get(timeout=60) for _ in range(2 * len(names))]
    for one in crew:
        one.join()
    assert len(set(told)) == len(names)
    assert sorted(slot for _, slot in set(told)) == list(range(1, len(names) + 1))


def test_a_name_that_moves_has_the_new_slot_and_is_found_by_it_alone(world: World) -> None:
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        handles.slots("conversation", ["a", "b"], make=True)
        (new,) = keyring.allot(1)
        handles.move("conversation", {"a": new})
        handles.move("conversation", {"a": new})
        handles.move("conversation", {})
    with world.opened() as keyring:
        handles = Handles(keyring, world.keys)
        assert handles.slots("conversation", ["a", "b"], make=True) == {"a": new, "b": 2}
        assert handles.marks_of([1, 2, new]) == [
            handles.mark("conversation", name)[:16] for name in ("b", "a")
        ]
        assert handles.slots_at([handles.mark("conversation", "a")[:16], bytes(16)]) == {
            handles.mark("conversation", "a")[:16]: new
        }
        assert handles.forget_slots([1]) == 0
