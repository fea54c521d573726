"""Whatever someone without the key does to the folder is found, and named in one line."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_release import Made, silent

from troth.canon.canonical import canonical_bytes
from troth.release.envelope import open_envelope, seal
from troth.release.keys import load_private_key, load_public_key, new_key
from troth.release.layout import EXCLUDED, MANIFEST
from troth.verify.report import Notes, Report
from troth.verify.signature import establish_signer
from troth.verify.statement import read_manifest
from troth.verify.verify import verify

SHARD = "shards/part-00000.parquet"


def lines(report: Report) -> list[str]:
    found = [str(finding) for finding in report.findings]
    assert all("\n" not in line and len(line) < 400 for line in found)
    return found


def flip(path: Path, position: int, bits: int = 1) -> bytes:
    data = bytearray(path.read_bytes())
    before = bytes(data)
    data[position] ^= bits
    path.write_bytes(data)
    return before


def test_every_byte_of_the_manifest_counts(release: Made) -> None:
    """Already the first two steps find each; every now and then the whole verification says so."""
    path, key = release.folder / MANIFEST, load_public_key(release.public)
    for position in range(path.stat().st_size):
        before = flip(path, position)
        first, second = Notes(1, "manifest"), Notes(2, "signature")
        establish_signer(read_manifest(release.folder, first), key, second)
        assert first.failed or second.failed, position
        if position % 101 == 0:
            assert release.verify(inputs=False).exit_code == 1
        path.write_bytes(before)


def test_every_byte_of_an_unsigned_statement_that_can_be_checked_counts(
    unsigned: Made, tmp_path: Path
) -> None:
    """Without a signature, what no file shows can be changed; the report never calls it proved."""
    release = unsigned.copy(tmp_path / "release")
    path = release.folder / MANIFEST
    payload = open_envelope(path.read_bytes()).body()
    missed = []
    for position in range(0, len(payload), 9):
        changed = payload[:position] + bytes([payload[position] ^ 1]) + payload[position + 1 :]
        path.write_bytes(seal(changed, None))
        code = release.verify(key=False, inputs=False).exit_code
        assert code in (1, 2)
        if code == 2:
            missed.append(position)
    free = b"".join(payload[position : position + 1] for position in missed).decode()
    assert len(missed) < len(payload) / 9 / 4, free


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(["", "sha256:", "0" * 64, "9999-12-31T23:59:59Z", SHARD, "../x", [], {}]),
)


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        return [path]
    return [path, *(found for key, part in inner for found in leaves_of(part, (*path, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_value_of_a_manifest_stops_the_verification(
    unsigned: Made, tmp_path: Path, data: st.DataObject
) -> None:
    folder = tmp_path / "release"
    shutil.rmtree(folder, ignore_errors=True)
    release = unsigned.copy(folder)
    statement = json.loads(open_envelope((folder / MANIFEST).read_bytes()).body())
    path = data.draw(st.sampled_from([path for path in leaves_of(statement) if path]))
    part = statement
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = data.draw(STRANGE)
    (folder / MANIFEST).write_bytes(
        seal(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode(), None)
    )
    assert release.verify(key=False).exit_code in (1, 2)


@pytest.mark.parametrize("name", [SHARD, EXCLUDED, "README.md", "croissant.json"])
def test_altered_bytes_of_a_file_are_named(release: Made, name: str) -> None:
    path = release.folder / name
    size = path.stat().st_size
    for position in {0, size - 1, *range(0, size, max(1, size // 40))}:
        before = flip(path, position, 0x80)
        report = release.verify(inputs=False)
        assert lines(report)[0].startswith(f"{name}: a changed file")
        assert report.exit_code == 1
        path.write_bytes(before)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_single_byte_change_is_detected(honest: Made, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "release"
    shutil.rmtree(folder, ignore_errors=True)
    release = honest.copy(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    position = data.draw(st.integers(0, path.stat().st_size - 1))
    flip(path, position, data.draw(st.integers(1, 255)))
    report = release.verify(inputs=False)
    assert report.exit_code == 1
    assert lines(report)


def test_swapped_shards_are_named(honest: Made, tmp_path: Path) -> None:
    release = honest.copy(tmp_path / "release")
    other = honest.folder / EXCLUDED
    shutil.copy(other, release.folder / SHARD)
    assert lines(release.verify())[0].startswith(f"{SHARD}: a changed file")


def test_an_edited_count_breaks_the_signature(release: Made) -> None:
    path = release.folder / MANIFEST
    envelope = json.loads(path.read_bytes())
    statement = json.loads(open_envelope(path.read_bytes()).body())
    statement["predicate"]["counts"]["released"] += 1
    envelope["payload"] = b64encode(canonical_bytes(statement)).decode()
    path.write_bytes(canonical_bytes(envelope))
    found = lines(release.verify(inputs=False))
    assert "bad signature" in found[0]
    assert any("counts.released is 6, and the shards hold 5" in line for line in found)
    without_key = release.verify(key=False, inputs=False)
    assert without_key.exit_code == 1


def test_the_same_release_signed_by_another_is_not_the_signers(release: Made, tmp_path: Path) -> None:
    other, _ = new_key(tmp_path / "other")
    path = release.folder / MANIFEST
    path.write_bytes(seal(open_envelope(path.read_bytes()).body(), load_private_key(other)))
    found = lines(release.verify(inputs=False))
    assert any("other key: signed with" in line for line in found)
    assert any("the statement and the signature name different keys" in line for line in found)


def test_a_signature_taken_away_or_doubled_is_named(release: Made) -> None:
    path = release.folder / MANIFEST
    envelope = json.loads(path.read_bytes())
    path.write_bytes(canonical_bytes({**envelope, "signatures": []}))
    assert any("no signature, although" in line for line in lines(release.verify(key=False)))
    path.write_bytes(canonical_bytes({**envelope, "signatures": envelope["signatures"] * 2}))
    assert any("2 signatures" in line for line in lines(release.verify()))


def test_an_extra_file_folder_link_and_a_missing_file_are_named(release: Made) -> None:
    (release.folder / "notes.txt").write_text("hello")
    (release.folder / "shards" / "part-00001.parquet").write_bytes(b"PAR1")
    (release.folder / "more" / "inside").mkdir(parents=True)
    (release.folder / "more" / "inside" / "x").write_text("x")
    (release.folder / "a link").symlink_to("/etc/hostname")
    os.mkfifo(release.folder / "a pipe")
    (release.folder / EXCLUDED).unlink()
    found = lines(release.verify(inputs=False))
    for start in (
        "notes.txt: an extra file", "shards/part-00001.parquet: an extra file", "more: an extra folder",
        "more/inside/x: an extra file", "a link: an extra link", "a pipe: an extra special file",
        "excluded.parquet: is missing",
    ):  # fmt: skip
        assert any(line.startswith(start) for line in found), start


def test_a_name_that_would_break_the_line_is_escaped(release: Made) -> None:
    (release.folder / "a\n\x1b[31m\u202ename").write_text("x")
    (found,) = lines(release.verify(inputs=False))
    assert found.startswith("'a\\n\\x1b[31m\\u202ename': an extra file")


@pytest.mark.parametrize("name", [SHARD, EXCLUDED, MANIFEST])
def test_a_link_in_the_place_of_a_file_is_not_followed(release: Made, tmp_path: Path, name: str) -> None:
    path = release.folder / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    found = lines(release.verify(inputs=False))
    assert any(
        line.startswith(f"{name}: is a link") or "cannot be opened as a file" in line for line in found
    )


def test_the_folder_of_shards_as_a_link_is_not_followed(release: Made, tmp_path: Path) -> None:
    (release.folder / "shards").rename(tmp_path / "elsewhere")
    (release.folder / "shards").symlink_to(tmp_path / "elsewhere")
    found = lines(release.verify(inputs=False))
    assert any(line.startswith("shards: an extra link") for line in found)
    assert any(line.startswith(f"{SHARD}: is missing") for line in found)


def test_a_truncated_file_is_named_and_never_parsed(release: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = release.folder / SHARD
    path.write_bytes(path.read_bytes()[:-100])
    opened: list[str] = []
    real = pq.ParquetFile
    monkeypatch.setattr(
        pq, "ParquetFile", lambda path, **more: opened.append(str(path)) or real(path, **more)
    )
    report = release.verify()
    assert lines(report)[0].startswith(f"{SHARD}: a changed file")
    assert not any(name.endswith(SHARD) for name in opened)
    assert "what was released and excluded is not known (steps 4 and 5)" in report.steps[7].not_checked


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a DSSE envelope"),
        (b"{}", "not a DSSE envelope"),
        (b"[" * 1_000_000, "manifest.json"),
        (b'{"payload":' * 200_000, "manifest.json"),
        (b'{"x":' + b"[" * 500_000, "manifest.json"),
        (b'\xff\xfe{"payload"', "manifest.json"),
        (
            b'{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[]}',
            "statement of a release",
        ),
        (b'{"payload":"!","payloadType":"application/vnd.in-toto+json","signatures":[]}', "base64"),
        (b'{"payload":"","payloadType":"text/plain","signatures":[]}', "carries 'text/plain'"),
    ],
)
def test_a_manifest_that_is_none_is_one_clear_line(release: Made, data: bytes, says: str) -> None:
    (release.folder / MANIFEST).write_bytes(data)
    report = release.verify(inputs=False)
    assert report.exit_code == 1
    assert says in lines(report)[0]
    assert all(step.not_checked for step in report.steps[2:])


def test_a_huge_manifest_is_not_read(release: Made) -> None:
    with (release.folder / MANIFEST).open("r+b") as file:
        file.truncate(10 << 30)
    (found,) = lines(release.verify(key=False))
    assert "10,737,418,240 bytes; no manifest is that large" in found


def test_no_manifest_is_no_release(release: Made) -> None:
    (release.folder / MANIFEST).unlink()
    assert lines(release.verify())[0].startswith("manifest.json: is missing")


@pytest.mark.parametrize("change", ["newline", "space", "order", "escape"])
def test_the_same_values_in_other_bytes_are_not_the_manifest(release: Made, change: str) -> None:
    path = release.folder / MANIFEST
    data = path.read_bytes()
    envelope = json.loads(data)
    other = {
        "newline": data + b"\n",
        "space": data.replace(b'":"', b'": "', 1),
        "order": json.dumps(dict(reversed(envelope.items())), separators=(",", ":")).encode(),
        "escape": data.replace(b'"payloadType"', b'"payload\\u0054ype"'),
    }[change]
    path.write_bytes(other)
    assert any("not in canonical form" in line for line in lines(release.verify(inputs=False)))


def test_names_that_leave_the_folder_are_never_opened(unsigned: Made, tmp_path: Path) -> None:
    release = unsigned.copy(tmp_path / "release")
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    statement = json.loads(open_envelope((release.folder / MANIFEST).read_bytes()).body())
    statement["subject"].append({"name": "../secret", "digest": {"sha256": "0" * 64}})
    statement["subject"].sort(key=lambda subject: subject["name"])
    (release.folder / MANIFEST).write_bytes(seal(canonical_bytes(statement), None))
    found = lines(verify(release.folder, None, None, silent))
    assert any("'../secret' is not the name of a file of a release" in line for line in found)
    assert any(line.startswith("../secret: is missing") for line in found)
