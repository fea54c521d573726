"""The page about kept findings says what the code does, and the file gives back what was put in it, or refuses."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from troth.errors import ReleaseError
from troth.release.findings import (
    PLAIN_SCHEMA,
    SEALED_SCHEMA,
    FindingsFile,
    Head,
    Wanted,
    schema_of,
    seal_findings,
)
from troth.types.edit import Edit, edited

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "findings.md").read_text(encoding="utf-8")
INPUTS = "sha256:" + "5" * 64
HEAD = Head(digest="sha256:" + "1" * 64, inputs=INPUTS, manners={"*": "tag"}, name="troth-detect/1")
EDITS = (
    Edit(4, 11, "PERSON", 0.9, "names", "[PERSON_1]"),
    Edit(13, 26, "EMAIL", 0.99, "email/form", "[EMAIL_1]"),
)


def plain(path: Path, **changed: object) -> Path:
    rows = [("r1", "c1", e.start, e.end, e.kind, e.confidence, e.why, e.put) for e in EDITS]
    columns = [list(column) for column in zip(*rows, strict=True)]
    for name, values in changed.items():
        columns[PLAIN_SCHEMA.names.index(name)] = values  # type: ignore[assignment]
    table = pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, PLAIN_SCHEMA, strict=True)],
        schema=schema_of(HEAD, sealed=False),
    )
    pq.write_table(table, path)
    return path


def sealed(path: Path, key: bytes) -> Path:
    cell = seal_findings({"r1": EDITS}, key, INPUTS)
    pq.write_table(pa.table([[7], [cell]], schema=schema_of(HEAD, sealed=True)), path)
    return path


def test_the_example_of_the_page() -> None:
    found = re.search(r"<!-- example: edits -->\n```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert found is not None
    shown = json.loads(found[1])
    edits = [Edit(row["start"], row["end"], row["kind"], 1.0, "", row["put"]) for row in shown["rows"]]
    assert edited(shown["said"], edits) == shown["released"]


def test_the_page_names_every_column() -> None:
    for name in (*PLAIN_SCHEMA.names, *SEALED_SCHEMA.names):
        assert f"`{name}`" in PAGE, name
    for name in ("findings/1", "sealed-findings/1", *Head.__struct_fields__):
        assert f"`{name}`" in PAGE, name


def test_plain_findings_come_back(tmp_path: Path) -> None:
    file = FindingsFile(plain(tmp_path / "f"))
    assert file.head == HEAD
    assert not file.sealed
    assert file.of(Wanted({"r1", "r2"})) == {"r1": EDITS}
    assert file.of(Wanted({"r2"})) == {}
    assert list(file.records(lambda _: {})) == [{"r1"}]


def test_sealed_findings_come_back_with_the_key_alone(tmp_path: Path) -> None:
    key = bytes(range(32))
    file = FindingsFile(sealed(tmp_path / "f", key))
    assert file.of(Wanted({"r1"}, {7: key})) == {"r1": EDITS}
    assert file.of(Wanted({"r1"}, {})) == {}
    assert list(file.records(lambda slots: dict.fromkeys(slots, key))) == [{"r1"}]
    assert b"EMAIL" not in (tmp_path / "f").read_bytes()
    with pytest.raises(ReleaseError, match="cannot be read"):
        file.of(Wanted({"r1"}, {7: bytes(32)}))


def test_the_same_findings_are_the_same_bytes(tmp_path: Path) -> None:
    key = bytes(32)
    assert sealed(tmp_path / "a", key).read_bytes() == sealed(tmp_path / "b", key).read_bytes()


def test_what_is_no_file_of_findings_is_refused(tmp_path: Path) -> None:
    for name, data in (("empty", b""), ("text", b"PAR1 not"), ("json", b"{}")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReleaseError, match="no file of findings"):
            FindingsFile(tmp_path / name)
    with pytest.raises(ReleaseError, match="no file of findings"):
        FindingsFile(tmp_path / "missing")
    pq.write_table(pa.table({"record": ["r"]}), tmp_path / "other")
    with pytest.raises(ReleaseError, match="no file of findings"):
        FindingsFile(tmp_path / "other")
    pq.write_table(
        pa.table({"record": ["r"]}).replace_schema_metadata(schema_of(HEAD, sealed=False).metadata),
        tmp_path / "more",
    )
    with pytest.raises(ReleaseError, match="columns are others"):
        FindingsFile(tmp_path / "more")


@pytest.mark.parametrize(
    "changed", [{"start": [4, 2]}, {"end": [11, 99]}, {"start": [9, 13], "end": [9, 26]}, {"start": [-1, 13]}]
)
def test_findings_that_do_not_fit_a_text_are_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    file = FindingsFile(plain(tmp_path / "f", **changed))
    edits = file.of(Wanted({"r1"}))["r1"]
    with pytest.raises(ReleaseError, match="not the findings of these records"):
        file.applied("I'm Ann Lee, ann@corp.test.", edits)


def test_the_keys_are_those_of_the_page() -> None:
    from troth.build.shard_keys import Secrets

    class Inputs:
        seed, sealing = 7, None

    digest = hmac.digest(
        hmac.digest(b"troth:unsigned:1\x007", b"troth:replace:1\x007", "sha256"), "ç".encode(), hashlib.sha256
    )
    assert Secrets(Inputs(), None, INPUTS).draw_key("ç".encode()) == digest  # type: ignore[arg-type]
