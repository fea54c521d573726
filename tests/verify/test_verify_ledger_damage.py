"""Every damaged, missing, extra or rewritten file of a ledger is found, by the step that looks at it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_audits import TRUST, audited, silent, steps_with_findings
from small_ledger import LOG, MINUTE, NOW, ORIGIN, START, W1, W2, Key, SmallLedger, entries, entry

from troth.proof.checkpoint import Checkpoint
from troth.proof.merkle import EMPTY_ROOT
from troth.proof.note import Note
from troth.proof.policy import policy_of
from troth.verify.ledger.audit import audit
from troth.verify.ledger.local import LocalSource
from troth.verify.ledger.report import LedgerReport
from troth.verify.ledger.trust import Trust

ALONE = Trust(policy_of([LOG.vkey]), established=True)


def step_of(path: str) -> set[int]:
    """The steps that may find damage in a file: of a bundle, also those that hash its entries."""
    if path.startswith("tile/entries/"):
        return {2, 3, 4, 5}
    return {3} if path.startswith("tile/") else {5} if path.startswith("checkpoints/") else {1}


def sign(checkpoint: Checkpoint, key: Key) -> bytes:
    return Note(checkpoint.text(), (key.line(checkpoint.text(), 0),)).data()


def paths(ledger: SmallLedger) -> Iterator[str]:
    for file in ledger.files():
        yield str(file.relative_to(ledger.folder))


def test_a_flipped_bit_in_any_file_is_found_by_its_step(ledger: SmallLedger) -> None:
    rng = random.Random(1)
    for path in list(paths(ledger)):
        whole = (ledger.folder / path).read_bytes()
        # Lines of keys that nobody knows are ignored (C2SP signed-note): flip the text and the line of the log.
        end = whole.index(b"\xe2\x80\x94 w1.example") if path.startswith("checkpoints/") else len(whole)
        for place in {0, end - 1, *rng.choices(range(end), k=8)}:
            damaged = bytearray(whole)
            damaged[place] ^= 1 << rng.randrange(8)
            ledger.put(path, bytes(damaged))
            found = steps_with_findings(audited(ledger))
            assert found, (path, place)
            # What a damaged newest checkpoint says is still held against the rest, which may then differ too.
            assert found <= step_of(path) or (path == "checkpoint" and 1 in found), (path, place, found)
        ledger.put(path, whole)
    assert audited(ledger).exit_code == 0


def cut(data: bytes) -> bytes:
    return data[:-1]


def emptied(data: bytes) -> bytes:
    return b""


def longer(data: bytes) -> bytes:
    return data + b"\x00"


def huge(data: bytes) -> bytes:
    return data + bytes(2 << 20)


@pytest.mark.parametrize("change", [cut, emptied, longer, huge])
def test_a_file_of_another_length_is_found_by_its_step(
    ledger: SmallLedger, change: Callable[[bytes], bytes]
) -> None:
    for path in list(paths(ledger)):
        whole = (ledger.folder / path).read_bytes()
        ledger.put(path, change(whole))
        found = steps_with_findings(audited(ledger))
        assert found, path
        assert found <= step_of(path), (path, found)
        ledger.put(path, whole)


def test_a_missing_file_is_found_by_its_step(ledger: SmallLedger) -> None:
    older = {"tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"}
    for path in sorted({*paths(ledger)} - {"checkpoint"}):
        whole = (ledger.folder / path).read_bytes()
        (ledger.folder / path).unlink()
        report = audited(ledger, older=[ledger.checkpoint(size) for size in ledger.published])
        if path in older:  # tlog-tiles: partial tiles may go once the full one is there
            assert not report.findings
        else:
            assert steps_with_findings(report) == {min(step_of(path))}, path
            assert report.findings[0].file == path
            assert report.findings[0].what == "is missing"
        ledger.put(path, whole)


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("tile/0/000.txt", 3),
        ("tile/readme", 3),
        ("tile/00/000", 3),
        ("tile/0/0000", 3),
        ("tile/0/x000/000", 3),
        ("tile/0/000.p/0", 3),
        ("tile/0/000.p/256", 3),
        ("tile/0/000.p/07", 3),
        ("tile/64/000", 3),
        ("tile/entries/000.p/1/2", 3),
        ("tile/0/003", 3),
        ("tile/0/002", 3),
        ("tile/0/002.p/189", 3),
        ("tile/1/001.p/1", 3),
        ("tile/2/000.p/1", 3),
        ("tile/entries/003.p/1", 2),
        ("tile/entries/x001/000", 2),
        ("checkpoints/readme", 5),
        ("checkpoints/0700", 5),
        ("checkpoints/x000/700", 5),
        ("checkpoints/701", 5),
        ("checkpoints/" + "x999/" * 9 + "999", 5),
    ],
)
def test_an_extra_file_is_found(ledger: SmallLedger, path: str, step: int) -> None:
    ledger.put(path, b"extra")
    report = audited(ledger)
    assert steps_with_findings(report) == {step}
    assert [finding.file for finding in report.findings] == [path]


def test_of_many_extra_files_the_first_are_named_and_the_rest_counted(ledger: SmallLedger) -> None:
    for index in range(50):
        ledger.put(f"tile/0/junk-{index}", b"")
        ledger.put(f"tile/0/{100 + index}", b"")
    findings = audited(ledger).findings
    assert len(findings) == 42
    assert sorted(finding.what.split()[0] for finding in findings if "more" in finding.what) == ["30", "30"]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/002.p/188", "checkpoints/700"])
def test_what_is_no_file_is_not_opened(ledger: SmallLedger, path: str, kind: str) -> None:
    file = ledger.folder / path
    file.rename(ledger.folder / "aside")
    if kind == "link":
        file.symlink_to(ledger.folder / "aside")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    report = audited(ledger)
    assert min(step_of(path)) in steps_with_findings(report)
    assert any("and not a file" in finding.what for finding in report.findings if finding.file == path)


def test_a_bundle_and_its_tile_lost_together_end_the_walk(ledger: SmallLedger) -> None:
    (ledger.folder / "tile/entries/001").unlink()
    (ledger.folder / "tile/0/001").unlink()
    report = audited(ledger)
    assert steps_with_findings(report) == {2, 3}
    for number in (2, 3, 4, 5):
        assert any("what follows entry 256" in why for why in report.steps[number - 1].not_checked)


def test_a_bundle_lost_alone_leaves_the_hashes_to_its_tile(ledger: SmallLedger) -> None:
    (ledger.folder / "tile/entries/000").unlink()
    report = audited(ledger)
    assert steps_with_findings(report) == {2}
    assert report.steps[3].checked == ("the root over 700 entries, computed from their hashes",)
    ledger.put("tile/0/000", bytes(8192))
    assert {2, 4} <= steps_with_findings(audited(ledger))


# What somebody with the log's key can do, and who notices.


def rewritten(ledger: SmallLedger, index: int = 5) -> SmallLedger:
    """The same ledger with one entry replaced and everything above it made anew, without the witnesses."""
    content = list(ledger.content)
    content[index] = entry(index, word="another")
    shutil.rmtree(ledger.folder)
    return replace(ledger, content=content, witnesses=(), roots={}).write()


def test_a_rewritten_log_is_caught_by_an_older_checkpoint(ledger: SmallLedger) -> None:
    kept = ledger.checkpoint(300)
    forged = rewritten(ledger)
    assert audited(forged, trust=ALONE).exit_code == 0  # alone it agrees with itself
    report = audited(forged, trust=ALONE, older=[kept])
    assert steps_with_findings(report) == {6}
    assert report.findings[0].what.startswith("rewritten: its root is not that of the first 300 entries")


def test_what_was_rewritten_after_the_older_checkpoint_is_not_in_it(ledger: SmallLedger) -> None:
    kept = ledger.checkpoint(300)
    assert audited(rewritten(ledger, index=300), trust=ALONE, older=[kept]).exit_code == 0


def test_a_rewritten_log_is_caught_by_the_witnesses(ledger: SmallLedger) -> None:
    report = audited(rewritten(ledger))
    assert steps_with_findings(report) == {1}
    assert "quorum" in report.findings[0].what


def test_a_rewritten_log_is_caught_by_one_checkpoint_left_published(ledger: SmallLedger) -> None:
    left = ledger.checkpoint(300)
    forged = rewritten(ledger)
    forged.put("checkpoints/300", left)
    report = audited(forged, trust=ALONE)
    assert [(f.file, f.what) for f in report.findings] == [
        ("checkpoints/300", "its root is not that of the first 300 entries")
    ]
    assert "two histories" in report.findings[0].remedy


def test_a_log_that_was_cut_is_caught_by_an_older_checkpoint(ledger: SmallLedger) -> None:
    kept = ledger.checkpoint(700)
    shutil.rmtree(ledger.folder)
    shorter = replace(ledger, content=ledger.content[:600], roots={}, published=(300,)).write()
    assert audited(shorter).exit_code == 0
    report = audited(shorter, older=[kept])
    assert steps_with_findings(report) == {6}
    assert report.findings[0].what.startswith("rollback: it has 700 entries")


def test_a_checkpoint_put_back_leaves_files_beyond_it(ledger: SmallLedger) -> None:
    ledger.put("checkpoint", ledger.checkpoint(600))
    report = audited(ledger)
    assert steps_with_findings(report) == {3, 5, 2}
    assert {finding.file for finding in report.findings} == {
        "tile/0/002.p/188", "tile/entries/002.p/188", "checkpoints/700", "tile/0/002.p/88", "tile/entries/002.p/88",
    }  # fmt: skip


def test_a_published_checkpoint_larger_than_the_log_is_found(ledger: SmallLedger) -> None:
    ledger.put("checkpoints/900", ledger.checkpoint(900, root=EMPTY_ROOT))
    report = audited(ledger)
    assert steps_with_findings(report) == {5}
    assert "larger tree" in report.findings[0].what


def test_a_checkpoint_under_the_name_of_another_size_is_found(ledger: SmallLedger) -> None:
    ledger.put("checkpoints/300", ledger.checkpoint(256))
    report = audited(ledger)
    assert [(f.file, f.what) for f in report.findings] == [
        ("checkpoints/300", "is the checkpoint of 256 entries")
    ]


def test_a_newest_checkpoint_with_another_root_is_found(ledger: SmallLedger) -> None:
    ledger.put("checkpoint", ledger.checkpoint(700, root=bytes(32)))
    report = audited(ledger)
    assert steps_with_findings(report) == {4}
    assert report.findings[0].what == "its root is not what the 700 entries hash to"


def test_another_key_is_found_and_the_rest_is_still_checked(ledger: SmallLedger) -> None:
    other = Trust(policy_of([Key(ORIGIN, word="other").vkey]), established=True)
    report = audited(ledger, trust=other)
    assert {1, 5} == steps_with_findings(report)
    assert {finding.file for finding in report.steps[0].findings} == {"checkpoint", "log.vkey"}
    assert (report.log_keys, report.exit_code) == ((), 1)
    assert report.steps[3].checked  # the root


def test_keys_given_by_the_ledger_itself_must_be_keys(ledger: SmallLedger) -> None:
    nobody = Trust(policy_of(()), established=False)
    for text in (
        b"",
        b"\n",
        b"key\n",
        str(LOG.vkey).encode(),
        b"\xff\n",
        f"{LOG.vkey}\n{LOG.vkey}\n".encode(),
    ):
        ledger.put("log.vkey", text)
        report = audited(ledger, trust=nobody)
        assert "log.vkey" in {finding.file for finding in report.steps[0].findings}, text


@pytest.mark.parametrize("signers", [(LOG,), (LOG, W1), (LOG, W2), (LOG, W1, Key("w2.example", 4, "false"))])
def test_a_missing_quorum_is_found(ledger: SmallLedger, signers: tuple[Key, ...]) -> None:
    ledger.put("checkpoint", ledger.checkpoint(700, signers=signers))
    report = audited(ledger)
    assert steps_with_findings(report) == {1}
    assert "the quorum 'both' is not met" in report.findings[0].what
    assert report.log_keys  # the log's signature holds all the same


def test_a_kept_checkpoint_must_be_of_the_log(ledger: SmallLedger) -> None:
    strange = [b"", b"no note", ledger.checkpoint(300, signers=[Key(ORIGIN, word="other")])]
    report = audited(ledger, older=strange)
    assert [finding.file for finding in report.steps[5].findings] == ["kept-0", "kept-1", "kept-2"]
    assert steps_with_findings(report) == {6}


def test_a_checkpoint_of_another_trusted_log_is_not_of_this_one(ledger: SmallLedger) -> None:
    other = Key("other.example/ledger")
    strange = sign(Checkpoint(other.name, 300, ledger.roots[300]), other)
    both = Trust(policy_of([LOG.vkey, other.vkey]), established=True)
    ledger.put("checkpoints/300", strange)
    report = audited(ledger, trust=both, older=[strange])
    assert [(finding.file, finding.what) for finding in report.findings] == [
        ("checkpoints/300", "is of another log, 'other.example/ledger'"),
        ("kept-0", "is of another log, 'other.example/ledger'"),
    ]


# What an entry may not be.


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (lambda e: e.replace(b'"choice"', b'"vote"'), "no kind of entry 'vote'"),
        (lambda e: e.replace(b'"v":1', b'"v":2'), "canonical"),
        (lambda e: e.replace(b":", b": ", 1), "canonical"),
        (lambda e: e[:-1] + b',"x":1}', "not an entry"),
        (lambda e: e.replace(b"Z", b".000000Z"), "canonical"),
        (lambda e: e.replace(b"Z", b".500Z"), "canonical"),
        (lambda e: e.replace(b"T08", b"T24"), "not an entry"),
        (lambda e: e.replace(b"2025-09-01", b"2025-02-30"), "not an entry"),
        (lambda e: e.replace(b"2025-09-01", b""), "not an entry"),
        (lambda e: e.replace(b'"at":"2025-09-01T08:00:00Z"', b'"at":""'), "not an entry"),
        (lambda e: e.upper(), "not an entry"),
        (lambda e: e[:70] + b"AB" + e[72:], "canonical"),
        (lambda _: b"", "not an entry"),
        (lambda _: b"\xff" * 60_000, "larger than"),
    ],
)
def test_what_is_no_entry_is_found(tmp_path: Path, form: Callable[[bytes], bytes], says: str) -> None:
    content = entries(40)
    content[1] = form(content[1])
    if says == "larger than":
        content = [content[1]] * 40
    report = audited(SmallLedger(tmp_path, content).write(), trust=ALONE)
    assert 2 in steps_with_findings(report)
    assert says in report.steps[1].findings[0].what
    if says != "larger than":
        assert steps_with_findings(report) == {2}
        assert report.steps[1].findings[0].what.startswith("entry 1:")
        assert sum(report.kinds.values()) == 39


def timed(tmp_path: Path, *times: int, **settings: int) -> LedgerReport:
    content = [entry(index, at=at) for index, at in enumerate(times)]
    return audited(SmallLedger(tmp_path, content).write(), trust=ALONE, **settings)


def test_times_may_stand_still_and_never_go_back(tmp_path: Path) -> None:
    assert timed(tmp_path / "a", 5, 5, 6, 6).exit_code == 0
    report = timed(tmp_path / "b", 5, 7, 6, 6, 6)
    assert [finding.what.split(",")[0] for finding in report.findings] == [
        "entry 2 was logged at 1970-01-01T00:00:00.000006Z"
    ]


def test_times_do_not_go_back_from_one_bundle_to_the_next(tmp_path: Path) -> None:
    report = timed(tmp_path, *[MINUTE] * 256, MINUTE - 1)
    assert report.findings[0].what.startswith("entry 256 was logged at")


def test_nothing_was_logged_in_the_future(tmp_path: Path) -> None:
    minutes = [NOW, NOW + 5 * MINUTE, NOW + 5 * MINUTE + 1]
    report = timed(tmp_path, *minutes)
    assert [finding.what[:7] for finding in report.findings] == ["entry 2"]
    assert "which has not come yet" in report.findings[0].what


def test_nothing_was_logged_after_a_witness_cosigned_it(tmp_path: Path) -> None:
    content = [entry(0, at=START), entry(1, at=START + 66 * MINUTE)]
    ledger = SmallLedger(
        tmp_path, content, published=[1], witnesses=(W1, W2)
    ).write()  # cosigned at START + 61'
    assert audited(ledger).exit_code == 0
    content[1] = entry(1, at=START + 66 * MINUTE + 1)
    report = audited(SmallLedger(tmp_path / "late", content, published=[1], witnesses=(W1, W2)).write())
    assert steps_with_findings(report) == {2}
    assert "after 'w1.example' cosigned the tree with it" in report.findings[0].what


def test_no_witness_cosigned_in_the_future(ledger: SmallLedger) -> None:
    early = START + 700 // 2 * MINUTE + 54 * MINUTE
    assert steps_with_findings(audited(ledger, now=early + MINUTE)) == set()
    assert steps_with_findings(audited(ledger, now=early)) == {1, 5}


# A log that lives while it is audited.


class Growing(LocalSource):
    """A ledger whose writer goes on after the newest checkpoint was read."""

    def __init__(self, before: SmallLedger, after: SmallLedger) -> None:
        super().__init__(before.folder, "growing")
        self._after = after

    def read(self, path: str, limit: int) -> bytes | None:
        data = super().read(path, limit)
        if path == "checkpoint" and self._after is not None:
            shutil.copytree(self._after.folder, self._folder, dirs_exist_ok=True)
            for partial in ("tile/0/000.p/200", "tile/entries/000.p/200"):
                (self._folder / partial).unlink(missing_ok=True)
        return data


def test_a_log_that_grows_meanwhile_is_no_finding(tmp_path: Path) -> None:
    before = SmallLedger(tmp_path / "before", entries(200)).write()
    after = SmallLedger(tmp_path / "after", entries(700), published=(200, 256)).write()
    report = audit(Growing(before, after), ALONE, [], NOW, silent)
    assert report.findings == ()
    assert report.size == 200
    assert "the log grew to 700 entries meanwhile" in report.steps[2].not_checked[0]


def test_a_log_that_is_rewritten_meanwhile_is_a_finding(tmp_path: Path) -> None:
    before = SmallLedger(tmp_path / "before", entries(200)).write()
    after = SmallLedger(tmp_path / "after", [entry(0, word="x"), *entries(700)[1:]], published=(200,)).write()
    report = audit(Growing(before, after), ALONE, [], NOW, silent)
    assert steps_with_findings(report) == {4}


def test_a_checkpoint_that_promises_more_than_anyone_can_have_ends_soon(ledger: SmallLedger) -> None:
    ledger.put("checkpoint", ledger.checkpoint(2**62, root=bytes(32), signers=[LOG]))
    report = audited(ledger, trust=ALONE)
    assert {2, 3} <= steps_with_findings(report)
    assert any("what follows entry 512" in why for why in report.steps[3].not_checked)


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    hostile = Key("\x9b2J\u202eevil", word="")
    ledger = SmallLedger(tmp_path, [], log=hostile)
    ledger.put("log.vkey", f"{hostile.vkey}\n".encode())
    for path in ("checkpoint", "checkpoints/000"):
        ledger.put(path, sign(Checkpoint(hostile.name, 0, EMPTY_ROOT), hostile))
    report = audited(ledger, trust=Trust(policy_of(()), established=False))
    told = [
        text for step in report.steps for text in (*step.checked, *step.not_checked, *map(str, step.findings))
    ]
    assert any("evil" in text for text in told)
    assert all(text.isprintable() for text in told)


def test_trust_in_these_tests_is_in_both_witnesses() -> None:
    assert {named.vkey for named in TRUST.policy.witnesses} == {W1.vkey, W2.vkey}
