"""The worked examples of docs/formats/manifest.md and shards.md, worked out."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.proof.merkle import root_of
from troth.release.envelope import (
    open_envelope,
    pre_authentication_encoding,
    seal,
    signature_bytes,
)
from troth.release.keys import check_signature, key_id, secret_of_key
from troth.release.manifest import read_statement, statement_bytes
from troth.release.rows import EXCLUDED_SCHEMA, ROW_MEMBERS, SHARD_SCHEMA, canonical_rows
from troth.release.salts import row_salts, salt_key
from troth.release.stages import STAGE_REASONS, STAGES
from troth.release.tree import leaves
from troth.types.moment import parse_moment

DOCS = Path(__file__).parents[2] / "docs" / "formats"
SHARDS = (DOCS / "shards.md").read_text(encoding="utf-8")
MANIFEST = (DOCS / "manifest.md").read_text(encoding="utf-8")


def example(page: str, name: str) -> Any:
    found = re.search(rf"<!-- example: {name} -->\n```json\n(.*?)\n```", page, re.DOTALL)
    assert found, name
    return json.loads(found[1])


def as_table(rows: list[dict[str, Any]]) -> pa.Table:
    typed = [
        {
            name: parse_moment(value) if value and name in ("at", "keep_until") else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return pa.Table.from_pylist(typed, SHARD_SCHEMA)


def test_the_row() -> None:
    shown = example(SHARDS, "row")
    assert canonical_rows(as_table([shown["row"]])) == [shown["canonical"].encode()]
    assert list(json.loads(shown["canonical"])) == list(ROW_MEMBERS)


def test_the_tree_and_its_salts() -> None:
    shown, inputs, key = example(SHARDS, "tree"), example(MANIFEST, "inputs"), example(MANIFEST, "key")
    rows = [one["row"] for one in shown["rows"]]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["private"]))
    salts = row_salts(
        salt_key(secret_of_key(private), inputs["inputs_digest"]), [row["record"] for row in rows]
    )
    assert [salt.hex() for salt in salts] == [one["salt"] for one in shown["rows"]]
    hashes = leaves(salts, canonical_rows(as_table(rows)))
    assert [one.hex() for one in hashes] == [one["leaf"] for one in shown["rows"]]
    assert (
        root_of(hashes).hex()
        == shown["root"]
        == example(MANIFEST, "statement")["predicate"]["shards"][0]["root"]
    )


def test_the_set_of_records() -> None:
    shown = example(SHARDS, "records")
    digests = sorted(hashlib.sha256(rfc8785.dumps(record)).digest() for record in shown["records"])
    assert [one.hex() for one in digests] == shown["digests"]
    assert shown["digest"] == "sha256:" + hashlib.sha256(b"".join(digests)).hexdigest()
    assert example(MANIFEST, "inputs")["inputs"]["records"] == shown["digest"]


def test_the_inputs() -> None:
    shown = example(MANIFEST, "inputs")
    digest = "sha256:" + hashlib.sha256(rfc8785.dumps(shown["inputs"])).hexdigest()
    assert shown["inputs_digest"] == digest == example(MANIFEST, "statement")["predicate"]["inputs_digest"]


def test_the_statement_and_its_envelope() -> None:
    shown, envelope, key = (example(MANIFEST, name) for name in ("statement", "manifest", "key"))
    payload = rfc8785.dumps(shown)
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["private"]))
    assert key_id(private.public_key()) == key["keyid"]
    assert seal(payload, private) == rfc8785.dumps(envelope)
    opened = open_envelope(rfc8785.dumps(envelope))
    assert opened.body() == payload
    signed = pre_authentication_encoding(opened.payload_type, payload)
    check_signature(private.public_key(), signature_bytes(opened.signatures[0]), signed)
    read = read_statement(payload)
    files = {subject.name: subject.digest["sha256"] for subject in read.subject}
    assert statement_bytes(read.predicate, files) == payload


def test_the_counts_of_the_example_add_up() -> None:
    counts = example(MANIFEST, "statement")["predicate"]["counts"]
    assert counts["input"] == counts["released"] + sum(one["records"] for one in counts["excluded"])


def test_the_pages_name_every_column_stage_and_reason() -> None:
    for name in (*SHARD_SCHEMA.names, *EXCLUDED_SCHEMA.names, *STAGES):
        assert f"`{name}`" in SHARDS, name
    assert all(f"`{reason}`" in SHARDS for reasons in STAGE_REASONS.values() for reason in reasons)
    for member in example(MANIFEST, "statement")["predicate"]:
        assert f"`{member}`" in MANIFEST, member
