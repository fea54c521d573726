"""An honest ledger passes, wherever it lies; what was not looked at is said."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_audits import POLICY, TRUST, audited, steps_with_findings
from small_ledger import LOG, NOW, ORIGIN, SmallLedger, entries, entry

from troth.errors import LedgerError, UsageError
from troth.proof.policy import policy_of
from troth.verify.ledger.place import open_source
from troth.verify.ledger.trust import Trust
from troth.verify.report import Outcome


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = SimpleHTTPRequestHandler) -> Iterator[str]:
    """A folder on the loopback, over HTTP."""

    class Quiet(handler):  # type: ignore[misc, valid-type]
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_every_step_of_an_honest_ledger_passes(honest_ledger: SmallLedger) -> None:
    older = honest_ledger.checkpoint(300)
    report = audited(honest_ledger, older=[older])
    assert [step.outcome for step in report.steps] == [Outcome.PASSED] * 7
    assert report.exit_code == 0
    assert report.verdict == "Every step passed: the ledger is what it says it is."
    assert (report.origin, report.size) == (ORIGIN, 700)
    assert report.log_keys == (f"{ORIGIN}+{LOG.vkey.key_id.hex()}",)
    assert sum(report.kinds.values()) == 700
    assert report.kinds["choice"] == 176
    assert (report.first, report.last) == ("2025-09-01T08:00:00Z", "2025-09-01T13:49:00Z")
    told = {step.number: step.checked for step in report.steps}
    assert told[2][0] == "700 entries of 700, in 3 bundles, and 1 older partial one"
    assert told[3] == ("4 tiles, and 2 older partial ones; all files below tile/ were listed",)
    assert told[5] == ("10 published checkpoints: signature, name and root",)
    assert told[6] == ("1 checkpoint kept from earlier: signature and root",)


def test_without_a_key_nothing_is_established(honest_ledger: SmallLedger) -> None:
    report = audited(honest_ledger, trust=Trust(policy_of(()), established=False))
    assert (report.findings, report.log_keys, report.exit_code) == ((), (), 2)
    assert report.verdict.startswith("The log's key is not established")
    assert any("--log-key" in why for why in report.steps[0].not_checked)
    assert report.unchecked == ("w1.example", "w2.example")


def test_lines_without_a_key_are_named_and_not_believed(honest_ledger: SmallLedger) -> None:
    report = audited(honest_ledger, trust=Trust(policy_of([LOG.vkey]), established=True))
    assert (report.exit_code, report.cosigned) == (0, ())
    for step in (report.steps[0], report.steps[4]):
        assert "lines for which no key was given: 'w1.example', 'w2.example'" in step.not_checked
    cosigned = audited(honest_ledger).cosigned
    assert [(one.name.split("+")[0], one.at) for one in cosigned] == [
        ("w1.example", "2025-09-01T14:50:00Z"),
        ("w2.example", "2025-09-01T14:50:00Z"),
    ]


def test_an_empty_ledger_is_a_ledger(tmp_path: Path) -> None:
    report = audited(SmallLedger(tmp_path, []).write(), trust=Trust(policy_of([LOG.vkey]), established=True))
    assert (report.exit_code, report.size, report.kinds, report.first) == (0, 0, {}, "")


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513])
def test_sizes_around_full_tiles(tmp_path: Path, size: int) -> None:
    ledger = SmallLedger(tmp_path, entries(size), published=range(0, size, 7)).write()
    assert audited(ledger, trust=Trust(policy_of([LOG.vkey]), established=True)).exit_code == 0


def test_tiles_of_three_levels(tmp_path: Path) -> None:
    content = [entry(index, at=NOW - 5) for index in range(256)] * 257 + [entry(9, at=NOW - 5)]
    ledger = SmallLedger(tmp_path, content, published=[1, 65_535, 65_536, 65_537]).write()
    report = audited(ledger, trust=Trust(policy_of([LOG.vkey]), established=True))
    assert report.exit_code == 0
    assert report.steps[2].checked[0].startswith("261 tiles")  # 258 of leaves, 2 above, 1 on top
    ledger.put("tile/1/000", b"x" * 8192)
    assert steps_with_findings(audited(ledger)) >= {3}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_checkpoints_of_any_size_agree(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    size = data.draw(st.integers(0, 600))
    published = data.draw(st.lists(st.integers(0, size), max_size=6))
    ledger = SmallLedger(tmp_path_factory.mktemp("any"), entries(size), published=published).write()
    assert audited(ledger, trust=Trust(policy_of([LOG.vkey]), established=True)).exit_code == 0


def test_over_http_what_can_be_fetched_is_checked(honest_ledger: SmallLedger) -> None:
    with served(honest_ledger.folder) as address:
        report = audited(honest_ledger, place=address, older=[honest_ledger.checkpoint(300)])
    assert report.exit_code == 0
    told = {step.number: step for step in report.steps}
    assert told[5].checked == ("2 published checkpoints: signature, name and root",)
    assert told[3].not_checked == ("what else lies there: this place tells no list of its files",)
    assert told[5].not_checked == ("checkpoints of other sizes: this place tells no list of its files",)


def test_damage_is_found_over_http(ledger: SmallLedger) -> None:
    (ledger.folder / "tile/0/001").write_bytes(bytes(8192))
    (ledger.folder / "tile/entries/002.p/188").unlink()
    with served(ledger.folder) as address:
        assert steps_with_findings(audited(ledger, place=address)) == {2, 3}


def test_a_server_may_send_gzip(honest_ledger: SmallLedger) -> None:
    class Gzip(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            file = Path(self.translate_path(self.path))
            if not file.is_file():
                self.send_error(404)
                return
            data = gzip.compress(file.read_bytes())
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with served(honest_ledger.folder, Gzip) as address:
        assert audited(honest_ledger, place=address).exit_code == 0


@pytest.mark.parametrize("answer", ["broken", "cut", "cut gzip", "to a file", "silent"])
def test_a_server_that_fails_is_no_finding(honest_ledger: SmallLedger, answer: str) -> None:
    class Failing(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if answer == "silent":
                return
            self.send_response({"broken": 500, "to a file": 302}.get(answer, 200))
            if answer == "to a file":
                self.send_header("Location", f"file://{honest_ledger.folder}/checkpoint")
            if answer == "cut gzip":
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", {"cut": "100", "cut gzip": "5"}.get(answer, "0"))
            self.end_headers()
            if answer.startswith("cut"):
                self.wfile.write(gzip.compress(b"x" * 99)[:5])

    with (
        served(honest_ledger.folder, Failing) as address,
        pytest.raises(LedgerError, match="cannot be fetched"),
    ):
        audited(honest_ledger, place=address)


def test_what_is_packed_is_not_unpacked_without_end(ledger: SmallLedger) -> None:
    data = gzip.compress(bytes(100 << 20), compresslevel=1)

    class Bomb(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with served(ledger.folder, Bomb) as address:
        tracemalloc.start()
        report = audited(ledger, place=address)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert {finding.file for finding in report.findings} == {"checkpoint", "log.vkey"}
    assert all("is larger than" in finding.what for finding in report.findings)
    assert peak < 8 << 20


def test_a_folder_by_its_file_url(honest_ledger: SmallLedger) -> None:
    assert audited(honest_ledger, place=honest_ledger.folder.as_uri()).exit_code == 0


def test_an_object_store_by_its_url(ledger: SmallLedger) -> None:
    files = fsspec.filesystem("memory")
    files.put(str(ledger.folder) + "/", "/audited/", recursive=True)
    try:
        report = audited(ledger, place="memory://audited", older=[ledger.checkpoint(300)])
        assert [step.outcome for step in report.steps] == [Outcome.PASSED] * 7
        files.pipe("/audited/tile/0/001", bytes(8192))
        files.pipe("/audited/tile/0/007", bytes(8192))
        files.rm("/audited/checkpoints/257")
        report = audited(ledger, place="memory://audited")
        assert {finding.file for finding in report.findings} == {"tile/0/001", "tile/0/007"}
    finally:
        files.rm("/audited", recursive=True)


@pytest.mark.parametrize(
    ("place", "error", "says"),
    [
        ("nowhere", LedgerError, "no such folder"),
        ("gopher9://x/y", UsageError, "no reader for such an address"),
        ("https://x.example/ledger?page=1", UsageError, "not the address of a ledger"),
        ("http://", UsageError, "not the address of a ledger"),
    ],
)
def test_what_is_no_place_is_said_at_once(place: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        open_source(place)


def test_a_folder_without_a_checkpoint_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger"):
        audited(SmallLedger(tmp_path, []))


def test_the_log_of_another_implementation_hashes_right(shared: Path) -> None:
    """Tessera's log: its entries are not ours, and every hash of it is right."""
    log = shared / "data/vectors/tessera/testdata/log"
    key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    report = audited(None, place=str(log), trust=Trust(policy_of([vkey(key)]), established=True))
    outcomes = {step.number: step.outcome for step in report.steps}
    assert (outcomes[3], outcomes[4]) == (Outcome.PASSED, Outcome.PASSED)
    assert report.steps[2].checked == (
        "1 tile, and 14 older partial ones; all files below tile/ were listed",
    )
    assert {f.what for f in report.steps[0].findings} == {"is missing"}  # log.vkey is a file of ours alone
    assert all("this is not an entry" in f.what for f in report.steps[1].findings)
    assert len(report.steps[1].findings) == 15


def vkey(text: str):  # type: ignore[no-untyped-def]
    from troth.proof.note import read_vkey

    return read_vkey(text)


def test_the_policy_of_these_tests_asks_for_both_witnesses() -> None:
    assert (TRUST.policy, POLICY.quorum) == (POLICY, "both")
