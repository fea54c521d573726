"""The worked examples of docs/formats/segments.md, worked out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st
from segment_worlds import batch, safe, said

from troth.types.record import DECIDING_COLUMNS
from troth.vault.mac import Mac
from troth.vault.sealing import KINDS, context, open_sealed, padded, seal
from troth.vault.segments.index import TABLES, Index
from troth.vault.segments.schema import SEALED_COLUMNS, contents, contexts, read_content

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "segments.md").read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```{language}\n(.*?)\n```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(block(name, "json"))
    return found


def by_hand() -> Any:
    room: dict[str, Any] = {}
    exec(block("by hand", "python"), room)  # noqa: S102 -- the page shows it to be run
    return room["sealed"]


def test_the_sealed_record() -> None:
    shown = example("record")
    key, where, plaintext, sealed = (
        bytes.fromhex(shown[name]) for name in ("key", "context", "plaintext", "sealed")
    )
    rows = batch([shown["record"]])
    assert contexts(rows) == [where]
    assert list(contents(rows)) == [plaintext]
    assert seal(key, where, plaintext) == by_hand()(key, where, plaintext) == sealed
    told = dict(zip(SEALED_COLUMNS, read_content(open_sealed(key, where, sealed)), strict=True))
    assert {name: value for name, value in told.items() if value is not None} == {
        name: value for name, value in shown["record"].items() if name not in DECIDING_COLUMNS
    }


def test_nothing_sealed() -> None:
    shown = example("nothing")
    key, where, sealed = (bytes.fromhex(shown[name]) for name in ("key", "context", "sealed"))
    assert where == context("event", "choice", "c-7")
    assert seal(key, where, b"") == sealed
    assert len(sealed) == 1 + 16 + 12 + 64 + 16


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 9_000))
def test_by_hand_it_is_the_same(key: bytes, where: bytes, size: int) -> None:
    plaintext = bytes(size % 251 for size in range(size))
    assert by_hand()(key, where, plaintext) == seal(key, where, plaintext)


def test_the_words_of_the_page_are_those_of_the_code(tmp_path: Path) -> None:
    order = "`, `".join(SEALED_COLUMNS)
    assert f"`{order}`" in PAGE.replace("\n", " ")
    assert "`, `".join(DECIDING_COLUMNS) in PAGE
    assert f"The kinds are `{'`, `'.join(KINDS[:-1])}` and `{KINDS[-1]}`" in PAGE
    assert {padded(size) for size in range(4096)} == {64, 128, 256, 512, 1024, 2048, 4096}
    tables = re.findall(r"CREATE TABLE (\w+)", " ".join(TABLES))
    assert all(f"| `{table}` |" in PAGE for table in tables)


def test_the_mark_in_the_index_is_that_of_the_page(tmp_path: Path) -> None:
    with safe(tmp_path / "vault") as ours:
        ours.vault.add([batch([said("talk", 0)])])
        (key,) = ours.keyring.keys([0])
        assert key is not None
        mark = Mac(key).digest(b"record\x00talk/0")[:16]
        assert list(Index(ours.folder).find([mark])) == [mark]
        (segment,) = ours.files()
        assert pq.read_schema(segment).metadata[b"troth.format"] == b"segment/1"
