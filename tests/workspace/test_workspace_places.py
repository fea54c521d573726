"""A choice for one conversation or project in a workspace: sealed where it belongs, found, proved, and obeyed by a build."""

from __future__ import annotations

import pytest
from shops import Shop

from troth.errors import HistoryError, Place
from troth.history.event import event_bytes, read_event
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.history import event_of
from troth.operations.workspace.opened import opened
from troth.operations.workspace.receipts.receipts import receipt_of_account, receipt_of_conversation
from troth.receipt.read import read_receipt
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts
from troth.store.subjects import Subject, owner_of, subject_of

OF_TALK = {"event": "choice.made", "at": "2025-11-01T00:00:00Z", "conversation": "of-ada", "account": "ada",
           "choice": "improve_models", "value": "refused", "notice_digest": f"sha256:{'0a' * 32}", "locale": "de",
           "layout_digest": f"sha256:{'1b' * 32}", "shown_at": "2025-10-31T23:59:00Z"}  # fmt: skip
OF_PROJECT = {"event": "choice.made", "at": "2025-11-01T00:00:00Z", "project": "atlas", "account": "cleo",
              "choice": "improve_models", "value": "refused"}  # fmt: skip
STARTED = {"event": "conversation.started", "at": "2025-10-20T09:00:00Z", "conversation": "of-cleo", "account": "cleo",
           "project": "atlas"}  # fmt: skip
SIGNAL = {
    "event": "signal.received",
    "at": "2025-11-01T00:00:00Z",
    "account": "ada",
    "signal": "gpc",
    "value": "1",
}
OF_NOBODY = {key: value for key, value in OF_TALK.items() if key != "account"}


def told(shop: Shop, data: bytes) -> str:
    """What a person reads who has the file and the log's public key."""
    file = shop.folder / "held.receipt"
    file.write_bytes(data)
    report = verify_all(VerifyRequest(None, receipts=(file,), log_key=shop.log_key)).receipts[0]
    report.require()
    return "\n".join(report.words)


def released(shop: Shop, name: str) -> set[str]:
    """The conversations in a new release, each by its proof."""
    shop.build(name)
    found = set()
    for conversation in ("of-ada", "of-ben", "of-cleo"):
        made = receipt_of_conversation(shop.workspace, conversation, (str(shop.folder / name),))
        (answer,) = read_receipt(made.data).receipt.memberships
        found |= {conversation} if answer.included else set()
    return found


def test_a_build_leaves_out_what_a_no_for_its_conversation_or_project_covers(shop: Shop) -> None:
    assert released(shop, "before") == {"of-ada", "of-cleo"}
    shop.record(OF_TALK, name="talk.jsonl")
    assert released(shop, "without-adas") == {"of-cleo"}
    shop.record(STARTED, OF_PROJECT, name="project.jsonl")
    assert released(shop, "without-both") == set()


@pytest.mark.parametrize(
    ("event", "subject", "owner"),
    [
        (OF_TALK, Subject("conversation", "of-ada"), Subject("account", "ada")),
        (OF_NOBODY, Subject("conversation", "of-ada"), None),
        (OF_PROJECT, Subject("account", "cleo"), Subject("account", "cleo")),
        (SIGNAL, Subject("account", "ada"), Subject("account", "ada")),
        ({**SIGNAL, "conversation": "of-ada"}, Subject("conversation", "of-ada"), Subject("account", "ada")),
    ],
)
def test_it_is_sealed_under_the_key_of_its_conversation_and_found_by_its_account_too(
    shop: Shop, event: dict[str, str], subject: Subject, owner: Subject | None
) -> None:
    (item,) = event_items([read_event(event, Place("test"))], fresh_salts)
    assert (subject_of(item), owner_of(item)) == (subject, owner)

    shop.record(event, name="one.jsonl")
    with opened(shop.workspace) as found:
        for by in ({"account": event.get("account")}, {"conversation": event.get("conversation")}):
            if any(by.values()):
                assert item.payload in [row.payload for row in found.store.opened(**by)]


def test_what_is_recorded_is_read_back_to_the_byte(shop: Shop) -> None:
    given = {event_bytes(read_event(one, Place("test"))) for one in (OF_TALK, OF_PROJECT, STARTED, SIGNAL)}
    shop.record(OF_TALK, OF_PROJECT, STARTED, SIGNAL, name="more.jsonl")
    with opened(shop.workspace) as found:
        kept = {event_bytes(event_of(payload)) for some in found.store.events(None) for payload in some}
    assert given <= kept


def test_the_receipt_of_a_conversation_has_the_choices_for_it_and_no_others(shop: Shop) -> None:
    shop.build("first")
    shop.record(OF_TALK, OF_PROJECT, SIGNAL, name="more.jsonl")
    made = receipt_of_conversation(shop.workspace, "of-ada", ())
    assert [one.entry.kind for one in read_receipt(made.data).receipt.entries] == ["intake", "choice"]
    words = told(shop, made.data)
    for expected in (
        'The account "ada" chose "refused" for "improve_models", for the conversation "of-ada" alone',
        f'The notice shown had the digest "sha256:{"0a" * 32}".',
        f'The layout shown had the digest "sha256:{"1b" * 32}".',
        'in the locale "de"',
        "It was shown on 31 October 2025 at 23:59 UTC.",
    ):
        assert expected in words


def test_the_receipt_of_an_account_has_all_of_them(shop: Shop) -> None:
    shop.record(OF_TALK, OF_PROJECT, STARTED, SIGNAL, name="more.jsonl")
    assert "alone" in told(shop, receipt_of_account(shop.workspace, "ada").data)
    assert 'The signal "gpc" was received from the account "ada" with the value "1"' in told(
        shop, receipt_of_account(shop.workspace, "ada").data
    )
    cleo = told(shop, receipt_of_account(shop.workspace, "cleo").data)
    assert 'The account "cleo" chose "refused" for "improve_models", for its project "atlas" alone' in cleo
    assert 'The account keeps it in its project "atlas".' in cleo


def test_a_choice_that_is_no_event_is_not_recorded(shop: Shop) -> None:
    with pytest.raises(HistoryError, match="has no account"):
        shop.record({**OF_PROJECT, "account": None}, name="wrong.jsonl")
