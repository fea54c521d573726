"""A conversation that moves to another slot takes with it what is recorded of it, and nothing that comes in meanwhile is lost."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pytest
from store_worlds import World, choice, event, items, log_all, said, started
from test_store_sealed import TALK, WHO, destroy, filled, payloads, rows, slots_of

from troth.errors import HistoryError, StoreError
from troth.proof.entry import check_opening, commit_conversation
from troth.store.interface import Appended
from troth.store.sealed import SealedStore


def nothing_goes(_: Collection[str]) -> set[str]:
    return set()


def moved(world: World, *names: str) -> dict[str, int]:
    """Conversations get other slots."""
    keyring, handles = world.keys()
    slots = dict(zip(names, keyring.allot(len(names)), strict=True))
    handles.move("conversation", slots)
    return slots


def test_all_that_is_recorded_opens_under_the_new_key_alone(sealed: World) -> None:
    store, given = filled(sealed)
    known = store.conversation(TALK)
    assert known is not None
    old = slots_of(sealed, "conversation", TALK)
    slots = moved(sealed, TALK)

    store.reseal(slots, nothing_goes)
    store.reseal(slots, nothing_goes)  # as after a crash
    sealed.keys()[0].destroy(old)

    assert payloads(store) == payloads(sealed.open()) == sorted(item.payload for item in given)
    for row in store.opened():
        check_opening(row.commitment, row.salt, row.payload)
    after = store.conversation(TALK)
    assert after is not None
    assert (after.salt, after.account, after.commitment) == (known.salt, WHO, known.commitment)
    assert after.commitment == commit_conversation(after.salt, TALK)
    assert store.used_slots() > max(slots.values())
    assert store.gone == 0


def test_what_says_of_a_record_what_it_was_goes_with_the_record(sealed: World) -> None:
    store = started(sealed)
    store.append(
        items(said("r1", id="a"), said("r2", id="b"), event(event="conversation.flagged", conversation="c1"))
    )
    log_all(store)
    old = slots_of(sealed, "conversation", "c1")

    store.reseal(moved(sealed, "c1"), lambda records: {"r1"} & set(records))
    sealed.keys()[0].destroy(old)

    assert [b'"record":"r2"' in one or b"flagged" in one for one in payloads(store)] == [True, True]
    assert store.append(items(said("r2", id="b"), said("r2", id="again"))) == Appended(1, 1)
    with pytest.raises(HistoryError, match="record 'r2' is said again in another way"):
        store.append(items(said("r2", id="other", role="assistant")))


def test_names_are_found_by_what_stands_for_them(sealed: World) -> None:
    store, _ = filled(sealed)
    _, handles = sealed.keys()
    marks = handles.marks_of(slots_of(sealed, "conversation", TALK) + slots_of(sealed, "account", WHO))

    assert store.names_of(marks) == [TALK]
    destroy(sealed, "conversation", TALK)
    assert store.names_of(marks) == []


def test_a_changed_row_is_named_and_nothing_is_sealed_anew(sealed: World) -> None:
    store, _ = filled(sealed)
    with rows(sealed) as run:
        before = run("SELECT seq, payload FROM item ORDER BY seq").fetchall()
        changed = bytearray(bytes(before[2][1]))
        changed[70] ^= 1
        run("UPDATE item SET payload = ? WHERE seq = 3", (bytes(changed),))

    with pytest.raises(StoreError, match="an event was changed in the store"):
        store.reseal(moved(sealed, TALK), nothing_goes)

    with rows(sealed) as run:
        after = run("SELECT seq, payload FROM item ORDER BY seq").fetchall()
    assert [row for row in after if row[0] != 3] == [row for row in before if row[0] != 3]


def test_who_knows_only_the_old_slot_looks_again_before_anything_is_accepted(sealed: World) -> None:
    store, given = filled(sealed)
    other = sealed.open()
    other.append(items(event(event="conversation.flagged", conversation=TALK)))  # it has the slot in memory
    old = slots_of(sealed, "conversation", TALK)
    real, slots = SealedStore.reseal, {}

    slots.update(moved(sealed, TALK))
    late = items(event(event="conversation.cleared", conversation=TALK), choice(1, "bob"))
    assert other.append(late) == Appended(2, 0)
    real(store, slots, nothing_goes)  # type: ignore[arg-type]
    sealed.keys()[0].destroy(old)

    assert len(payloads(sealed.open())) == len(given) + 3
    assert other.append(late) == Appended(0, 2)


def test_a_slot_that_moves_between_the_sealing_and_the_writing_is_noticed(
    sealed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, given = filled(sealed)
    old = slots_of(sealed, "conversation", TALK)
    mover = sealed.open()
    form = store._form  # type: ignore[attr-defined]
    real = form.items

    def sealed_and_then(events: object) -> object:
        found = real(events)
        monkeypatch.setattr(form, "items", real)
        mover.reseal(moved(sealed, TALK), nothing_goes)
        sealed.keys()[0].destroy(old)
        return found

    monkeypatch.setattr(form, "items", sealed_and_then)
    assert store.append(items(event(event="conversation.cleared", conversation=TALK))) == Appended(1, 0)
    assert len(payloads(sealed.open())) == len(given) + 1


def test_nothing_is_accepted_while_conversations_move(sealed: World) -> None:
    store, _ = filled(sealed)
    begun, done = threading.Event(), threading.Event()

    def record() -> None:
        with_keys = World(sealed.url, sealed.folder)
        other = with_keys.open()
        begun.set()
        other.append(items(choice(7, "bob")))
        done.set()
        with_keys.close()

    with store._engine.writing("reseal"):  # type: ignore[attr-defined]
        thread = threading.Thread(target=record)
        thread.start()
        assert begun.wait(20)
        assert not done.wait(0.3)
    thread.join(20)
    assert done.is_set()
