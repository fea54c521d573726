"""Erasing conversations that the vault never held: logs elsewhere, events here, and sealed releases built from both."""

from __future__ import annotations

from typing import Any

import pytest
from shops import Shop
from test_workspace_erasure import LATE, event, gone, logged, readable, reasons, taken, words
from test_workspace_erasure_retention import DUE, kept
from test_workspace_sealed_releases import asked

from troth.errors import UsageError
from troth.operations.workspace.opened import opened
from troth.operations.workspace.releases.read_release import read_release
from troth.proof.payloads import ErasureDone, ErasureIntended
from troth.types.moment import parse_moment


def said(record: str, conversation: str, account: str, at: str = "2026-09-01T00:00:00Z") -> dict[str, Any]:
    return event("record.said", at, record=record, conversation=conversation, account=account)


def there(shop: Shop, *conversations: str) -> list[str]:
    with opened(shop.workspace) as found:
        return found.vault.living(conversations)


def test_what_there_is_of_it_goes_events_salt_name_and_its_part_of_releases(shop: Shop) -> None:
    shop.build("first")
    shop.record(event("conversation.rated", conversation="of-cleo", account="cleo"))
    assert read_release(asked(shop)).opened == 4
    done = gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
    assert (done.conversations, done.records, done.stays) == (1, 0, 0)
    report = read_release(asked(shop))
    assert (report.opened, report.gone) == (2, 2)
    with opened(shop.workspace) as found:
        assert found.store.conversation("of-ada") is None
        assert list(found.store.opened(conversation="of-ada")) == []
        assert found.store.conversation("of-cleo") is not None
    assert '"of-ada" was erased' in words(shop, done.receipts[0])
    assert [type(one) for one in logged(shop)] == [ErasureIntended, ErasureDone]
    with pytest.raises(UsageError, match="holds nothing"):
        gone(shop, conversation="of-ada")


def test_of_an_account_what_only_the_history_or_a_log_elsewhere_has_goes_too(shop: Shop) -> None:
    shop.build("first")
    taken(shop)
    shop.record(
        said("old/0", "old", "ada"), said("shared/0", "shared", "ada"), said("shared/1", "shared", "ben")
    )
    done = gone(shop, account="ada")
    assert (done.conversations, done.records) == (2, 2)
    assert reasons(done) == [("shared", "others", 1)]
    assert there(shop, "of-ada", "old", "shared", "of-ben") == ["shared", "of-ben"]


def test_who_else_took_part_keeps_what_nothing_more_is_known_of(shop: Shop) -> None:
    shop.record(
        event("conversation.started", conversation="talk", account="ada"),
        event("conversation.joined", conversation="talk", account="ben"),
    )
    assert reasons(gone(shop, account="ada")) == [("talk", "others", 1)]
    assert gone(shop, conversation="talk").conversations == 1


@pytest.mark.parametrize(
    "scope",
    [{"accounts": ["ada"]}, {"exclude_plans": ["work"]}, {"until": LATE}],
)
def test_a_hold_keeps_it(shop: Shop, scope: dict[str, Any]) -> None:
    shop.build("first")
    shop.record(event("hold.placed", hold="case-7", **scope))
    assert reasons(gone(shop, conversation="of-ada")) == [("of-ada", "hold", 1)]
    shop.record(event("hold.released", "2026-10-02T00:00:00Z", hold="case-7"), name="end.jsonl")
    assert gone(shop, conversation="of-ada").conversations == 1


def test_a_hold_on_a_plan_may_keep_what_was_said_nobody_knows_when(shop: Shop) -> None:
    shop.build("first")
    shop.record(event("hold.placed", hold="case-7", plans=["pro"], accounts=["ada", "ben"]))
    assert reasons(gone(shop, conversation="of-ada")) == [("of-ada", "unknown", 1)]
    assert gone(shop, conversation="of-cleo").conversations == 1
    shop.record(event("hold.released", "2026-10-02T00:00:00Z", hold="case-7"), name="end.jsonl")
    assert gone(shop, conversation="of-ada").conversations == 1


def test_what_a_duty_may_keep_stays_while_nobody_knows_when_it_was_said(shop: Shop) -> None:
    shop.build("first")
    shop.record(event("conversation.flagged", conversation="of-ada"))
    assert reasons(gone(shop, conversation="of-ada")) == [("of-ada", "unknown", 1)]
    assert gone(shop, conversation="of-ben").conversations == 1


def test_before_a_time_goes_what_the_history_tells_of_that_time(shop: Shop) -> None:
    shop.record(
        said("a/0", "a", "ada"),
        said("b/0", "b", "ada", LATE),
        said("c/0", "c", "ada"),
        said("c/1", "c", "ada", LATE),
    )
    shop.build("first")
    done = gone(shop, before=parse_moment("2026-09-02T00:00:00Z"))
    assert (done.conversations, done.records) == (1, 0)
    assert there(shop, "a", "b", "c", "of-ada") == ["b", "c", "of-ada"]


def test_retention_reaches_what_the_history_tells_of(shop: Shop) -> None:
    taken(shop)
    shop.record(said("a/0", "a", "ada"), event("conversation.deleted", conversation="a"))
    assert kept(shop, DUE - 1, apply=True).conversations == 0
    done = kept(shop, DUE, apply=True)
    assert (done.conversations, done.records) == (1, 0)
    assert there(shop, "a", "of-ada") == ["of-ada"]
    assert readable(shop) == ["of-ada", "of-ben", "of-cleo"]


def test_a_stored_record_without_a_time_stays_where_a_duty_may_keep_it(shop: Shop) -> None:
    from test_workspace_erasure import talk

    taken(shop, talk("whenever", ("ada", "a"), at=""), talk("plain", ("ada", "b"), at=""))
    shop.record(event("conversation.reviewed", conversation="whenever"))
    assert reasons(gone(shop, conversation="whenever")) == [("whenever", "unknown", 1)]
    assert gone(shop, conversation="plain").conversations == 1
