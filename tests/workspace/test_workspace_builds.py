"""Builds from a workspace: the checkpoint fixes the history, the ledger has the release, and the bytes come again."""

from __future__ import annotations

import filecmp
import json
import os
import signal
from pathlib import Path

import msgspec
import pytest
from shops import Shop, open_shop, withdrawal

from killing import in_a_clean_child
from troth.build import pipeline
from troth.canon.canonical import canonical_bytes, digest_of_file
from troth.errors import LedgerError, StoreError, UsageError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.receipts import receipt_of_release
from troth.operations.workspace.releases.books import Books
from troth.operations.workspace.releases.withdraw import withdraw_release
from troth.operations.workspace.sequencing import sequence
from troth.release.envelope import open_envelope, seal
from troth.release.layout import MANIFEST
from troth.release.manifest import Release, read_statement
from troth.verify.report import Outcome


def manifest_of(release: Path) -> Release:
    return read_statement(open_envelope((release / MANIFEST).read_bytes()).body()).predicate


def same_files(one: Path, two: Path) -> bool:
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(two)) for path in two.rglob("*") if path.is_file())
    return all(filecmp.cmp(one / name, two / name, shallow=False) for name in names)


def steps(shop: Shop, release: str, *receipts: str, **more: object) -> dict[int, tuple[Outcome, str]]:
    asked = VerifyRequest(
        shop.folder / release, receipts=tuple(shop.folder / one for one in receipts), log_key=shop.log_key,
        ledger=str(shop.ledger), **more,
    )  # fmt: skip
    report = verify_all(asked).release
    assert report is not None
    return {step.number: (step.outcome, " ".join(map(str, step.findings))) for step in report.steps}


def test_the_manifest_cites_the_checkpoint_and_every_step_passes(shop: Shop) -> None:
    built = shop.build("first")
    manifest = manifest_of(shop.folder / "first")
    assert manifest.ledger is not None
    assert manifest.membership is not None
    assert (manifest.ledger.origin, manifest.ledger.size) == ("example.org/shop", 7)  # six events, one intake
    assert manifest.membership.leaves == manifest.statistics.conversations == 2
    assert built.receipt == shop.folder / "first.receipt"
    found = steps(shop, "first", "first.receipt", workspace=shop.workspace)
    assert [found[number][0] for number in (9, 10)] == [Outcome.PASSED, Outcome.PASSED]
    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings


def test_the_same_checkpoint_gives_the_same_bytes_again(shop: Shop) -> None:
    first = shop.build("first")
    shop.record(withdrawal("ada", "2025-10-25T00:00:00Z"), name="later.jsonl")
    again = shop.build("again", checkpoint=7)
    assert again.manifest == first.manifest
    assert same_files(shop.folder / "first", shop.folder / "again")


def test_what_came_after_the_checkpoint_is_for_the_next_build(shop: Shop) -> None:
    first = shop.build("first")
    shop.record(withdrawal("ada", "2025-10-25T00:00:00Z"), name="later.jsonl")
    later = shop.build("later")
    assert first.release.counts.released == 4
    assert later.release.counts.released == 2
    assert first.release.history.digest != later.release.history.digest


def test_a_second_intake_keeps_the_commitments(shop: Shop) -> None:
    shop.build("first")
    with opened(shop.workspace) as found:
        before = found.store.commitments(["of-ada", "of-ben", "of-cleo"])
    shop.build("second")
    with opened(shop.workspace) as found:
        assert found.store.commitments(["of-ada", "of-ben", "of-cleo"]) == before
        kinds = [row.kind for row in found.store.opened(kinds=("intake",))]
    assert kinds == ["intake"]


def test_a_checkpoint_that_was_never_published_is_refused(shop: Shop) -> None:
    with pytest.raises(UsageError, match="no checkpoint of size 3"):
        shop.build("first", checkpoint=3)
    assert not (shop.folder / "first").exists()


def test_a_release_says_that_it_was_withdrawn(shop: Shop) -> None:
    shop.build("first")
    manifest, _ = withdraw_release(shop.workspace, str(shop.folder / "first"), "built from the wrong logs")
    (shop.folder / "now.receipt").write_bytes(receipt_of_release(shop.workspace, manifest).data)
    outcome, told = steps(shop, "first", "now.receipt")[10]
    assert outcome is Outcome.FAILED
    assert "withdrawn: 'built from the wrong logs'" in told
    # The receipt from before is still true, and says nothing of what came later.
    assert steps(shop, "first", "first.receipt")[10][0] is Outcome.PASSED


def test_a_receipt_of_another_release_does_not_stand_for_this_one(shop: Shop) -> None:
    shop.build("first")
    shop.build("second", seed=8)
    outcome, told = steps(shop, "first", "second.receipt")[10]
    assert outcome is Outcome.FAILED
    assert "no entry of this release" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ledger": {"origin": "example.org/other", "size": 7}}, "log"),
        ({"ledger": {"size": 6}}, "another checkpoint"),
        ({"ledger": {"root": "00" * 32}}, "another checkpoint"),
        ({"ledger": {"size": 1000}}, "is missing"),
    ],
)
def test_a_manifest_that_cites_another_checkpoint_is_found(
    shop: Shop, change: dict[str, dict[str, object]], told: str
) -> None:
    shop.build("first")
    path = shop.folder / "first" / MANIFEST
    statement = json.loads(open_envelope(path.read_bytes()).body())
    for part, fields in change.items():
        statement["predicate"][part].update(fields)
    path.write_bytes(seal(canonical_bytes(statement), None))
    outcome, findings = steps(shop, "first")[10]
    assert outcome is Outcome.FAILED
    assert told in findings


def test_a_membership_tree_over_other_conversations_is_found_with_the_workspace(
    shop: Shop, tmp_path: Path
) -> None:
    """The publisher signs a tree that leaves one released conversation out and puts an excluded one in."""
    import numpy as np

    from troth.release.membership import build as grow

    shop.build("first")
    release = shop.folder / "first"
    with opened(shop.workspace) as found:
        labels = found.store.commitments(["of-ada", "of-ben"])
    rows = np.frombuffer(b"".join(labels.values()), np.uint8).reshape(-1, 32)
    (release / "membership.bin").unlink()
    root = grow(rows, release / "membership.bin")
    statement = json.loads(open_envelope((release / MANIFEST).read_bytes()).body())
    statement["predicate"]["membership"]["root"] = root.hex()
    for subject in statement["subject"]:
        if subject["name"] == "membership.bin":
            subject["digest"]["sha256"] = digest_of_file(release / "membership.bin").removeprefix("sha256:")
    (release / MANIFEST).write_bytes(seal(canonical_bytes(statement), None))
    assert steps(shop, "first")[9][0] is Outcome.PASSED  # without the salts nobody can tell
    outcome, told = steps(shop, "first", workspace=shop.workspace)[9]
    assert outcome is Outcome.FAILED
    assert "'of-cleo' is released, and its label is not in the tree" in told
    assert "1 label of no released conversation" in told


def test_one_flipped_bit_in_the_tree_is_found(shop: Shop) -> None:
    shop.build("first")
    path = shop.folder / "first" / "membership.bin"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    found = steps(shop, "first")
    assert found[3][0] is Outcome.FAILED
    assert found[9][0] is Outcome.NOT_CHECKED


KILLED_AT = {
    "after the start": (Books, "history"),
    "before it is recorded": (Books, "announce"),
    "before it appears": (pipeline, "publish"),
    "after it appeared": (Books, "close"),
}


def build_and_die(folder: Path, where: str, size: int) -> None:
    """In a process of its own: build, and be killed at a place."""
    setattr(*KILLED_AT[where], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    Shop(folder).build("first", checkpoint=size)


@pytest.mark.parametrize("where", KILLED_AT)
def test_a_build_that_is_killed_never_leaves_a_release_that_the_ledger_does_not_know(
    shop: Shop, where: str
) -> None:
    shop.build("fixed")  # so that there is a checkpoint to name
    size = manifest_of(shop.folder / "fixed").ledger.size
    assert in_a_clean_child(build_and_die, shop.folder, where, size) == -signal.SIGKILL
    sequence(shop.workspace)
    released = shop.folder / "first"
    assert released.exists() == (where == "after it appeared")
    if not released.exists():
        shop.build("first", checkpoint=size)
    with opened(shop.workspace) as found:
        manifests = [
            msgspec.json.decode(row.payload)["manifest"] for row in found.store.opened(kinds=("release",))
        ]
    assert manifests == [digest_of_file(released / MANIFEST)]  # the same release, logged once
    assert not audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent).findings


def test_a_build_that_cannot_be_recorded_does_not_appear(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise StoreError("the disk is full", remedy="make room")

    monkeypatch.setattr(Books, "announce", refused)
    with pytest.raises(StoreError, match="disk is full"):
        shop.build("first")
    assert not (shop.folder / "first").exists()


def test_a_workspace_is_refused_where_there_is_none_or_it_is_damaged(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no workspace"), opened(tmp_path):
        pass
    settings = shop.workspace / "troth.toml"
    good = settings.read_text(encoding="utf-8")
    for bad in (
        good.replace("format = 2", "format = 1"),
        good.replace("format = 2", "format = 3"),
        good + 'colour = "red"\n',
        "format =",
        good.replace("origin", "origan"),
    ):
        settings.write_text(bad, encoding="utf-8")
        with pytest.raises(StoreError), opened(shop.workspace):
            pass
    settings.write_text(good, encoding="utf-8")
    (shop.ledger / "log.vkey").unlink()
    with pytest.raises(LedgerError, match="missing"), opened(shop.workspace):
        pass


def test_init_leaves_an_existing_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        open_shop(tmp_path)
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["mine.txt"]
