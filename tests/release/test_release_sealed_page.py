"""The worked example of docs/formats/sealed-shards.md, worked out: once with troth, once without."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.proof.merkle import root_of
from troth.release.rows import SHARD_SCHEMA
from troth.release.salts import row_salts, salt_key, secret_of_seed
from troth.release.sealed_rows import (
    HIDDEN_COLUMNS,
    SEALED_MEMBERS,
    SEALED_SCHEMA,
    canonical_sealed_rows,
    hidden_bytes,
    key_mark,
    open_rows,
    release_key,
    seal_rows,
)
from troth.release.tree import leaves
from troth.types.moment import parse_moment
from troth.vault.sealing import context

FORMATS = Path(__file__).parents[2] / "docs" / "formats"
PAGE = (FORMATS / "sealed-shards.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    found = re.search(r"<!-- example: sealed -->\n```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def plain_rows(shown: dict[str, Any]) -> pa.Table:
    rows = []
    for one in shown["rows"]:
        hidden = {**one["hidden"], "bytes": one["hidden"]["bytes"] and bytes.fromhex(one["hidden"]["bytes"])}
        row = {name: value for name, value in one["row"].items() if name not in ("slot", "sealed")}
        for name in ("at", "keep_until"):
            row[name] = parse_moment(row[name])
        rows.append(row | hidden | {"salt": bytes.fromhex(one["salt"])})
    return pa.Table.from_pylist(rows, SHARD_SCHEMA)


def test_the_keys(shown: dict[str, Any]) -> None:
    keys = shown["keys"]
    key, digest = bytes.fromhex(keys["key of the slot"]), bytes.fromhex(keys["inputs_digest"][7:])
    derived = hmac.digest(key, b"troth:release:1" + digest, "sha256")
    assert derived.hex() == keys["key in the release"] == release_key(key, keys["inputs_digest"]).hex()
    assert hmac.digest(derived, b"troth:commit:1", "sha256")[:16].hex() == keys["key mark"]
    assert hmac.digest(derived, b"troth:seal:1", "sha256").hex() == keys["sealing key"]


def test_each_cell_opens_without_troth(shown: dict[str, Any]) -> None:
    keys = shown["keys"]
    for one in shown["rows"]:
        cell = bytes.fromhex(one["sealed"])
        assert cell[:17].hex() == "01" + keys["key mark"]
        bound = b"troth:shard:1" + b"".join(
            len(part.encode()).to_bytes(4, "big") + part.encode()
            for part in (keys["inputs_digest"], one["row"]["record"])
        )
        assert (
            bound.hex()
            == one["context"]
            == context("shard", keys["inputs_digest"], one["row"]["record"]).hex()
        )
        padded = AESGCM(bytes.fromhex(keys["sealing key"])).decrypt(cell[17:29], cell[29:], bound)
        assert padded.rstrip(b"\0") == bytes.fromhex(one["plaintext"]) + b"\x80"
        values = msgspec.msgpack.decode(bytes.fromhex(one["plaintext"]))
        told = dict(zip(HIDDEN_COLUMNS, values, strict=True))
        assert {**told, "bytes": told["bytes"] and told["bytes"].hex()} == one["hidden"]
        assert one["row"]["sealed"] == "sha256:" + hashlib.sha256(cell).hexdigest()


def test_the_cells_the_rows_and_the_root(shown: dict[str, Any]) -> None:
    keys, rows = shown["keys"], plain_rows(shown)
    assert [one.hex() for one in hidden_bytes(rows)] == [one["plaintext"] for one in shown["rows"]]
    derived = {keys["slot"]: bytes.fromhex(keys["key in the release"])}
    sealed = seal_rows(rows, [keys["slot"]] * 2, derived, keys["inputs_digest"])
    assert [cell.hex() for cell in sealed["sealed"].to_pylist()] == [one["sealed"] for one in shown["rows"]]
    contents = canonical_sealed_rows(sealed)
    assert contents == [rfc8785.dumps(one["row"]) for one in shown["rows"]]
    salts = row_salts(salt_key(secret_of_seed(7), keys["inputs_digest"]), ["c-1/0", "c-1/1"])
    assert [salt.hex() for salt in salts] == [one["salt"] for one in shown["rows"]]
    hashes = leaves(salts, contents)
    assert [one.hex() for one in hashes] == [one["leaf"] for one in shown["rows"]]
    assert root_of(hashes).hex() == shown["root"]
    salted = sealed.append_column("salt", rows["salt"]).select(SEALED_SCHEMA.names).cast(SEALED_SCHEMA)
    (batch,) = salted.combine_chunks().to_batches()
    assert open_rows(batch, derived, keys["inputs_digest"]).rows.to_pylist() == rows.to_pylist()
    assert {key_mark(cell).hex() for cell in batch.column("sealed").to_pylist()} == {keys["key mark"]}


def test_one_changed_bit_of_a_cell_is_refused_wherever_it_is(shown: dict[str, Any]) -> None:
    keys = shown["keys"]
    derived = {keys["slot"]: bytes.fromhex(keys["key in the release"])}
    sealed = seal_rows(plain_rows(shown), [keys["slot"]] * 2, derived, keys["inputs_digest"])
    whole = sealed.append_column("salt", pa.array([b"", b""])).cast(SEALED_SCHEMA)
    (batch,) = whole.combine_chunks().to_batches()
    cell = batch.column("sealed")[0].as_py()
    for bit in range(0, len(cell) * 8, 3):
        changed = bytearray(cell)
        changed[bit // 8] ^= 1 << bit % 8
        rows = batch.set_column(
            batch.schema.get_field_index("sealed"),
            SEALED_SCHEMA.field("sealed"),
            pa.array([bytes(changed), batch.column("sealed")[1].as_py()], pa.binary()),
        )
        found = open_rows(rows, derived, keys["inputs_digest"])
        assert [refused.row for refused in found.refused] == [0]
        assert found.places == (1,)  # the rest is unharmed


def test_the_page_names_every_column_and_member() -> None:
    for name in (*SEALED_SCHEMA.names, *HIDDEN_COLUMNS):
        assert f"`{name}`" in PAGE, name
    assert set(SEALED_MEMBERS) == set(SEALED_SCHEMA.names) - {"salt"}
