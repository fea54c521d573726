"""Many processes and threads at one store."""

from __future__ import annotations

import threading
import time

import pytest
import store_writers as writers
from store_worlds import World, act, choices, head, open_world, started

PROCESSES = 8


def test_eight_processes_append_at_once_and_nothing_is_lost_or_doubled(world: World) -> None:
    found = writers.at_once(world.url, world.folder, writers.append_own, PROCESSES)

    assert [new for new, _ in found] == [120] * PROCESSES
    store = world.open()
    rows = list(store.opened())
    assert len(rows) == len({row.payload for row in rows}) == len(store.pending(10_000)) == 120 * PROCESSES


def test_eight_processes_that_append_the_same_keep_each_event_once(world: World) -> None:
    found = writers.at_once(world.url, world.folder, writers.append_shared, PROCESSES)

    assert sum(new for new, _ in found) == 2_000
    assert sum(repeated for _, repeated in found) == 2_000 * (PROCESSES - 1)
    rows = list(world.open().opened())
    assert len(rows) == len({row.payload for row in rows}) == 2_000


def test_of_eight_contents_of_one_id_one_is_accepted_with_its_call(world: World) -> None:
    found = writers.at_once(world.url, world.folder, writers.append_clashing, PROCESSES)

    assert sorted(found) == ["accepted", *["refused"] * (PROCESSES - 1)]
    assert len(world.open().pending(100)) == 10


def test_of_eight_writers_one_moves_the_head(world: World) -> None:
    store = started(world)
    store.append(choices(range(20)))

    found = writers.at_once(world.url, world.folder, writers.assign_first, PROCESSES)

    winner = found.index("assigned")
    assert sorted(found) == [*["another writer"] * (PROCESSES - 1), "assigned"]
    assert store.head() == head(5 + winner, mark=winner)
    assert [one.index for one in store.logged(0, 99)] == list(range(5 + winner))
    assert len(store.pending(99)) == 20 - 5 - winner


def test_a_conversation_taken_in_by_many_has_one_commitment(world: World) -> None:
    found = writers.at_once(world.url, world.folder, writers.take_in, PROCESSES)

    assert [one for one in found if isinstance(one, str)] == []
    assert sum(found) == 500 + PROCESSES
    store = world.open()
    names = [f"c{n}" for n in range(500)]
    assert len(set(store.commitments(names).values())) == 500
    for name in names[::50]:
        one = store.conversation(name)
        assert one is not None
        assert store.batch_commitments(one.batch)[one.position] == one.commitment


def test_lineage_and_releases_recorded_by_many_are_recorded_once(world: World) -> None:
    assert writers.at_once(world.url, world.folder, writers.make_lineage, PROCESSES) == [None] * PROCESSES

    store = world.open()
    assert store.artefacts() == sorted((f"weights {made}", "release") for made in range(20))
    assert store.releases() == [(f"manifest {made}", "folder") for made in range(20)]
    assert len(store.pending(99)) == 40


def test_one_process_of_many_has_the_writers_lock(world: World) -> None:
    world.open()

    assert sorted(writers.at_once(world.url, world.folder, writers.hold_lock, 4)) == [
        False,
        False,
        False,
        True,
    ]


def test_the_lock_excludes_threads_and_the_own_store_and_is_let_go(world: World) -> None:
    store = world.open()
    found: list[bool] = []

    def other() -> None:
        with open_world(world.url, world.folder) as theirs, theirs.writer_lock() as held:
            found.append(held)

    with store.writer_lock() as ours, store.writer_lock() as again:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert (ours, again, found) == (True, False, [False])

    with store.writer_lock() as held:
        assert held


def test_the_lock_is_let_go_when_an_exception_leaves_it(world: World) -> None:
    store = world.open()
    with pytest.raises(ZeroDivisionError), store.writer_lock():
        _ = 1 / 0

    with store.writer_lock() as held:
        assert held


def test_the_lock_of_a_killed_process_is_free(world: World) -> None:
    store = world.open()
    with writers.holder(world.url, world.folder) as process:
        with store.writer_lock() as held:
            assert not held
        writers.kill(process)

        for _ in range(100):  # PostgreSQL notices the end of a session after a moment
            with store.writer_lock() as held:
                if held:
                    break
            time.sleep(0.05)
        assert held


def test_the_lock_keeps_nobody_from_appending(world: World) -> None:
    store = world.open()
    with store.writer_lock() as held:
        assert held
        assert world.open().append([*choices(range(3)), act("terms", "t")]).new == 4
