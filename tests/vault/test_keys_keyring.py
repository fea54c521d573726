"""The keyring: slots are given out, found, and destroyed for good; what others destroy is seen at once."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from keys_worlds import NOW, Breaking, World, keys_of

from key_attacker import derivable
from killing import in_memory
from troth.errors import VaultError
from troth.vault.keys.keyring import create_keyring, open_keyring


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with in_memory(tmp_path) as folder:
        yield World(folder).create()


@pytest.fixture
def two_keepers(tmp_path: Path) -> Iterator[World]:
    with in_memory(tmp_path) as folder:
        yield World(folder, keepers=2).create()


def test_slots_are_given_out_in_order_after_the_index_slot(world: World) -> None:
    with world.opened() as keyring:
        assert keyring.stats().slots == 1
        assert keyring.allot(3) == range(1, 4)
        assert keyring.allot(0) == range(4, 4)
        assert keyring.allot(1000) == range(4, 1004)
    with world.opened() as keyring:
        assert keyring.allot(1) == range(1004, 1005)
        assert keyring.stats().pages == 4


def test_every_slot_has_a_key_of_its_own_that_stays(world: World) -> None:
    with world.opened() as keyring:
        slots = keyring.allot(140_000)
        keys = keyring.keys(slots)
        assert len(set(keys)) == len(slots)
        assert {len(key or b"") for key in keys} == {32}
        asked = [139_999, 5, 5, 70_000, 1, 65_535, 65_536]
        assert keyring.keys(asked) == [keys[slot - 1] for slot in asked]
    with world.opened() as keyring:
        assert keyring.keys(slots) == keys
        assert keyring.keys([]) == []


def test_a_destroyed_key_is_gone_and_no_other_changes(world: World) -> None:
    with world.opened() as keyring:
        slots = keyring.allot(70_000)
        before = keys_of(keyring, slots)
        doomed = random.Random(3).sample(slots, 3000)
        done = keyring.destroy(doomed)
        assert (done.count, done.already, done.old, done.new) == (3000, 0, 1, 2)
        dead = set(doomed)
        after = {slot: None if slot in dead else key for slot, key in before.items()}
        assert keys_of(keyring, slots) == after
        stats = keyring.stats()
        assert (stats.destroyed, stats.root_version) == (3000, 2)
        assert stats.bytes >= world.database.stat().st_size
    with world.opened() as keyring:
        assert keys_of(keyring, slots) == after


def test_whole_pages_may_go_and_the_next_slots_follow(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(1000)
        first_page = keyring.keys(range(256))
        keyring.destroy(range(256, 768))
        assert keyring.keys([300, 767]) == [None, None]
        assert keyring.keys(range(256)) == first_page
        keyring.destroy(range(900, 1001))
        more = keyring.allot(30)
        assert more.start == 1001
        assert None not in keyring.keys(more), "slots of a page that was cut before"


def test_the_evidence_says_what_became_of_the_root(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(10)
        (evidence,) = keyring.destroy([3]).evidence
        assert (evidence.keeper, evidence.version, evidence.scheduled) == ("local", 1, None)
        assert evidence.effective == NOW
        assert "overwritten" in evidence.how
        assert "Not reached" in evidence.how
    assert world.versions() == [[2]]


def test_destroying_again_changes_nothing_and_gives_the_same_evidence(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(10)
        first = keyring.destroy([3, 4])
        database = world.database.read_bytes()
        again = keyring.destroy([4, 3, 3])
        assert (again.count, again.already, again.old, again.new) == (0, 2, 2, 2)
        assert again.evidence == first.evidence
        assert world.database.read_bytes() == database
        more = keyring.destroy([3, 5])
        assert (more.count, more.already, more.new) == (1, 1, 3)
    with world.opened() as keyring:
        assert keyring.destroy([5]).evidence == more.evidence
        nothing = keyring.destroy([])
        assert (nothing.count, nothing.already) == (0, 0)


@pytest.mark.parametrize("slot", [-1, 11, 10**9, 2**40])
def test_a_slot_that_was_never_given_out_is_an_error(world: World, slot: int) -> None:
    with world.opened() as keyring:
        keyring.allot(10)
        with pytest.raises(VaultError, match="never given out"):
            keyring.keys([3, slot])
        with pytest.raises(VaultError, match="never given out"):
            keyring.destroy([3, slot])
        assert keyring.keys([3]) != [None], "nothing was destroyed"
        assert keyring.stats().root_version == 1


def test_the_index_slot_cannot_be_destroyed(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(10)
        with pytest.raises(VaultError, match="slot 0"):
            keyring.destroy([4, 0])
        assert None not in keyring.keys([0, 4])


def test_fewer_than_no_slots_and_too_many_are_refused(world: World) -> None:
    with world.opened() as keyring:
        with pytest.raises(ValueError, match="-1 slots"):
            keyring.allot(-1)
        with pytest.raises(VaultError, match="4,294,967,296"):
            keyring.allot(2**32)
        assert keyring.allot(1) == range(1, 2)


def test_a_keyring_is_made_once(world: World) -> None:
    with pytest.raises(VaultError, match="there is a keyring here"):
        world.create()
    with pytest.raises(VaultError, match="holds roots"):
        create_keyring(world.folder / "other", world.all_keepers())


def test_a_closed_keyring_says_so(world: World) -> None:
    keyring = world.open()
    keyring.close()
    with pytest.raises(VaultError, match="closed"):
        keyring.keys([0])


def test_another_thread_is_told_to_open_its_own(world: World) -> None:
    found: list[BaseException] = []

    def work() -> None:
        try:
            keyring.keys([0])
        except VaultError as problem:
            found.append(problem)

    with world.opened() as keyring:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert "another thread" in str(found[0])


def test_what_failed_in_one_transaction_left_nothing(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(300)
        keys = keyring.keys(range(301))

        def half_done() -> None:
            with keyring.writing():
                keyring.allot(100_000)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half_done()
        assert keyring.stats().slots == 301
        assert keyring.keys(range(301)) == keys
        assert keyring.allot(300) == range(301, 601)
        assert keyring.keys(range(301)) == keys


# --- two at once -----------------------------------------------------------------------------------


def test_what_another_opener_does_is_seen_at_the_next_call(world: World) -> None:
    with world.opened() as one, world.opened() as two:
        slots = one.allot(600)
        keys = two.keys(slots)
        assert keys == one.keys(slots)
        two.destroy([7])
        assert one.keys([6, 7, 8]) == [keys[5], None, keys[7]]
        assert one.stats() == two.stats()
        more = one.allot(600)
        assert two.keys(more) == one.keys(more)
        assert two.allot(1).start == more.stop
        one.destroy([8, 9])
        assert two.keys([8, 9, 10]) == [None, None, keys[9]]


def _destroyer(world: World, mine: range, gone: multiprocessing.Queue) -> None:
    with world.opened() as keyring:
        for slot in mine:
            keyring.destroy([slot])
            gone.put(slot)
    gone.put(-1)


def test_two_processes_destroy_while_a_third_reads_and_gives_out(world: World) -> None:
    with world.opened() as keyring:
        keyring.allot(1000)
        keys = keyring.keys(range(1001))
        spawn = multiprocessing.get_context("fork")
        gone: multiprocessing.Queue = spawn.Queue()
        halves = (range(1, 1000, 20), range(2, 1000, 20))
        crew = [spawn.Process(target=_destroyer, args=(world, half, gone)) for half in halves]
    for one in crew:
        one.start()
    with world.opened() as keyring:
        acknowledged, ended = set(), 0
        while ended < len(crew):
            slot = gone.get(timeout=60)
            ended += slot == -1
            acknowledged.add(slot)
            found = keyring.keys(range(1001))
            assert all(key in (None, was) for key, was in zip(found, keys, strict=True))
            assert all(found[one] is None for one in acknowledged if one > 0)
            keyring.allot(3)
        for one in crew:
            one.join()
            assert one.exitcode == 0
        dead = {*halves[0], *halves[1]}
        assert keyring.keys(range(1001)) == [None if slot in dead else keys[slot] for slot in range(1001)]
        assert keyring.stats().root_version == 1 + len(dead)
    assert world.versions() == [[1 + len(dead)]]


# --- two keepers -----------------------------------------------------------------------------------


def test_either_of_two_keepers_opens_and_only_both_destroy(two_keepers: World) -> None:
    with two_keepers.opened() as keyring:
        keyring.allot(20)
        done = keyring.destroy([4])
        assert [(one.keeper, one.version) for one in done.evidence] == [("local", 1), ("local1", 1)]
        keys = keyring.keys(range(21))
    assert two_keepers.versions() == [[2], [2]]
    for number in (0, 1):
        keyring = open_keyring(two_keepers.keys, [two_keepers.keeper(number)])
        assert keyring.keys(range(21)) == keys
        with pytest.raises(VaultError, match="also held by"):
            keyring.destroy([5])
        assert keyring.keys(range(21)) == keys
        keyring.close()
    assert two_keepers.versions() == [[2], [2]]


@pytest.mark.parametrize("broken", [0, 1])
@pytest.mark.parametrize("step", ["make", "destroy"])
def test_the_power_goes_in_the_middle_of_a_rotation(two_keepers: World, broken: int, step: str) -> None:
    with two_keepers.opened() as keyring:
        keyring.allot(600)
        keys = keyring.keys(range(601))
    keepers = [Breaking(keeper) for keeper in two_keepers.all_keepers()]
    keyring = open_keyring(two_keepers.keys, keepers)
    keepers[broken].fails.add(step)
    with pytest.raises(VaultError, match="the power went"):
        keyring.destroy([300, 301])
    two_roots = [len(one) for one in two_keepers.versions()]
    assert max(two_roots) == (1 if (step, broken) == ("make", 0) else 2), "a new root beside an old one"
    if step == "make":
        assert keyring.keys([300]) == [keys[300]], "not destroyed, and not said to be"
    keyring.close()

    with two_keepers.opened() as keyring:
        live = 1 if step == "make" else 2
        assert two_keepers.versions() == [[live], [live]]
        assert keyring.stats().root_version == live
        done = keyring.destroy([300, 301])
        assert (done.count, done.already) == ((2, 0) if step == "make" else (0, 2))
        assert [one.version for one in done.evidence] == [1, 1]
        assert keyring.keys(range(601)) == [None if slot in (300, 301) else keys[slot] for slot in range(601)]
    found = derivable(two_keepers.data(), two_keepers.roots())
    assert found.keys() >= set(range(601)) - {300, 301}, "the attacker of this test can do what one can"
    assert found.keys().isdisjoint({300, 301})


def test_the_same_keyring_finishes_what_its_keeper_refused(world: World) -> None:
    keeper = Breaking(world.keeper())
    keyring = open_keyring(world.keys, [keeper])
    keyring.allot(5)
    keeper.fails.add("destroy")
    with pytest.raises(VaultError, match="the power went"):
        keyring.destroy([2])
    assert world.versions() == [[1, 2]]
    assert keyring.keys([2]) == [None]
    keeper.fails.clear()
    done = keyring.destroy([2])
    assert (done.count, done.already) == (0, 1)
    assert [(one.version, one.effective) for one in done.evidence] == [(1, NOW)]
    assert world.versions() == [[2]]
    keyring.close()


def test_evidence_that_was_lost_is_not_made_up(world: World) -> None:
    keeper = Breaking(world.keeper())
    keyring = open_keyring(world.keys, [keeper])
    keyring.allot(5)
    keeper.fails.add("destroy")
    with pytest.raises(VaultError, match="the power went"):
        keyring.destroy([2])
    keyring.close()
    world.keeper().destroy(1)  # and the power went again, before the evidence was kept
    with world.opened() as keyring:
        (evidence,) = keyring.destroy([2]).evidence
        assert (evidence.version, evidence.effective) == (1, None)
        assert "when is not known" in evidence.how


def test_keepers_need_names_of_their_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    for keepers in ([], [world.keeper(), world.keeper()]):
        with pytest.raises(VaultError, match="a name of its own"):
            create_keyring(world.keys, keepers)


# --- the attacker ----------------------------------------------------------------------------------


def test_nobody_with_every_file_of_every_day_and_the_live_root_has_a_destroyed_key(world: World) -> None:
    chosen = random.Random(5)
    days: list[bytes] = []
    dead: set[int] = set()
    seeds: set[bytes] = set()
    with world.opened() as keyring:
        keyring.allot(1500)
        keys = keyring.keys(range(1501))
        for _ in range(8):
            doomed = chosen.sample(range(1, 1501), 40)
            files = world.data()
            with_old_root = derivable([*days, *files], world.roots())
            assert all(keys[slot] in with_old_root[slot] for slot in set(doomed) - dead)
            days += files
            keyring.destroy(doomed)
            keyring.allot(10)
            dead.update(doomed)
            seeds |= {keys[slot] or b"" for slot in doomed}
        days += world.data()
        roots = world.roots()
    days += world.data()
    found = derivable(days, roots)
    assert found.keys() >= set(range(1581)) - dead
    assert found.keys().isdisjoint(dead)
    every_byte = b"".join(days) + b"".join(path.read_bytes() for path in world.root_folder().iterdir())
    assert not any(key in every_byte for key in keys if key), "no key is anywhere in the clear"
