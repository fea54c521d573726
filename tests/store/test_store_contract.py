"""What every store promises (``troth.store.interface.Store``), against the real databases."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import msgspec
import pytest
from store_worlds import NOON, World, act, choice, choices, event, head, items, log_all, said, started

from troth.errors import HistoryError, LedgerError, StoreError
from troth.proof.entry import check_opening
from troth.store.interface import Appended, Pending

HOSTILE = ["\x00", "", "a\x00b", "'; DROP TABLE item; --", "é\u0301", "\U0001f600", "x" * 20_000, "%s ? {}"]


def test_what_is_appended_is_pending_in_the_order_in_which_it_came(world: World) -> None:
    store = world.open()
    given = choices(range(50))

    assert store.append(given[:1]) == Appended(1, 0)
    assert store.append(given[1:]) == Appended(49, 0)

    found = store.pending(1000)
    assert [row.commitment for row in found] == [item.commitment for item in given]
    assert [row.seq for row in found] == sorted({row.seq for row in found})
    assert store.pending(3) == found[:3]
    assert {row.kind for row in found} == {"choice"}


def test_what_was_appended_is_there_for_the_next_process(world: World) -> None:
    given = choices(range(10))
    first = world.open()
    first.append(given)
    first.close()

    assert [row.payload for row in world.open().opened()] == [item.payload for item in given]


def test_nothing_appended_is_nothing(world: World) -> None:
    assert world.open().append([]) == Appended(0, 0)


def test_an_event_that_comes_again_is_counted_and_left_alone(world: World) -> None:
    store = world.open()
    given = choices(range(20))
    store.append(given)
    before = store.pending(100)

    assert store.append(choices(range(10, 30))) == Appended(10, 10)
    assert world.open().append(items(choice(3), choice(3), choice(40), choice(40))) == Appended(1, 3)

    assert store.pending(100)[:20] == before
    assert len(store.pending(100)) == 31


def test_an_event_without_an_id_is_known_by_its_content(world: World) -> None:
    store = world.open()
    bare = event(event="conversation.flagged", conversation="c1")

    assert store.append(items(bare)) == Appended(1, 0)
    assert store.append(items(bare)) == Appended(0, 1)
    assert store.append(items(event(event="conversation.flagged", conversation="c2"))) == Appended(1, 0)


@pytest.mark.parametrize("again", [1, 500])
def test_an_id_with_other_content_is_named_and_nothing_is_kept(world: World, again: int) -> None:
    store = world.open()
    store.append(choices(range(5)))
    clash = items(*(choice(100 + n) for n in range(again)), choice(3, value="refused"))

    with pytest.raises(HistoryError, match="event id 'e3' is used again with other content"):
        store.append(clash)

    assert len(store.pending(1000)) == 5
    assert store.append(clash[:-1]) == Appended(again, 0)


def test_one_id_with_two_contents_in_one_call_is_refused(world: World) -> None:
    store = world.open()

    with pytest.raises(HistoryError, match="'e1'"):
        store.append(items(choice(1), choice(2), choice(1, account="eve")))

    assert store.pending(10) == []


def test_a_record_said_under_two_ids_is_two_events_of_one_content(world: World) -> None:
    store = world.open()

    assert store.append(items(said("r1"))) == Appended(1, 0)
    assert store.append(items(said("r1", id="a"), said("r1", id="b"), said("r1"))) == Appended(2, 1)


@pytest.mark.parametrize("together", [True, False])
def test_a_record_said_in_two_ways_is_named_and_nothing_is_kept(world: World, together: bool) -> None:
    store = world.open()
    ways = items(said("r1", id="a"), said("r1", id="b", role="assistant"))
    if not together:
        store.append(ways[:1])

    with pytest.raises(HistoryError, match="record 'r1' is said again in another way"):
        store.append(ways if together else [*choices([1]), ways[1]])

    assert len(store.pending(10)) == (0 if together else 1)


def test_an_act_with_the_key_of_another_is_refused(world: World) -> None:
    store = world.open()
    one, other = act("release", "one"), act("release", "other")
    store.append([one])

    with pytest.raises(HistoryError, match="a release is used again with other content"):
        store.append([replace(other, key=one.key)])


def test_names_of_every_character_are_kept(world: World) -> None:
    store = started(world)
    given = items(*(choice(n, account=name) for n, name in enumerate(HOSTILE)))
    store.append(given)

    for logged in (False, True):
        for item, name in zip(given, HOSTILE, strict=True):
            (found,) = store.opened(account=name)
            assert (found.payload, found.salt) == (item.payload, item.salt)
            assert (found.index is not None) == logged
        if not logged:
            log_all(store)


def test_a_ledger_is_started_once(world: World) -> None:
    store = world.open()
    assert store.head() is None

    store.start(head(0))

    assert world.open().head() == head(0)
    with pytest.raises(StoreError, match="started before"):
        store.start(head(0, mark=1))
    assert store.head() == head(0)


def test_a_ledger_starts_empty(world: World) -> None:
    with pytest.raises(StoreError, match="size 0"):
        world.open().start(head(7))


def test_assigned_rows_have_their_indexes_and_are_pending_no_more(world: World) -> None:
    store = started(world)
    given = choices(range(30))
    store.append(given)
    rows = store.pending(20)

    store.assign([row.seq for row in rows], 0, NOON, head(0), head(20))

    assert store.head() == head(20)
    assert [(one.index, one.at, one.kind, one.commitment) for one in store.logged(0, 99)] == [
        (index, NOON, "choice", item.commitment) for index, item in enumerate(given[:20])
    ]
    assert [row.commitment for row in store.pending(99)] == [item.commitment for item in given[20:]]
    assert [one.index for one in store.logged(5, 8)] == [5, 6, 7]
    assert list(store.logged(20, 20)) == []


def test_of_two_writers_one_is_refused_and_changes_nothing(world: World) -> None:
    store, other = started(world), world.open()
    store.append(choices(range(10)))
    mine, theirs = store.pending(5), other.pending(8)
    store.assign([row.seq for row in mine], 0, NOON, head(0), head(5))

    with pytest.raises(LedgerError, match="another writer"):
        other.assign([row.seq for row in theirs], 0, NOON, head(0), head(8))

    assert other.head() == head(5)
    assert len(list(other.logged(0, 99))) == 5
    assert len(other.pending(99)) == 5


def test_a_head_of_the_same_size_and_another_root_is_another_head(world: World) -> None:
    store = started(world)
    store.append(choices([1]))

    with pytest.raises(LedgerError, match="another writer"):
        store.assign([store.pending(1)[0].seq], 0, NOON, head(0, mark=1), head(1))

    assert store.head() == head(0)


def test_rows_that_are_not_pending_are_not_assigned(world: World) -> None:
    store = started(world)
    store.append(choices(range(4)))
    log_all(store, limit=2)
    row = store.pending(1)[0]

    for seqs in ([row.seq - 1, row.seq], [row.seq, row.seq + 1000], [row.seq, row.seq]):
        with pytest.raises(LedgerError, match="not those that are pending"):
            store.assign(seqs, 2, NOON, head(2), head(4))

    assert store.head() == head(2)
    assert len(store.pending(9)) == 2


@pytest.mark.parametrize(("first", "size"), [(1, 2), (0, 3), (0, 1)])
def test_indexes_that_leave_a_gap_are_refused(world: World, first: int, size: int) -> None:
    store = started(world)
    store.append(choices([1, 2]))
    seqs = [row.seq for row in store.pending(2)]

    with pytest.raises(LedgerError, match="do not lead from size 0"):
        store.assign(seqs, first, NOON, head(0), head(size))

    assert store.head() == head(0)


def test_a_cosigned_checkpoint_replaces_the_one_of_its_head_only(world: World) -> None:
    store = started(world)
    store.append(choices([1]))
    log_all(store)

    store.cosign(replace(head(1), checkpoint=b"with a cosignature"))
    assert store.head() == replace(head(1), checkpoint=b"with a cosignature")

    store.cosign(replace(head(0), checkpoint=b"late"))
    store.cosign(replace(head(1, mark=1), checkpoint=b"of a fork"))
    assert store.head() == replace(head(1), checkpoint=b"with a cosignature")


def test_opened_rows_open_their_commitments_by_index_and_pending_last(world: World) -> None:
    store = started(world)
    given = choices(range(30))
    store.append(given)
    log_all(store, limit=20)

    found = list(store.opened())

    assert [row.index for row in found] == [*range(20), *[None] * 10]
    assert [row.at for row in found] == [*[NOON] * 20, *[None] * 10]
    for row, item in zip(found, given, strict=True):
        assert row.payload == item.payload
        check_opening(row.commitment, row.salt, row.payload)


def test_opened_rows_are_those_that_were_asked_for(world: World) -> None:
    store = started(world)
    ada, bob = items(choice(1, "ada"), choice(2, "bob"))
    gone, told = items(
        event(event="conversation.deleted", conversation="c1"),
        event(event="conversation.started", conversation="c1", account="ada"),
    )
    release = act("release", "r")
    store.append([ada, bob, gone, told, release])
    log_all(store, limit=3)

    def payloads(**asked: object) -> list[bytes]:
        return [row.payload for row in store.opened(**asked)]  # type: ignore[arg-type]

    assert payloads(account="ada") == [ada.payload, told.payload]
    assert payloads(conversation="c1") == [gone.payload, told.payload]
    assert payloads(account="ada", conversation="c1") == [told.payload]
    assert payloads(account="c1") == payloads(conversation="ada") == payloads(account="eve") == []
    assert payloads(account="ada", kinds=("choice",)) == [ada.payload]
    assert payloads(kinds=("deletion", "release")) == [gone.payload, release.payload]
    assert payloads(kinds=("release", "build")) == [release.payload]
    assert payloads(kinds=("release",), below=3) == payloads(kinds=()) == []
    assert payloads(below=2) == [ada.payload, bob.payload]
    assert payloads(account="ada", below=3) == [ada.payload]
    assert payloads(key=gone.key) == [gone.payload]
    assert payloads(key=gone.key, account="ada") == payloads(key=bytes(32)) == []


def test_events_are_the_payloads_of_events_and_no_acts(world: World) -> None:
    store = started(world)
    given = items(
        choice(1),
        said("r1"),
        event(event="hold.placed", hold="h"),
        event(event="account.closed", account="ada"),
    )
    store.append([given[0], act("terms", "t"), *given[1:], act("lineage", "l")])
    log_all(store, limit=3)

    def found(below: int | None) -> list[bytes]:
        return [payload for some in store.events(below) for payload in some]

    assert sorted(found(None)) == sorted(item.payload for item in given)
    assert found(3) == [item.payload for item in given[:2]]
    assert found(1) == [given[0].payload]
    assert found(0) == []


def test_more_rows_than_one_batch_are_streamed_each_once(world: World) -> None:
    store = started(world)
    given = choices(range(5_001))
    store.append(given)
    log_all(store, limit=4_500)

    assert [one.commitment for one in store.logged(0, 9_999)] == [item.commitment for item in given[:4_500]]
    assert [row.payload for row in store.opened()] == [item.payload for item in given]
    assert [row.payload for row in store.opened(account="ada")] == [item.payload for item in given]
    assert [len(some) for some in store.events(4_500)] == [2_000, 2_000, 500]


def test_an_iterator_reads_one_state_whatever_is_written_meanwhile(world: World) -> None:
    store = started(world)
    store.append(choices(range(3_000)))
    log_all(store, limit=2_500)
    rows = store.opened()
    first = list(islice(rows, 5))

    store.append(choices(range(3_000, 3_100)))
    log_all(store, limit=600)
    rest = list(rows)

    assert [row.index for row in first + rest] == [*range(2_500), *[None] * 500]
    assert len(list(store.opened())) == 3_100


def test_an_iterator_that_is_given_up_leaves_the_store_usable(world: World) -> None:
    store = started(world)
    store.append(choices(range(3_000)))
    for _ in range(3):
        rows = store.opened()
        next(rows)
        del rows

    assert len(list(store.opened())) == 3_000
    assert store.append(choices([9_999])) == Appended(1, 0)


def test_the_payload_is_the_canonical_event(world: World) -> None:
    store = world.open()
    store.append(items(choice(1)))

    (row,) = store.opened()

    assert msgspec.json.decode(row.payload)["event"]["id"] == "e1"
    assert isinstance(store.pending(1)[0], Pending)


def test_a_closed_store_may_be_closed_again(world: World) -> None:
    store = world.open()
    store.close()
    store.close()

    with pytest.raises(StoreError):
        store.head()


def test_an_iterator_of_a_closed_store_ends_quietly(world: World) -> None:
    store = started(world)
    store.append(choices(range(3_000)))
    rows = store.opened()
    next(rows)

    store.close()

    assert len(list(rows)) == 2_999


def test_a_page_of_acts_has_the_newest_first_and_goes_on_below(world: World) -> None:
    store = started(world)
    given = [act("access", f"act {number}") for number in range(7)]
    for number, item in enumerate(given):
        store.append([item, *choices([number])])
    log_all(store)
    store.append([act("access", "not in the ledger yet")])

    first = store.page("access", 3, newest=True)
    assert [row.payload for row in first.rows] == [item.payload for item in given[:3:-1]]
    assert first.last == first.rows[-1].index
    second = store.page("access", 4, below=first.last, newest=True)
    assert [row.payload for row in second.rows] == [item.payload for item in given[3::-1]]
    assert store.page("access", 4, below=second.last, newest=True).rows == ()
    assert store.page("build", 4, newest=True).last is None
    with pytest.raises(ValueError, match="no index"):
        store.page("choice", 4)


def test_a_page_of_holds_ends_with_those_that_are_pending_and_leaves_no_hold_out(world: World) -> None:
    store = started(world)
    holds = items(*(event(event="hold.placed", hold=f"h{number}", id=f"h{number}") for number in range(6)))
    store.append([*holds[:2], *choices(range(3)), *holds[2:5]])
    log_all(store)
    store.append(holds[5:])

    seen, since = [], 0
    while True:
        page = store.page("hold", 2, since=since)
        seen += [row.payload for row in page.rows]
        if page.last is None:
            break
        since = page.last + 1
    assert seen == [item.payload for item in holds]
    assert [row.index for row in store.page("hold", 50).rows][-1] is None
    assert [row.payload for row in store.page("hold", 50, below=1).rows] == [holds[0].payload]
