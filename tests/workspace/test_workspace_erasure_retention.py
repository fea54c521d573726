"""Retention: what the terms no longer keep is destroyed, and nothing else; a clock that is wrong destroys nothing."""

from __future__ import annotations

from typing import Any

import pytest
from shops import Shop
from test_workspace_erasure import LATE, TERMS, before_the_intent, event, logged, readable, taken, talk

from troth.errors import UsageError
from troth.operations.workspace.erasure import retain as room
from troth.operations.workspace.erasure.retain import AHEAD, Retained, RetainRequest, retain
from troth.operations.workspace.opened import now
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, ErasureReviewed
from troth.types.moment import DAY, Moment, parse_moment

DELETED = event("conversation.deleted", conversation="of-ada")
DUE = parse_moment("2026-10-31T00:00:00Z")
"""Thirty days after `LATE`."""


def kept(shop: Shop, at: Moment, *, apply: bool = False, **options: Any) -> Retained:
    return retain(RetainRequest(shop.workspace, TERMS, at, options, apply))


def test_a_dry_run_lists_what_is_due_by_clause_and_person_to_the_microsecond(shop: Shop) -> None:
    taken(shop)
    shop.record(DELETED)
    assert kept(shop, DUE - 1).due == []
    done = kept(shop, DUE)
    (one,) = done.due
    assert (one.rule, one.clause, one.account, one.records) == (
        "deleted",
        "Help 10023548, deletion",
        "ada",
        2,
    )
    assert (done.conversations, done.records) == (1, 2)
    assert readable(shop) == ["of-ada", "of-ben", "of-cleo"]
    assert logged(shop) == []


def test_applied_it_is_destroyed_once_and_the_ledger_says_that_nothing_is_past_its_date(shop: Shop) -> None:
    taken(shop)
    shop.record(DELETED)
    assert kept(shop, DUE, apply=True).conversations == 1
    assert readable(shop) == ["of-ben", "of-cleo"]
    again = kept(shop, DUE, apply=True)
    assert (again.conversations, again.stays) == (0, 0)
    assert [type(one) for one in logged(shop)] == [
        ErasureIntended,
        ErasureDone,
        ErasureReviewed,
        ErasureReviewed,
    ]
    assert all(one.kept == () for one in logged(shop) if isinstance(one, ErasureReviewed))


def test_what_is_held_past_its_date_is_explained_and_goes_when_the_hold_ends(shop: Shop) -> None:
    taken(shop)
    shop.record(DELETED, event("hold.placed", hold="case-7", accounts=["ada"]))
    done = kept(shop, DUE, apply=True)
    assert (done.conversations, done.stays, done.holds) == (0, 2, ("case-7",))
    assert [(one.conversation, one.why) for one in done.overdue] == [("of-ada", "hold")]
    (reviewed,) = logged(shop)
    assert isinstance(reviewed, ErasureReviewed)
    assert [(one.why, one.records) for one in reviewed.kept] == [("hold", 2)]
    shop.record(event("hold.released", "2026-11-01T00:00:00Z", hold="case-7"), name="end.jsonl")
    done = kept(shop, DUE, apply=True)
    assert (done.conversations, done.stays, done.holds) == (1, 0, ())


def test_a_hold_placed_after_the_time_asked_for_is_kept_to_all_the_same(shop: Shop) -> None:
    taken(shop)
    shop.record(DELETED, event("hold.placed", "2026-11-15T00:00:00Z", hold="case-7", accounts=["ada"]))
    assert kept(shop, DUE, apply=True).conversations == 0


def test_a_hold_placed_during_retention_is_kept_to(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(shop)
    shop.record(DELETED)
    hold = event("hold.placed", "2026-11-01T00:00:00Z", hold="case-7", conversations=["of-ada"])
    before_the_intent(monkeypatch, lambda: shop.record(hold, name="hold.jsonl"))
    assert kept(shop, DUE, apply=True).stays == 2
    assert [type(one) for one in logged(shop)] == [ErasureIntended, ErasureAbandoned, ErasureReviewed]
    assert "of-ada" in readable(shop)


def test_what_waits_for_the_rest_of_a_conversation_that_the_vault_does_not_hold_is_told(shop: Shop) -> None:
    said = {"conversation": "elsewhere", "account": "ada"}
    shop.record(
        *(event("record.said", "2026-09-01T00:00:00Z", record=f"elsewhere/{n}", **said) for n in range(2)),
        event("record.deleted", record="elsewhere/0"),
    )
    done = kept(shop, DUE, apply=True)
    assert [(one.conversation, one.why, one.records) for one in done.overdue] == [("elsewhere", "others", 1)]


def test_a_conversation_that_goes_on_after_its_time_is_stored_anew(shop: Shop) -> None:
    taken(shop, talk("long", ("ada", "early"), at="2026-09-01T00:00:00Z"))
    shop.record(event("conversation.deleted", conversation="long"))
    kept(shop, DUE, apply=True)
    assert readable(shop) == []
    taken(shop, talk("long", ("ada", "early"), ("ada", "late"), at="2026-09-01T00:00:00Z"))
    assert readable(shop) == ["long"]


# --- clocks ----------------------------------------------------------------------------------------------------


def test_nothing_is_destroyed_for_a_time_that_has_not_come(shop: Shop) -> None:
    taken(shop)
    shop.record(DELETED)
    with pytest.raises(UsageError, match="has not come"):
        kept(shop, now() + DAY, apply=True)
    assert kept(shop, now() + 30 * DAY).conversations == 1


def test_a_clock_far_ahead_of_the_ledger_is_not_believed_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    shop.record(event("conversation.deleted", "2026-11-10T00:00:00Z", conversation="of-ada"))
    ahead = now() + 3000 * DAY
    monkeypatch.setattr(room, "now", lambda: ahead)
    with pytest.raises(UsageError, match="the clock may be wrong"):
        kept(shop, ahead, apply=True)
    assert "of-ada" in readable(shop)
    assert logged(shop) == []
    assert kept(shop, now() + AHEAD - DAY, apply=True).records == 0


def test_a_clock_set_back_destroys_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(shop)
    shop.record(DELETED)
    monkeypatch.setattr(room, "now", lambda: parse_moment(LATE))
    with pytest.raises(UsageError, match="has not come"):
        kept(shop, DUE, apply=True)
