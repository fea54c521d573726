"""The formats of a release against their specifications: canonical rows, salts, tree, envelope, manifest."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.canon.canonical import canonical_bytes
from troth.errors import ReleaseError, VerificationError
from troth.proof.merkle import EMPTY_ROOT, root_of
from troth.release.envelope import (
    PAYLOAD_TYPE,
    open_envelope,
    pre_authentication_encoding,
    seal,
    signature_bytes,
)
from troth.release.keys import check_signature, key_id
from troth.release.manifest import read_statement
from troth.release.rows import RECORD_MEMBERS, ROW_MEMBERS, SHARD_SCHEMA, canonical_rows
from troth.release.salts import row_salts, salt_key, secret_of_seed
from troth.release.tree import leaf, leaves
from troth.types.moment import FIRST, LAST, format_moment
from troth.types.record import RECORD_SCHEMA

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENT = st.one_of(
    st.integers(FIRST, LAST), st.integers(FIRST // 10**6, LAST // 10**6).map(lambda second: second * 10**6)
)


def values(field: pa.Field) -> st.SearchStrategy[Any]:
    if pa.types.is_timestamp(field.type):
        found: st.SearchStrategy[Any] = MOMENT
    elif pa.types.is_integer(field.type):
        found = st.integers(-(2**53) + 1, 2**53 - 1)
    else:
        found = st.binary(max_size=4) if pa.types.is_binary(field.type) else TEXT
    return st.one_of(st.none(), found) if field.nullable else found


def as_json(row: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    """The canonical object of a row, written down as the specification says it."""
    return {
        name: format_moment(row[name])
        if name in ("at", "keep_until") and row[name] is not None
        else row[name]
        for name in members
    }


@settings(deadline=None)
@given(
    st.lists(st.fixed_dictionaries({f.name: values(f) for f in SHARD_SCHEMA}), max_size=8),
    st.booleans(),
)
def test_canonical_rows_are_rfc_8785(rows: list[dict[str, Any]], repeat: bool) -> None:
    rows = rows * 3 if repeat else rows
    expected = [canonical_bytes(as_json(row, ROW_MEMBERS)) for row in rows]
    table = pa.Table.from_pylist(rows, SHARD_SCHEMA)
    assert canonical_rows(table) == expected
    assert [data for batch in table.to_batches() for data in canonical_rows(batch)] == expected


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({f.name: values(f) for f in RECORD_SCHEMA}), max_size=4))
def test_canonical_records_are_rfc_8785(rows: list[dict[str, Any]]) -> None:
    expected = [canonical_bytes(as_json(row, RECORD_MEMBERS)) for row in rows]
    assert canonical_rows(pa.Table.from_pylist(rows, RECORD_SCHEMA), RECORD_MEMBERS) == expected


def test_rows_without_any_difference() -> None:
    row = dict.fromkeys(SHARD_SCHEMA.names) | {"record": "r", "position": None}
    schema = pa.schema([field.with_nullable(True) for field in SHARD_SCHEMA])
    assert (
        canonical_rows(pa.Table.from_pylist([row, row], schema))
        == [canonical_bytes(as_json(row, ROW_MEMBERS))] * 2
    )


def test_a_number_that_rfc_8785_cannot_write_is_an_error() -> None:
    row = dict.fromkeys(SHARD_SCHEMA.names) | {"position": 2**53}
    with pytest.raises(OverflowError):
        canonical_rows(pa.Table.from_pylist([row], SHARD_SCHEMA))


@given(st.lists(TEXT, max_size=5), st.binary(min_size=1, max_size=40))
def test_salts_are_hkdf(records: list[str], secret: bytes) -> None:
    digest = hashlib.sha256(b"inputs").hexdigest()
    expected = [
        HKDF(SHA256(), 32, bytes.fromhex(digest), b"troth:row-salt:1\0" + record.encode()).derive(secret)
        for record in records
    ]
    assert row_salts(salt_key(secret, f"sha256:{digest}"), records) == expected


def test_seeds_do_not_share_a_secret() -> None:
    assert len({secret_of_seed(seed) for seed in range(100)}) == 100


def merkle(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word, over leaf hashes."""
    if len(entries) == 1:
        return entries[0]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\1" + merkle(entries[:k]) + merkle(entries[k:])).digest()


@pytest.mark.parametrize("size", [*range(1, 40), 255, 256, 257])
def test_roots_are_those_of_rfc_6962(size: int) -> None:
    hashes = [hashlib.sha256(b"%d" % n).digest() for n in range(size)]
    assert root_of(hashes) == merkle(hashes)


def test_the_published_roots_of_certificate_transparency() -> None:
    """The test vectors that RFC 6962 implementations share; an empty salt gives its leaf hash."""
    entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    hashes = leaves([b""] * 8, [bytes.fromhex(entry) for entry in entries])
    assert root_of(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(hashes[:7]).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    assert root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert root_of([]) == EMPTY_ROOT
    assert leaf(b"salt", b"row") == hashlib.sha256(b"\0saltrow").digest()


def test_a_salt_too_few_is_an_error() -> None:
    with pytest.raises(ValueError, match="longer"):
        leaves([b"s"], [b"a", b"b"])


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_an_envelope_is_signed_and_opens() -> None:
    data = seal(b'{"a":1}', KEY)
    envelope = open_envelope(data)
    assert canonical_bytes(json.loads(data)) == data
    assert envelope.body() == b'{"a":1}'
    (signature,) = envelope.signatures
    assert signature.keyid == key_id(KEY.public_key())
    signed = pre_authentication_encoding(PAYLOAD_TYPE, envelope.body())
    check_signature(KEY.public_key(), signature_bytes(signature), signed)
    with pytest.raises(VerificationError, match="not made with the key"):
        check_signature(KEY.public_key(), signature_bytes(signature), signed + b" ")
    assert open_envelope(seal(b"{}", None)).signatures == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e | {"more": 1},
        lambda e: e | {"payloadType": "text/plain"},
        lambda e: {k: v for k, v in e.items() if k != "signatures"},
        lambda e: e | {"signatures": [{"keyid": "x"}]},
    ],
)
def test_what_is_no_envelope_is_refused(change: Any) -> None:
    with pytest.raises(ReleaseError):
        open_envelope(json.dumps(change(json.loads(seal(b"{}", KEY)))).encode())


def test_what_is_not_base64_is_refused() -> None:
    envelope = open_envelope(json.dumps(json.loads(seal(b"{}", None)) | {"payload": "n/o!"}).encode())
    with pytest.raises(ReleaseError, match="not base64"):
        envelope.body()
    with pytest.raises(ReleaseError):
        open_envelope(b"\xff\xfe")


def test_pae_counts_bytes() -> None:
    assert pre_authentication_encoding("é", "日".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe6\x97\xa5"


@pytest.mark.parametrize("payload", [b"", b"{}", b"[1]", b'{"_type":"https://in-toto.io/Statement/v1"}'])
def test_what_is_no_statement_is_refused(payload: bytes) -> None:
    with pytest.raises(ReleaseError):
        read_statement(payload)


def test_the_manifest_of_an_older_version_is_refused_in_one_line() -> None:
    """Releases made before filters told what they put are of another format, which has another name."""
    older = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:troth:release:1", "subject": [],
             "predicate": {"filter": {"required": False}}}  # fmt: skip
    with pytest.raises(ReleaseError) as caught:
        read_statement(json.dumps(older).encode())
    assert str(caught.value) == (
        "the manifest is a 'urn:troth:release:1', and not a 'urn:troth:release:2'"
        " — use the version of troth that made it, or build the release again with this one"
    )


def test_moments_are_those_of_the_project() -> None:
    moments = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)]
    row = dict.fromkeys(SHARD_SCHEMA.names) | {"position": 0, "at": moments[0], "keep_until": moments[1]}
    (data,) = canonical_rows(pa.Table.from_pylist([row], SHARD_SCHEMA))
    assert b'"at":"0001-01-01T00:00:00Z"' in data
    assert b'"keep_until":"9999-12-31T23:59:59.999999Z"' in data
    assert moments[1] - moments[0] < timedelta(days=3_652_060)


def test_base64_is_the_usual_one() -> None:
    assert msgspec.json.decode(seal(b"\xfb\xff", None))["payload"] == base64.b64encode(b"\xfb\xff").decode()
