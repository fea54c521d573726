"""Compaction of releases: what is erased leaves the shards, and everything that anyone asks of the release still holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from compacted_shops import ROWS, TALKS, TERMS, SignedShop, open_signed_shop, sound, told
from shops import withdrawal

from troth.build import shards as building
from troth.disk.reading import while_read
from troth.errors import VerificationError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.verify_erasure import LookRequest, verify_erasure
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.lineage import lineage_of
from troth.operations.workspace.receipts.receipts import (
    receipt_again,
    receipt_of_conversation,
    receipt_of_release,
)
from troth.operations.workspace.releases import compacting
from troth.operations.workspace.releases.compact_releases import CompactedReleases
from troth.operations.workspace.releases.compactions import compactions_of
from troth.operations.workspace.releases.export_release import export_release
from troth.operations.workspace.releases.read_release import reading
from troth.proof.policy import policy_of
from troth.receipt.read import read_receipt
from troth.release.layout import COMPACTED
from troth.verify.receipts.check import check_receipt


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> SignedShop:
    """Not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SHARD_ROWS", ROWS)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("base-state")))
        return open_signed_shop(tmp_path_factory.mktemp("base"))


@pytest.fixture
def shop(base: SignedShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignedShop:
    """With one release, ``first``, of three shards of four conversations."""
    monkeypatch.setattr(building, "SHARD_ROWS", ROWS)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return base.copy(tmp_path / "shop")


# --- what is removed, and what holds ------------------------------------------------------------------


def test_what_is_erased_leaves_the_shards_and_everything_else_holds(shop: SignedShop) -> None:
    manifest = (shop.folder / "first/manifest.json").read_bytes()
    before = [path.read_bytes() for path in shop.shards()]
    shop.destroy("talk-01", "talk-02", "talk-11")
    done = shop.compact()
    assert not done.passed_over
    assert [(one.shard[-13:-8], one.removed, one.removed_now) for one in done.shards] == [
        ("00000", 4, 4),
        ("00002", 2, 2),
    ]
    assert done.removed == 6
    for path in shop.shards():
        assert not any(talk in path.read_bytes() for talk in (b"talk-01", b"talk-02", b"talk-11"))
    assert shop.conversations().count(None) == 6
    assert shop.shards()[1].read_bytes() == before[1]
    assert (shop.folder / "first/manifest.json").read_bytes() == manifest
    assert told(shop.read()) == (18, 6, 6)
    sound(shop.verify(), 6, 2)
    sound(shop.verify(ledger=str(shop.ledger)), 6, 2)
    sound(shop.verify(workspace=shop.workspace), 6, 2)
    sound(shop.verify(workspace=shop.workspace, terms=TERMS, options={}, records=(str(shop.logs),)), 6, 2)
    assert shop.verify(log_key=None).exit_code == 2
    assert not [path for path in shop.folder.iterdir() if path.name.endswith(".compacting")]
    assert not audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent).findings


def test_every_record_that_lives_is_read_as_before(shop: SignedShop) -> None:
    def rows() -> list[dict[str, object]]:
        with reading(shop.asked()) as (_, batches):
            return [row for batch in batches for row in batch.to_pylist()]

    shop.destroy("talk-05")
    before = rows()
    shop.compact()
    assert rows() == before
    assert len(before) == 22


def test_who_withdraws_later_is_withheld_in_a_compacted_release_too(shop: SignedShop) -> None:
    shop.destroy("talk-00")
    shop.compact()
    shop.record(withdrawal("ada", "2025-12-02T00:00:00Z"), name="later.jsonl")
    report = shop.read()
    assert told(report) == (12, 2, 2)
    assert dict(report.withheld) == {"withdrawn": 10}
    assert {one.reason for one in report.named} == {"withdrawn"}


def test_what_leaves_is_counted_without_what_was_removed(shop: SignedShop) -> None:
    shop.destroy(*TALKS[:5])
    shop.compact()
    out = shop.folder / "out.parquet"
    done = export_release(shop.asked(purpose="serve"), "Service providers", out)
    assert told(done.report) == (14, 10, 10)
    assert pq.read_table(out)["conversation"].unique().to_pylist() == TALKS[5:]


def test_it_is_done_again_when_more_is_erased_and_the_digests_lead_on(shop: SignedShop) -> None:
    shop.destroy("talk-01")
    (first,) = shop.compact().shards
    shop.destroy("talk-02", "talk-06")
    second, third = shop.compact().shards
    assert (second.old, second.removed, second.removed_now) == (first.new, 4, 2)
    assert (third.removed, third.removed_now) == (2, 2)
    sound(shop.verify(), 6, 2)
    with opened(shop.workspace) as found:
        chain = compactions_of(found.store, first.release)
    assert [(one.told.old, one.told.new, one.told.removed) for one in chain[first.shard]] == [
        (first.old, first.new, 2),
        (first.new, second.new, 4),
    ]
    receipt = read_receipt((shop.folder / "first" / COMPACTED).read_bytes()).receipt
    assert [one.entry.kind for one in receipt.entries] == ["build", "release", "compaction", "compaction"]
    assert shop.compact() == CompactedReleases((), ())


def test_shards_are_put_in_place_some_at_a_time(shop: SignedShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting, "AT_ONCE", 2)
    shop.destroy("talk-00", "talk-05", "talk-10")
    assert [one.removed for one in shop.compact().shards] == [2, 2, 2]
    sound(shop.verify(), 6, 3)


def test_a_release_may_lose_everything(shop: SignedShop) -> None:
    shop.destroy(*TALKS)
    assert shop.compact().removed == 24
    assert told(shop.read()) == (0, 24, 24)
    sound(shop.verify(), 24, 3)
    sound(shop.verify(workspace=shop.workspace), 24, 3)


def test_without_dead_rows_nothing_is_written(shop: SignedShop) -> None:
    before = {path: path.stat().st_mtime_ns for path in (shop.folder / "first").rglob("*")}
    assert shop.compact() == CompactedReleases((), ())
    assert before == {path: path.stat().st_mtime_ns for path in (shop.folder / "first").rglob("*")}


def test_every_release_is_compacted_also_one_that_was_moved(shop: SignedShop) -> None:
    shop.build("second", seed=8)
    shop.destroy("talk-03")
    (shop.folder / "first").rename(shop.folder / "moved")
    done = shop.compact()
    assert len(done.shards) == 1
    assert [one.why for one in done.passed_over] == [
        str(one.why) for one in done.passed_over if "is not at" in one.why
    ]
    assert told(shop.read("moved")) == (22, 2, 0)
    assert [one.removed for one in shop.compact().shards] == [2]
    for name in ("moved", "second"):
        assert told(shop.read(name)) == (22, 2, 2)
        sound(shop.verify(name), 2, 1)


def test_after_a_real_erasure_nothing_of_the_conversation_is_found_and_its_receipt_still_answers(
    shop: SignedShop,
) -> None:
    earlier = shop.folder / "person.receipt"
    earlier.write_bytes(receipt_of_conversation(shop.workspace, "talk-04", [str(shop.folder / "first")]).data)
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation="talk-04"))
    erased = shop.verify(workspace=shop.workspace)
    assert not erased.findings
    assert "which conversation each of 1 label stands for" in " ".join(erased.steps[8].not_checked)
    before = verify_erasure(LookRequest(shop.workspace, "talk-04"))
    assert shop.compact().removed == 2
    after = verify_erasure(LookRequest(shop.workspace, "talk-04"))
    assert not after.findings
    assert after.sealed == before.sealed - 2
    answered = receipt_again(shop.workspace, earlier, [str(shop.folder / "first")]).data
    policy = VerifyRequest(None, receipts=(earlier,), log_key=shop.log_key)
    assert verify_all(policy).exit_code == 0
    assert b"is in the release" in answered
    assert lineage_of(shop.workspace, conversation="talk-05").releases
    sound(shop.verify(workspace=shop.workspace), 2, 1)


def test_the_receipt_of_the_release_tells_of_its_compactions(shop: SignedShop) -> None:
    shop.destroy("talk-04")
    (done,) = shop.compact().shards
    data = receipt_of_release(shop.workspace, str(shop.folder / "first")).data
    report = check_receipt(data, policy_of([]))
    assert done.new.encode() in data
    assert b"2 by now have left nothing but a digest" in data
    assert report.name == done.release


# --- what is passed over ------------------------------------------------------------------------------


def test_a_release_that_is_being_read_is_passed_over_and_named(shop: SignedShop) -> None:
    shop.destroy("talk-04")
    with reading(shop.asked()) as (report, batches):
        done = shop.compact()
        assert [("reads it just now" in one.why, one.release) for one in done.passed_over] == [
            (True, report.release)
        ]
        assert not done.shards
        assert sum(batch.num_rows for batch in batches) == 22
    assert shop.compact().removed == 2


def test_a_damaged_or_missing_release_is_passed_over_and_the_others_are_compacted(shop: SignedShop) -> None:
    shop.build("missing", seed=20)
    shop.build("whole", seed=21)
    shop.destroy("talk-04")
    damaged = shop.shards("first")[1]
    data = bytearray(damaged.read_bytes())
    data[200] ^= 1
    damaged.write_bytes(data)
    shutil.rmtree(shop.folder / "missing")
    done = shop.compact()
    assert [one.removed for one in done.shards] == [2]
    assert len(done.passed_over) == 2
    assert damaged.read_bytes() == bytes(data)
    assert told(shop.read("whole")) == (22, 2, 2)


def test_a_release_that_cannot_be_written_is_passed_over_and_named(shop: SignedShop) -> None:
    shop.destroy("talk-04")
    in_the_way = shop.folder / ".first.compacting"
    in_the_way.write_bytes(b"")
    done = shop.compact()
    assert not done.shards
    assert "cannot be read or written" in done.passed_over[0].why
    in_the_way.unlink()
    assert shop.compact().removed == 2


def test_rows_that_were_not_signed_are_never_vouched_for(
    shop: SignedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where somebody changes the shard after its digest was looked at."""
    shop.destroy("talk-04")
    shard = shop.shards()[1]
    rewrite = compacting.rewrite

    def changed(*given: object) -> object:
        table = pq.read_table(shard)
        rows = table.to_pylist()
        rows[-1]["account"] = "somebody"
        pq.write_table(type(table).from_pylist(rows, table.schema), shard)
        return rewrite(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(compacting, "rewrite", changed)
    done = shop.compact()
    assert not done.shards
    assert "not those of the root in the manifest" in done.passed_over[0].why
    with opened(shop.workspace) as found:
        assert not list(found.store.opened(kinds=("compaction",)))
    with pytest.raises(VerificationError, match="is not the file that the manifest names"):
        shop.read()


def test_a_file_beside_that_the_ledger_does_not_name_is_thrown_away(shop: SignedShop) -> None:
    beside = shop.folder / ".first.compacting"
    beside.mkdir()
    (beside / "part-00000.parquet").write_bytes(b"mine")
    assert shop.compact() == CompactedReleases((), ())
    assert not beside.exists()
    assert not shop.verify().findings


def test_an_older_compaction_that_lies_beside_does_not_bring_rows_back(shop: SignedShop) -> None:
    """It is named by the ledger, and takes the place of another file than the one that is there."""
    shop.destroy("talk-01")
    (first,) = shop.compact().shards
    kept = (shop.folder / "first" / first.shard).read_bytes()
    shop.destroy("talk-02")
    (second,) = shop.compact().shards
    beside = shop.folder / ".first.compacting"
    beside.mkdir()
    (beside / Path(first.shard).name).write_bytes(kept)
    assert shop.compact() == CompactedReleases((), ())
    assert second.removed == shop.conversations().count(None) == 4
    sound(shop.verify(), 4, 1)


def test_a_shard_of_an_older_state_is_read_and_compacted_again(shop: SignedShop) -> None:
    """Somebody restores the release from a copy: what is erased goes again."""
    copy = shop.folder / "copy"
    shutil.copytree(shop.folder / "first", copy)
    shop.destroy("talk-01")
    (first,) = shop.compact().shards
    shutil.rmtree(shop.folder / "first")
    copy.rename(shop.folder / "first")
    assert told(shop.read()) == (22, 2, 0)
    (again,) = shop.compact().shards
    assert again == first
    sound(shop.verify(), 2, 1)


def test_who_holds_the_manifest_waits_for_nobody_and_lets_go(shop: SignedShop) -> None:
    with while_read(shop.folder / "first/manifest.json"), while_read(shop.folder / "first/manifest.json"):
        assert not shop.compact().passed_over[1:]
    assert not shop.compact().passed_over
