"""What is about people is sealed in the store, and ends with its key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from store_worlds import World, act, batch, choice, event, head, items, log_all, said, started

from troth.errors import HistoryError, StoreError, VerificationError
from troth.history.event import Event
from troth.proof.entry import check_opening, commit_conversation
from troth.store.interface import Appended, Item, Store
from troth.store.salts import fresh_salts

WHO, TALK, RECORD, FIRM, HOLD = "quillon-7731", "talk-of-pears", "rec-quince-9", "medlar-works", "case-damson"


def events(tag: str = "") -> tuple[Event, ...]:
    """A person's events; a tag behind every name makes them those of one test alone."""
    who, talk, record = WHO + tag, TALK + tag, RECORD + tag
    return (
        event(event="account.opened", account=who, plan="free", region="damascus" + tag),
        event(event="choice.made", account=who, choice="improve_models", value="granted", id="yes" + tag),
        event(event="conversation.started", conversation=talk, account=who),
        event(event="record.said", record=record, conversation=talk, account=who, id="said" + tag),
        event(event="record.deleted", record=record),
        event(event="organisation.changed", organisation=FIRM + tag, plan="medlarplan" + tag),
        event(event="hold.placed", hold=HOLD + tag, accounts=[who], conversations=[talk]),
    )


EVENTS = events()


def slots_of(world: World, kind: str, *names: str) -> list[int]:
    _, handles = world.keys()
    return [slot for slot in handles.slots(kind, names, make=False).values() if slot is not None]


def destroy(world: World, kind: str, *names: str) -> None:
    keyring, _ = world.keys()
    keyring.destroy(slots_of(world, kind, *names))


def mark(world: World, kind: str, name: str) -> bytes:
    _, handles = world.keys()
    return handles.mark(kind, name)


def payloads(store: Store) -> list[bytes]:
    """The payloads of the events, sorted."""
    return sorted(payload for some in store.events(None) for payload in some)


def everything(world: World) -> bytes:
    """Every byte of the database, wherever it lies."""
    if world.url == "sqlite":
        return b"".join(path.read_bytes() for path in sorted(world.folder.glob("store.db*")))
    import psycopg

    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SHOW data_directory").fetchone()
    assert found is not None
    return b"".join(path.read_bytes() for path in sorted(Path(found[0]).rglob("*")) if path.is_file())


@contextmanager
def rows(world: World) -> Any:
    """The database behind the store's back: a function that runs SQL with ``?``."""
    if world.url == "sqlite":
        connection = sqlite3.connect(world.folder / "store.db", isolation_level=None)
        yield connection.execute
        connection.close()
        return
    import psycopg

    with psycopg.connect(world.url, autocommit=True) as server:
        server.execute("SET search_path TO troth")
        yield lambda sql, values=(): server.execute(sql.replace("?", "%s"), values)


def filled(world: World, tag: str = "") -> tuple[Store, list[Item]]:
    store = started(world)
    given = items(*events(tag))
    store.append(given)
    store.intake([(TALK + tag, WHO + tag)], fresh_salts, batch)
    log_all(store)
    return store, given


def secrets(tag: str, given: Iterable[Item]) -> list[bytes]:
    """Every byte string of some items that would tell something, or with which a guess could be tested."""
    found = [tag.encode()]
    for item in given:
        found += [item.payload, item.salt, item.key, *(one for one in (item.also, item.bare) if one)]
    return found


@pytest.fixture
def tag() -> str:
    return token_hex(6)


def test_nothing_of_a_person_lies_in_the_database_in_plain(sealed: World, tag: str) -> None:
    store, given = filled(sealed, tag)
    known = store.conversation(TALK + tag)
    assert known is not None
    assert known.commitment == commit_conversation(known.salt, TALK + tag)

    data = everything(sealed)

    assert [needle for needle in [*secrets(tag, given), known.salt] if needle in data] == []
    assert all(item.commitment in data for item in given)


def test_a_search_would_find_what_is_not_sealed(world: World, tag: str) -> None:
    store = started(world)
    given = items(*events(tag))
    store.append(given)

    data = everything(world)

    assert (tag.encode() in data) == (given[0].salt in data) == (not (world.folder / "vault").exists())


def test_what_was_sealed_is_read_back_with_its_salt(sealed: World) -> None:
    store, given = filled(sealed)

    found = list(store.opened(kinds=("choice", "deletion", "hold", "event")))

    assert [(row.payload, row.salt) for row in found] == [(item.payload, item.salt) for item in given]
    for row in found:
        check_opening(row.commitment, row.salt, row.payload)
    assert payloads(store) == sorted([item.payload for item in given])
    assert store.gone == 0


@pytest.mark.parametrize(
    ("kind", "name", "gone"),
    [("conversation", TALK, [2, 3]), ("account", WHO, [0, 1]), ("record", RECORD, [4]), ("organisation", FIRM, [5]), ("hold", HOLD, [6])],
)  # fmt: skip
def test_what_is_about_a_destroyed_subject_is_left_out_and_counted(
    sealed: World, kind: str, name: str, gone: list[int]
) -> None:
    store, given = filled(sealed)
    destroy(sealed, kind, name)  # as another process does it

    kept = [item.payload for number, item in enumerate(given) if number not in gone]

    assert payloads(store) == sorted(kept)
    assert store.gone == len(gone)
    assert [row.payload for row in store.opened() if row.kind != "intake"] == kept
    assert payloads(sealed.open()) == sorted(kept)


def test_a_conversation_whose_key_is_destroyed_is_none(sealed: World) -> None:
    store, _ = filled(sealed)
    store.intake([("other", WHO)], fresh_salts, batch)
    destroy(sealed, "conversation", TALK)

    assert store.conversation(TALK) is None
    assert store.conversations_of(WHO) == ["other"]
    other = store.conversation("other")
    assert other is not None
    assert other.account == WHO


def test_rows_of_the_dead_are_emptied_and_the_ledger_can_still_be_mended(sealed: World) -> None:
    store, given = filled(sealed)
    logged = list(store.logged(0, 99))
    known = store.conversation(TALK)
    assert known is not None
    destroy(sealed, "conversation", TALK)
    destroy(sealed, "account", WHO)

    whose = [mark(sealed, "account", WHO), mark(sealed, "conversation", TALK)]
    assert store.erase_rows(whose) == 5
    assert store.erase_rows(whose) == 0

    assert list(store.logged(0, 99)) == logged
    assert store.batch_commitments(known.batch) == [known.commitment]
    assert store.conversation(TALK) is None
    assert payloads(store) == sorted([item.payload for item in given[4:]])
    assert list(store.opened(account=WHO)) == list(store.opened(conversation=TALK)) == []
    with rows(sealed) as run:
        emptied = run("SELECT key, salt, payload, account, conversation FROM item ORDER BY seq").fetchall()[
            :4
        ]
        ((_, name, account, salt),) = run("SELECT number, name, account, salt FROM conversation").fetchall()
        (said_count,) = run("SELECT count(*) FROM said").fetchone()
    assert [row[1:] for row in emptied] == [(b"", b"", None, None)] * 4
    assert [bytes(row[0])[:7] for row in emptied] == [b"erased "] * 4
    assert (bytes(name)[:7], account, bytes(salt)) == (b"erased ", None, b"")
    assert said_count == 0


def test_every_row_of_the_dead_is_found_without_names(sealed: World) -> None:
    store, given = filled(sealed)
    for kind, name in (("account", WHO), ("hold", HOLD), ("record", RECORD), ("conversation", TALK)):
        destroy(sealed, kind, name)

    assert store.erase_rows(None) == 7
    assert store.erase_rows(None) == 0

    assert payloads(store) == [given[5].payload]


def test_rows_of_the_living_are_never_erased(sealed: World) -> None:
    store, given = filled(sealed)

    assert store.erase_rows(None) == 0
    assert store.erase_rows([mark(sealed, "account", WHO), mark(sealed, "conversation", TALK)]) == 0

    assert payloads(store) == sorted([item.payload for item in given])
    assert store.conversation(TALK) is not None


def test_after_an_erasure_neither_text_nor_salt_nor_key_is_left_in_any_byte(sealed: World, tag: str) -> None:
    store, given = filled(sealed, tag)
    slots = slots_of(sealed, "account", WHO + tag) + slots_of(sealed, "conversation", TALK + tag)
    keyring, _ = sealed.keys()
    keys = [key for key in keyring.keys(slots) if key is not None]
    known = store.conversation(TALK + tag)
    assert known is not None
    assert len(keys) == 2

    keyring.destroy(slots)
    store.erase_rows([mark(sealed, "account", WHO + tag), mark(sealed, "conversation", TALK + tag)])

    data = everything(sealed)
    data += b"".join(path.read_bytes() for path in (sealed.folder / "vault").rglob("*") if path.is_file())
    assert [one for one in [*secrets(tag, given), known.salt, *keys] if one in data] == []


def test_an_event_about_somebody_erased_is_not_kept_and_counted(sealed: World) -> None:
    store, given = filled(sealed)
    destroy(sealed, "account", WHO)

    assert store.append(items(*EVENTS, choice(1, "bob"))) == Appended(1, 5, 2)
    assert store.append(items(EVENTS[0])) == Appended(0, 0, 1)
    assert len(payloads(store)) == len(given) - 2 + 1


def test_a_conversation_that_is_erased_is_not_taken_in_again(sealed: World) -> None:
    store, _ = filled(sealed)
    destroy(sealed, "conversation", TALK)

    for _ in range(2):
        assert store.intake([(TALK, WHO)], fresh_salts, batch) == 0
        store.erase_rows([mark(sealed, "conversation", TALK)])

    assert store.intake([(TALK, WHO), ("new", WHO)], fresh_salts, batch) == 1


def test_a_name_whose_handle_was_forgotten_begins_anew(sealed: World) -> None:
    store, _ = filled(sealed)
    destroy(sealed, "account", WHO)
    destroy(sealed, "conversation", TALK)
    whose = [mark(sealed, "account", WHO), mark(sealed, "conversation", TALK)]
    store.erase_rows(whose)
    _, handles = sealed.keys()
    handles.forget("account", [WHO])
    handles.forget("conversation", [TALK])

    again = items(*EVENTS[:4])

    assert store.append(again) == Appended(4, 0)
    assert store.erase_rows(whose) == 0
    assert [row.payload for row in store.opened(account=WHO)] == [item.payload for item in again]


def test_an_id_that_was_used_for_another_person_is_named_as_before(sealed: World) -> None:
    store, _ = filled(sealed)

    with pytest.raises(HistoryError, match="event id 'yes' is used again with other content"):
        store.append(items(choice(1, "bob", id="yes")))
    with pytest.raises(HistoryError, match=f"record '{RECORD}' is said again in another way"):
        store.append(items(said(RECORD, id="another")))


def test_acts_of_the_organisation_stay_as_they_are_and_are_found_by_their_keys(sealed: World) -> None:
    store, given = filled(sealed)
    release = act("release", "pears")
    store.append([release])

    assert [row.payload for row in store.opened(key=release.key)] == [release.payload]
    assert [row.payload for row in store.opened(key=given[3].key)] == [given[3].payload]
    assert release.payload in everything(sealed)


def test_a_store_with_another_keyring_opens_nothing(sealed: World, tmp_path: Path) -> None:
    filled(sealed)
    (tmp_path / "elsewhere").mkdir()
    other = World(sealed.url, tmp_path / "elsewhere").sealed()
    if sealed.url == "sqlite":
        for path in sealed.folder.glob("store.db*"):
            (other.folder / path.name).write_bytes(path.read_bytes())
    store = other.open()
    store.append(items(*(choice(number, f"p{number}") for number in range(9))))

    with pytest.raises(StoreError, match="was changed in the store: the bytes were sealed under another key"):
        payloads(store)
    assert store.conversation(TALK) is None
    other.close()


@pytest.mark.parametrize("column", ["payload", "salt"])
def test_a_changed_row_is_refused_and_its_index_named(sealed: World, column: str) -> None:
    store, _ = filled(sealed)
    with rows(sealed) as run:
        ((sealed_bytes,),) = run(f"SELECT {column} FROM item WHERE seq = 2").fetchall()
        changed = bytearray(sealed_bytes)
        changed[60] ^= 1
        run(f"UPDATE item SET {column} = ? WHERE seq = 2", (bytes(changed),))

    with pytest.raises(StoreError, match="the event at index 1 was changed in the store"):
        list(store.opened())


def test_a_body_that_was_moved_to_another_row_of_its_person_is_refused(sealed: World) -> None:
    store, _ = filled(sealed)
    with rows(sealed) as run:
        run("UPDATE item SET payload = (SELECT payload FROM item WHERE seq = 2) WHERE seq = 1")

    with pytest.raises(StoreError, match="belong to another record"):
        payloads(store)


def test_a_body_of_a_slot_that_was_never_given_out_is_refused(sealed: World) -> None:
    store, _ = filled(sealed)
    with rows(sealed) as run:
        run("UPDATE item SET payload = ? WHERE seq = 1", (bytes.fromhex("00000000ffffffff") + bytes(100),))

    with pytest.raises(Exception, match="slot 4294967295 was never given out"):
        payloads(store)


def test_the_sealed_forms_of_two_salts_tell_nothing_of_one_another(sealed: World) -> None:
    store = sealed.open()
    store.append(items(*(choice(number, "ada") for number in range(50))))

    with rows(sealed) as run:
        found = [bytes(salt) for (salt,) in run("SELECT salt FROM item").fetchall()]

    assert {len(salt) for salt in found} == {1 + 16 + 12 + 64 + 16}
    assert len({salt[17:29] for salt in found}) == 50


def test_more_subjects_than_are_kept_in_memory_are_read_back(
    sealed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("troth.store.sealers.KEPT", 40)
    store = started(sealed)
    given = items(*(choice(number, f"account {number % 300}") for number in range(1_000)))
    for at in range(0, 1_000, 90):
        store.append(given[at : at + 90])
    destroy(sealed, "account", "account 7")

    assert payloads(store) == sorted(item.payload for item in given if b'"account 7"' not in item.payload)


def test_the_head_and_the_lock_are_those_of_the_tables_below(sealed: World) -> None:
    store = started(sealed)

    assert store.head() == head(0)
    with store.writer_lock() as held:
        assert held


def test_a_sealed_value_is_not_opened_in_the_place_of_another_kind(sealed: World) -> None:
    from troth.store.sealed_rows import open_body
    from troth.vault.sealing import Sealer, context

    sealer = Sealer(bytes(32))
    value = sealer.seal(context("salt", "k"), b"salt")

    with pytest.raises(StoreError, match="an event was changed") as told:
        open_body(sealer, context("event", "k"), value, "an event")
    assert isinstance(told.value.__cause__, VerificationError)
