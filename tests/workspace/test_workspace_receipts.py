"""Receipts out of a workspace: what a person can check alone, and what an operator cannot take back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from shops import EVENTS, TALKS, Shop, open_shop, withdrawal

from troth.errors import LedgerError, StoreError, UsageError, VerificationError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.lineage import add_lineage, lineage_of
from troth.operations.workspace.receipts.receipts import (
    conversation_receipt_in,
    receipt_again,
    receipt_of_account,
    receipt_of_conversation,
    receipt_of_lineage,
)
from troth.operations.workspace.sequencing import sequence
from troth.receipt.read import read_receipt
from troth.vault.sealing import Sealer, context
from troth.verify.receipts.report import ReceiptReport


def checked(shop: Shop, data: bytes) -> ReceiptReport:
    """What a person finds who has the file and the log's public key."""
    file = shop.folder / "held.receipt"
    file.write_bytes(data)
    return verify_all(VerifyRequest(None, receipts=(file,), log_key=shop.log_key)).receipts[0]


def words(shop: Shop, data: bytes) -> str:
    report = checked(shop, data)
    report.require()
    return "\n".join(report.words)


@pytest.mark.parametrize(
    ("conversation", "told"), [("of-ada", "is in the release"), ("of-ben", "is NOT in the release")]
)
def test_a_person_can_show_that_a_conversation_is_in_a_release_or_is_not(
    shop: Shop, conversation: str, told: str
) -> None:
    shop.build("first")
    made = receipt_of_conversation(shop.workspace, conversation, (str(shop.folder / "first"),))
    assert f'"{conversation}" {told}' in words(shop, made.data)
    receipt = read_receipt(made.data).receipt
    assert receipt.memberships[0].included == (conversation == "of-ada")
    assert len(receipt.memberships[0].proof.text()) < 1200


def test_the_receipt_of_a_choice_shows_notice_control_time_and_act(shop: Shop) -> None:
    told = words(shop, receipt_of_account(shop.workspace, "ada").data)
    for expected in (
        'chose "granted" for "improve_models"',
        "1 October 2025 at 00:00 UTC",
        '"2025-08-28"',
        "the control stood off",
        '"dialog"',
    ):
        assert expected in told


def test_a_legal_hold_is_not_told_to_the_person_it_is_about(shop: Shop) -> None:
    shop.record(
        {"event": "hold.placed", "at": "2025-11-01T00:00:00Z", "hold": "h", "accounts": ["ada"]},
        name="hold.jsonl",
    )
    receipt = read_receipt(receipt_of_account(shop.workspace, "ada").data).receipt
    assert [one.entry.kind for one in receipt.entries] == ["event", "choice"]


def test_a_deletion_is_in_the_receipt_of_the_conversation(shop: Shop) -> None:
    shop.build("first")
    shop.record(
        {"event": "conversation.deleted", "at": "2025-11-01T00:00:00Z", "conversation": "of-ada"},
        name="gone.jsonl",
    )
    made = receipt_of_conversation(shop.workspace, "of-ada", ())
    assert [one.entry.kind for one in read_receipt(made.data).receipt.entries] == ["intake", "deletion"]
    assert "deleted" in words(shop, made.data)


class Kept(dict[bytes, list[bytes]]):
    """Blocks of intake batches, kept in memory."""

    find = dict.get

    def keep(self, batch: bytes, roots: Sequence[bytes]) -> None:
        self[batch] = list(roots)


def test_the_receipt_made_from_one_block_of_a_batch_is_the_one_made_from_all_of_it(shop: Shop) -> None:
    shop.build("first")
    blocks = Kept()
    with opened(shop.workspace) as found:
        for _ in range(2):
            made = conversation_receipt_in(found, "of-ada", (), blocks)
            assert made.data == receipt_of_conversation(shop.workspace, "of-ada", ()).data
        (batch,) = blocks
        blocks.keep(batch, [bytes(32)])
        again = conversation_receipt_in(found, "of-ada", (), blocks)
        assert again.data == made.data, "what does not lead to the root in the ledger is made anew"
        assert blocks[batch] != [bytes(32)]


def test_who_holds_a_receipt_is_answered_after_the_store_has_forgotten(shop: Shop) -> None:
    shop.build("first")
    held = shop.folder / "of-ben.receipt"
    held.write_bytes(receipt_of_conversation(shop.workspace, "of-ben", ()).data)
    with sqlite3.connect(shop.workspace / "store.db") as store:
        store.execute("DELETE FROM conversation WHERE name = ?", (b"of-ben",))
    store.close()
    again = receipt_again(shop.workspace, held, (str(shop.folder / "first"),))
    assert '"of-ben" is NOT in the release' in words(shop, again.data)


def test_a_release_from_before_the_intake_proves_nothing_and_is_refused(shop: Shop) -> None:
    shop.build("first")
    more = shop.logs.read_text(encoding="utf-8").replace("of-ada", "late")
    shop.logs.write_text(more, encoding="utf-8")
    shop.build("second")
    with pytest.raises(VerificationError, match="before the conversation was committed"):
        receipt_of_conversation(shop.workspace, "late", (str(shop.folder / "first"),))


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda shop: receipt_of_account(shop.workspace, "nobody"), "nothing is recorded"),
        (lambda shop: receipt_of_conversation(shop.workspace, "nothing", ()), "never taken in"),
        (
            lambda shop: receipt_of_conversation(shop.workspace, "of-ada", ("sha256:" + "0" * 64,)),
            "no release",
        ),
        (lambda shop: receipt_again(shop.workspace, shop.logs, ()), "receipt"),
    ],
)
def test_a_question_about_nothing_is_refused(shop: Shop, ask: object, told: str) -> None:
    shop.build("first")
    with pytest.raises((UsageError, VerificationError), match=told):
        ask(shop)  # type: ignore[operator]


def test_the_ledger_tells_nobody_who_or_what(shop: Shop) -> None:
    shop.build("first")
    content = b"".join(path.read_bytes() for path in shop.ledger.rglob("*") if path.is_file())
    content += (shop.folder / "first" / "membership.bin").read_bytes()
    # Three letters alone would turn up by chance in so many random bytes: names are looked for in quotes.
    for name in (*TALKS, '"ada"', '"ben"', '"cleo"', "improve_models", "ada-says-yes", " pears"):
        assert name.encode() not in content


def test_two_workspaces_commit_to_one_conversation_in_two_ways(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shop = open_shop(tmp_path / name)
        shop.build("first")
        with opened(shop.workspace) as workspace:
            found.append(workspace.store.commitments(["of-ada"])["of-ada"])
    assert found[0] != found[1]


def edit_event(shop: Shop) -> None:
    """An insider who holds the root turns ada's yes into a no, past Troth, and seals it as Troth would."""
    with opened(shop.workspace) as found:
        slots = found.handles.slots("account", ["ada"], make=False)
        (key,) = found.keyring.keys([slots["ada"] or 0])
    sealer = Sealer(key or b"")
    with sqlite3.connect(shop.workspace / "store.db") as store:
        rows = store.execute("SELECT seq, key, payload FROM item WHERE kind = 'choice'").fetchall()
        for seq, known_by, payload in rows:
            if payload[:8] == (slots["ada"] or 0).to_bytes(8):
                what = context("event", known_by.hex())
                told = sealer.open(what, payload[8:]).replace(b"granted", b"refused")
                changed = (payload[:8] + sealer.seal(what, told), seq)
                assert store.execute("UPDATE item SET payload = ? WHERE seq = ?", changed).rowcount == 1
    store.close()


def test_a_changed_event_no_longer_opens_what_was_logged(shop: Shop) -> None:
    edit_event(shop)
    with pytest.raises(VerificationError, match="do not open the commitment"):
        receipt_of_account(shop.workspace, "ada")


def test_an_event_changed_by_who_has_no_key_does_not_open(shop: Shop) -> None:
    with sqlite3.connect(shop.workspace / "store.db") as store:
        rows = store.execute("SELECT seq, payload FROM item WHERE kind = 'choice'").fetchall()
        flipped = [(payload[:-1] + bytes([payload[-1] ^ 1]), seq) for seq, payload in rows]
        store.executemany("UPDATE item SET payload = ? WHERE seq = ?", flipped)
    store.close()
    with pytest.raises(StoreError, match="was changed in the store"):
        receipt_of_account(shop.workspace, "ada")


def test_a_rewritten_event_with_a_rewritten_log_is_caught_by_an_older_checkpoint(
    shop: Shop, tmp_path: Path
) -> None:
    """The operator has every key, and makes the whole workspace again with another history."""
    kept = tmp_path / "kept.checkpoint"
    shutil.copy(shop.ledger / "checkpoint", kept)
    forged = forge(shop, tmp_path)
    assert not audit_log(
        AuditRequest(str(forged.ledger), shop.log_key), now(), silent
    ).findings  # agrees with itself
    report = audit_log(AuditRequest(str(forged.ledger), shop.log_key, older=(kept,)), now(), silent)
    assert [step.number for step in report.steps if step.findings] == [6]


def test_the_same_is_caught_by_the_heads_that_this_machine_remembers(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="rollback"):  # at its first step the forged ledger is shorter
        forge(shop, tmp_path, forget=False)


def forge(shop: Shop, tmp_path: Path, *, forget: bool = True) -> Shop:
    """A workspace with the same keys and other events; ``forget`` does it on another machine."""
    (tmp_path / "forged").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        if forget:
            patch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        forged = Shop(tmp_path / "forged")
        shutil.copytree(shop.workspace, forged.workspace)
        start_again(forged)
        changed = [{**event, "value": "refused"} if "value" in event else event for event in EVENTS]
        forged.record(*changed)
    return forged


def start_again(shop: Shop) -> None:
    """Empty the store and the ledger, and keep the keys."""
    from troth.ledger.log import create_log
    from troth.ledger.signers import load_signer
    from troth.ledger.storage import open_storage
    from troth.proof.note import ED25519
    from troth.store.open import open_engine
    from troth.store.tables import TableStore

    for path in shop.workspace.glob("store.db*"):
        path.unlink()
    shutil.rmtree(shop.ledger)
    signer = load_signer(shop.workspace / "keys" / "log.key", "example.org/shop", ED25519)
    head = create_log(open_storage(shop.ledger), [signer], now())
    store = TableStore(open_engine("sqlite", shop.workspace))
    store.start(head)
    store.close()


@pytest.mark.parametrize("part", ["store", "ledger", "all"])
def test_an_old_backup_that_is_put_back_is_noticed(shop: Shop, tmp_path: Path, part: str) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(shop.workspace, backup)
    shop.record(withdrawal("ada", "2025-11-01T00:00:00Z"), name="later.jsonl")
    for path in shop.workspace.glob("store.db*") if part != "ledger" else ():
        path.unlink()
    if part in ("store", "all"):
        shutil.copy(backup / "store.db", shop.workspace / "store.db")
    if part in ("ledger", "all"):
        shutil.rmtree(shop.ledger)
        shutil.copytree(backup / "ledger", shop.ledger)
    if part == "ledger":  # the store has all of it: the ledger is written again
        assert sequence(shop.workspace).size == 7
        assert not audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent).findings
    else:
        with pytest.raises(LedgerError, match="rollback"):
            sequence(shop.workspace)


def test_everything_that_a_conversation_went_into_is_found_over_any_depth(shop: Shop) -> None:
    shop.build("first")
    names = [f"sha256:{number:064x}" for number in range(5)]
    source = str(shop.folder / "first")
    for number, name in enumerate(names):
        add_lineage(shop.workspace, name, "weights", f"model-{number}", (source,))
        source = name
    found = lineage_of(shop.workspace, conversation="of-ada")
    assert [one.digest for one in found.artefacts] == names
    assert lineage_of(shop.workspace, account="cleo").artefacts == found.artefacts
    assert lineage_of(shop.workspace, conversation="of-ben").releases == ()
    assert lineage_of(shop.workspace, release=str(shop.folder / "first")).artefacts == found.artefacts
    told = words(shop, receipt_of_lineage(shop.workspace, "of-ada").data)
    for number in range(5):
        assert f"model-{number}" in told


def test_lineage_from_nothing_that_is_known_is_refused(shop: Shop) -> None:
    shop.build("first")
    name, other = ("sha256:" + digit * 64 for digit in "12")
    with pytest.raises(UsageError, match="no release and no recorded artefact"):
        add_lineage(shop.workspace, name, "weights", "m", (other,))
    with pytest.raises(UsageError, match="neither a file nor a digest"):
        add_lineage(shop.workspace, "nothing.bin", "weights", "m", (str(shop.folder / "first"),))
    with pytest.raises(UsageError):
        add_lineage(shop.workspace, name, "two words", "m", (str(shop.folder / "first"),))
    add_lineage(shop.workspace, name, "weights", "m", (str(shop.folder / "first"),))
    with pytest.raises((StoreError, UsageError)):
        add_lineage(shop.workspace, name, "weights", "m", (name,))
