"""Looking for what was erased: a copy that was forgotten somewhere is found, whatever its spelling."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shops import Shop
from test_workspace_erasure import MARKER, gone, taken, talk

from troth.errors import UsageError
from troth.operations.workspace.erasure.verify_erasure import Looked, LookRequest, verify_erasure

SAID = f"{MARKER}: «pears»"


@pytest.fixture(autouse=True)
def _no_runs_of_others(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What killed runs left on this machine is looked at too: here it is what this test left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("runs")))


def looked(shop: Shop, *also: Path) -> Looked:
    needle = shop.folder / "needle.txt"
    needle.write_text(f"{SAID}\n", encoding="utf-8")
    return verify_erasure(LookRequest(shop.workspace, "of-ada", (needle,), also))


@pytest.fixture
def erased(shop: Shop) -> Shop:
    taken(shop, talk("of-ada", ("ada", SAID), at="2025-10-20T10:00:00Z"), talk("of-ben", ("ben", "pears")))
    shop.build("first")
    gone(shop, conversation="of-ada")
    return shop


def test_after_an_erasure_sealed_bytes_are_left_and_no_key(erased: Shop) -> None:
    done = looked(erased)
    assert done.findings == []
    assert (done.sealed, len(done.slots), done.needles) == (2, 1, 1)  # one in the vault, one in the release
    assert done.files > 20


def test_before_an_erasure_the_key_is_found(shop: Shop) -> None:
    taken(shop)
    done = verify_erasure(LookRequest(shop.workspace, "of-ada"))
    assert len(done.findings) == 2
    assert "living key" in done.findings[0]


@pytest.mark.parametrize(
    "spelled",
    [
        lambda said: said.encode(),
        lambda said: f"say: {said}".encode("utf-16-le"),
        lambda said: json.dumps({"text": said}).encode(),
        lambda said: base64.b64encode(b"a" + said.encode() + b"bc"),
        lambda said: base64.b64encode(b"ab" + said.encode() + b"b"),
        lambda said: base64.b64encode(said.encode()),
        lambda said: gzip.compress(said.encode()),
        lambda said: bytes((4 << 20) - 10) + said.encode(),
    ],
)
def test_a_copy_is_found_however_it_is_spelled(erased: Shop, spelled: object) -> None:
    (erased.workspace / "cache").write_bytes(spelled(SAID))  # type: ignore[operator]
    assert [one for one in looked(erased).findings if "cache" in one]


def test_a_copy_in_compressed_columns_is_found_in_places_that_are_named(erased: Shop, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    table = pa.table({"conversation": ["of-ada"], "text": [SAID]})
    pq.write_table(table, elsewhere / "cached.parquet", compression="zstd")
    assert looked(erased).findings == []
    found = looked(erased, elsewhere).findings
    assert len(found) == 2
    assert all("cached.parquet" in one for one in found)


def test_a_restored_copy_of_segments_yields_nothing_and_a_plain_log_does(
    erased: Shop, tmp_path: Path
) -> None:
    shutil.copytree(erased.workspace / "vault" / "segments", tmp_path / "copy")
    done = looked(erased, tmp_path / "copy")
    assert (done.findings, done.sealed) == ([], 3)
    assert looked(erased, erased.logs).findings


def test_what_a_killed_run_left_is_found(erased: Shop) -> None:
    left = Path(tempfile.gettempdir()) / "troth-records-abc"
    left.mkdir()
    pq.write_table(pa.table({"conversation": ["of-ada"], "text": ["anything"]}), left / "vault.parquet")
    assert [one for one in looked(erased).findings if "troth-records-abc" in one]


def test_an_export_is_a_file_of_needles(erased: Shop) -> None:
    request = LookRequest(erased.workspace, "of-ada", (erased.logs,), (erased.logs,))
    done = verify_erasure(request)
    assert done.needles == 1
    assert [one for one in done.findings if "chats.jsonl" in one]


def test_needles_that_are_none_and_places_that_are_not_there_are_refused(erased: Shop) -> None:
    short = erased.folder / "short.txt"
    short.write_text("pears\n", encoding="utf-8")
    with pytest.raises(UsageError, match="nothing to look for"):
        verify_erasure(LookRequest(erased.workspace, "of-ada", (short,)))
    with pytest.raises(UsageError, match="not there"):
        verify_erasure(LookRequest(erased.workspace, "of-ada", (), (erased.folder / "nowhere",)))
