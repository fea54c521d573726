"""A workspace and its ledger in use: many writers, a follower, witnesses that others run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from shops import EVENTS, Shop, open_shop, withdrawal
from witnessed_log import served

from troth.cli.main import troth
from troth.errors import HistoryError, LedgerError
from troth.ledger.signers import Ed25519Signer
from troth.ledger.witness.folder import new_witness, open_witness, trust
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.export import exported
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.receipts import receipt_of_account
from troth.operations.workspace.record import record
from troth.operations.workspace.sequencing import follow, sequence
from troth.types.moment import parse_moment

LATER = parse_moment("2030-01-01T00:00:00Z")
TROTH = str(Path(sys.executable).with_name("troth"))


def written(path: Path, *events: dict[str, object]) -> str:
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
    return str(path)


def events_of(shop: Shop) -> list[dict[str, object]]:
    return [json.loads(line) for line in exported(shop.workspace, LATER)]


def key(event: dict[str, object]) -> str:
    return json.dumps(event, sort_keys=True)


def test_what_goes_in_comes_out_as_it_went_in(shop: Shop) -> None:
    assert sorted(events_of(shop), key=key) == sorted(EVENTS, key=key)


def test_an_event_counts_once_however_often_it_is_recorded(shop: Shop, tmp_path: Path) -> None:
    again = record(shop.workspace, (written(tmp_path / "again.jsonl", *EVENTS, *EVENTS),))
    assert (again.new, again.repeated, again.ledger.size) == (0, 12, 6)


def test_one_id_with_other_content_is_refused_and_nothing_of_the_file_is_kept(
    shop: Shop, tmp_path: Path
) -> None:
    fresh = withdrawal("cleo", "2025-11-05T00:00:00Z")
    with pytest.raises(HistoryError, match="'ada-says-yes' is used again"):
        record(shop.workspace, (written(tmp_path / "clash.jsonl", fresh, {**EVENTS[3], "value": "refused"}),))
    assert sorted(events_of(shop), key=key) == sorted(EVENTS, key=key)


def test_a_file_that_is_wrong_at_its_end_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = Path(written(tmp_path / "half.jsonl", withdrawal("ada", "2025-11-05T00:00:00Z")))
    path.write_text(path.read_text(encoding="utf-8") + '{"event": "choice.mad', encoding="utf-8")
    with pytest.raises(HistoryError, match=r"half.jsonl:2: not JSON"):
        record(shop.workspace, (str(path),))
    assert len(events_of(shop)) == 6


def test_only_what_was_known_at_a_time_is_exported(shop: Shop) -> None:
    shop.record(
        {**withdrawal("ada", "2025-10-05T00:00:00Z"), "recorded_at": "2025-11-01T00:00:00Z"},
        name="late.jsonl",
    )
    before = [json.loads(line) for line in exported(shop.workspace, parse_moment("2025-10-10T00:00:00Z"))]
    after = [json.loads(line) for line in exported(shop.workspace, parse_moment("2025-11-01T00:00:00Z"))]
    assert (len(before), len(after)) == (6, 7)


def test_many_processes_record_at_once_and_nothing_is_lost_or_doubled(shop: Shop, tmp_path: Path) -> None:
    """Eight processes, each with forty events of its own and ten that all of them have."""
    common = [withdrawal("ada", f"2025-11-{day:02}T00:00:00Z") for day in range(1, 11)]
    running = []
    for number in range(8):
        own = [withdrawal(f"person-{number}", f"2025-11-01T00:{minute:02}:00Z") for minute in range(40)]
        path = written(tmp_path / f"{number}.jsonl", *own, *common)
        running.append(
            subprocess.Popen(
                [TROTH, "record", "--workspace", str(shop.workspace), path], env=os.environ.copy(), stdout=-1
            )
        )
    assert [(process.communicate(timeout=120), process.returncode)[1] for process in running] == [0] * 8
    found = [key(event) for event in events_of(shop)]
    assert len(found) == len(set(found)) == 6 + 8 * 40 + 10
    assert sequence(shop.workspace).size == len(found)
    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings


def test_a_follower_is_at_most_a_second_behind(shop: Shop) -> None:
    stop = threading.Event()
    seen: list[tuple[float, int]] = []

    def run() -> None:
        seen.extend((time.monotonic(), done.size) for done in follow(shop.workspace, stop))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for number in range(3):
            from troth.operations.workspace.history import event_of
            from troth.store.event_items import event_items
            from troth.store.salts import fresh_salts

            payload = json.dumps({"event": withdrawal("ben", f"2025-11-0{number + 1}T00:00:00Z")}).encode()
            with opened(shop.workspace) as found:
                found.store.append(event_items([event_of(payload)], fresh_salts))
                accepted = time.monotonic()
                until = accepted + 5
                while found.store.pending(1) and time.monotonic() < until:
                    time.sleep(0.01)
                assert time.monotonic() - accepted < 1.0
    finally:
        stop.set()
        thread.join()
    assert seen[-1][1] == 9


def test_following_ends_with_the_signal(shop: Shop) -> None:
    process = subprocess.Popen(
        [TROTH, "sequence", "--workspace", str(shop.workspace), "--follow"], env=os.environ.copy()
    )
    time.sleep(1.0)
    process.terminate()
    assert process.wait(timeout=20) in (0, -15)  # before the handler stands, the signal ends it itself


@pytest.fixture
def witnessed(tmp_path: Path) -> Iterator[tuple[Shop, Path, str]]:
    """A shop whose checkpoints one witness cosigns; the folder of the witness, and its URL."""
    shop = open_shop(tmp_path)
    vkeys = new_witness(tmp_path / "witness", "example.org/w1", ml_dsa=True)
    trust(tmp_path / "witness", [(shop.ledger / "log.vkey").read_text(encoding="utf-8").strip()])
    with served(open_witness(tmp_path / "witness", now)) as url:
        lines = [f"witness w{number} {vkey} {url}\n" for number, vkey in enumerate(vkeys)]
        (shop.workspace / "witnesses").write_text(
            "".join(lines) + "group both all w0 w1\nquorum both\n", encoding="utf-8"
        )
        yield shop, tmp_path / "witness", url


def policy(shop: Shop, path: Path) -> Path:
    """The policy of a reader who trusts this log and both keys of the witness."""
    text = (shop.workspace / "witnesses").read_text(encoding="utf-8")
    path.write_text(
        f"log {(shop.ledger / 'log.vkey').read_text(encoding='utf-8').strip()}\n{text}", encoding="utf-8"
    )
    return path


def test_a_witness_cosigns_and_the_quorum_holds_offline(
    witnessed: tuple[Shop, Path, str], tmp_path: Path
) -> None:
    shop, _, _ = witnessed
    done = sequence(shop.workspace)
    assert (done.cosigned, done.warnings) == (("example.org/w1",), ())
    held = tmp_path / "ada.receipt"
    held.write_bytes(receipt_of_account(shop.workspace, "ada").data)
    (report,) = verify_all(
        VerifyRequest(None, receipts=(held,), policy=policy(shop, tmp_path / "policy"))
    ).receipts
    report.require()
    assert {one.name for one in report.cosigned} == {"example.org/w1"}
    assert "example.org/w1" in " ".join(report.words)
    audit = audit_log(AuditRequest(str(shop.ledger), policy=policy(shop, tmp_path / "policy")), now(), silent)
    assert not audit.findings


def test_without_the_witness_the_ledger_goes_on_with_a_warning_and_the_quorum_fails(
    shop: Shop, tmp_path: Path
) -> None:
    vkeys = new_witness(tmp_path / "witness", "example.org/w1", ml_dsa=False)
    (shop.workspace / "witnesses").write_text(
        f"witness w0 {vkeys[0]} http://127.0.0.1:9\nquorum w0\n", encoding="utf-8"
    )
    shop.record(withdrawal("ada", "2025-11-01T00:00:00Z"), name="more.jsonl")
    done = sequence(shop.workspace)
    assert done.size == 7
    assert "did not cosign" in done.warnings[0]
    held = tmp_path / "ada.receipt"
    held.write_bytes(receipt_of_account(shop.workspace, "ada").data)
    (report,) = verify_all(
        VerifyRequest(None, receipts=(held,), policy=policy(shop, tmp_path / "policy"))
    ).receipts
    assert [step.number for step in report.steps if step.findings] == [4]


def test_a_workspace_put_back_on_another_machine_is_noticed_by_the_witness(
    witnessed: tuple[Shop, Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    shop, _, _ = witnessed
    sequence(shop.workspace)
    backup = tmp_path / "backup"
    shutil.copytree(shop.workspace, backup)
    shop.record(withdrawal("ada", "2025-11-01T00:00:00Z"), name="more.jsonl")
    shutil.rmtree(shop.workspace)
    shutil.copytree(backup, shop.workspace)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    (shop.ledger / "checkpoint").touch()
    # Nothing on this machine knows better; the first new entry has to be cosigned.
    with pytest.raises(LedgerError, match=r"rollback|fork"):
        shop.record(withdrawal("ben", "2025-11-02T00:00:00Z"), name="other.jsonl")


def test_a_stranger_key_in_the_ledger_is_refused(shop: Shop) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    stranger = Ed25519Signer("example.org/shop", Ed25519PrivateKey.generate())
    (shop.ledger / "log.vkey").write_text(f"{stranger.vkey}\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="other keys"):
        sequence(shop.workspace)


@pytest.mark.parametrize("given", ["option", "environment"])
def test_the_main_job_takes_a_workspace_for_a_history(shop: Shop, given: str) -> None:
    """The same decisions as with the events in a file."""
    asked = ["decide", "--terms", "anthropic-consumer", "--records", str(shop.logs), "--purpose", "train.general",
             "--at", "2025-12-01"]  # fmt: skip
    history = written(shop.folder / "history.jsonl", *EVENTS)
    files, ours = shop.folder / "files.jsonl", shop.folder / "ours.jsonl"
    environment = {"TROTH_WORKSPACE": str(shop.workspace)} if given == "environment" else {}
    option = ["--workspace", str(shop.workspace)] if given == "option" else []
    for words in ([*asked, "--history", history, "--out", str(files)], [*asked, *option, "--out", str(ours)]):
        result = CliRunner().invoke(troth, words, prog_name="troth", env=environment, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    assert files.read_bytes() == ours.read_bytes()


def test_a_ledger_may_lie_on_an_object_store(tmp_path: Path) -> None:
    from troth.operations.workspace.init import init_workspace

    init_workspace(tmp_path / "shop", "example.org/shop", ledger=f"local://{tmp_path}/elsewhere")
    path = written(tmp_path / "events.jsonl", *EVENTS)
    assert record(tmp_path / "shop", (path,)).ledger.size == 6
    report = audit_log(
        AuditRequest(str(tmp_path / "elsewhere"), str(tmp_path / "elsewhere" / "log.vkey")), now(), silent
    )
    assert not report.findings


def test_a_writer_does_not_start_where_an_old_tile_is_missing(shop: Shop) -> None:
    more = [withdrawal(f"person-{number}", "2025-11-01T00:00:00Z") for number in range(600)]
    shop.record(*more, name="more.jsonl")
    (shop.ledger / "tile" / "entries" / "000").unlink()
    with pytest.raises(LedgerError, match="missing") as refused:
        shop.record(withdrawal("ada", "2025-11-02T00:00:00Z"), name="late.jsonl")
    assert str(refused.value.place).endswith("tile/entries/000")
